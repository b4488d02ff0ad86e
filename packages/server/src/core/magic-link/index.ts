/**
 * Owns signing in by mail (Flux contract FX-18, FX-19): asking for it, the mail with its link and its code, the attempt
 * that both belong to, and what the proof of a mailbox makes of whoever had the address before. How an answer is judged
 * is the method's (`methods/magic-link`), and the session is the gate's.
 */
export {
  deleteExpiredMagicLinks,
  findMagicLink,
  type OpenMagicLink,
  returnTry,
  spendMagicLink,
  spendTry,
} from './magic-link-store.ts';
export { createMagicLinks, type MagicLinks } from './magic-links.ts';
export { createMailboxes, type Mailboxes } from './mailboxes.ts';
export { magicLinkMigrations } from './migrations.ts';
