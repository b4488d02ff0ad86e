/**
 * Owns the ways to reach a user (e-mail addresses; phone numbers come with their issue), their normal form, and
 * proving that an address is the user's. A verified contact is also an identifier to sign in with.
 */

export {
  type Contact,
  findContactByAddress,
  insertEmail,
  listContacts,
  markVerified,
} from './contact-store.ts';
export { type Contacts, createContacts } from './contacts.ts';
export { type EmailRefusal, isEmailAddress, normalEmail, refusedEmail } from './email-address.ts';
export { contactMigrations } from './migrations.ts';
