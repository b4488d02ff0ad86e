/**
 * Owns what a person does with a phone number: its one spelling and which numbers are taken, the codes sent to it
 * with their quotas and the request they belong to, adding it, taking it away, and switching SMS on as a second
 * factor. Does not own the rows of contacts (contact), how a code travels (delivery), or how one signs in (methods).
 */
export { phoneMigrations } from './migrations.ts';
export { deleteExpiredPhoneCodes } from './phone-code-store.ts';
export { createPhoneCodes, type PhoneCodes } from './phone-codes.ts';
export { createPhones, type Phones } from './phones.ts';
