/**
 * Owns the short codes that are mailed under a ticket and typed where they were asked for (contract 4.7 and 4.8):
 * made, hashed, sent anew after a wait, and judged within a budget of wrong ones. Does not know what a code opens,
 * nor who may hold the ticket.
 */

export { deleteOldCodes } from './mailed-code-store.ts';
export { type CodeVerdict, createMailedCodes, type MailedCodes, type SentCode } from './mailed-codes.ts';
export { mailedCodeMigrations } from './migrations.ts';
