/**
 * Owns the ways to reach a user: e-mail addresses with their normal form and the proof that one is the user's, and
 * the rows of phone numbers, which `phone` proves. A verified e-mail address is also an identifier to sign in with, and
 * so is a login name, which an administrator gives.
 */

export {
  type Contact,
  findContactByAddress,
  findPrimaryEmail,
  holdContacts,
  insertEmail,
  listContacts,
  markVerified,
  releaseUnverified,
  replacePrimaryEmail,
} from './contact-store.ts';
export { type Contacts, createContacts } from './contacts.ts';
export { type EmailRefusal, isEmailAddress, normalEmail, refusedEmail } from './email-address.ts';
export { isLoginName } from './login-name.ts';
export { findLoginName, findUserByIdentifier, insertLoginName } from './login-name-store.ts';
export { contactMigrations } from './migrations.ts';
export { deletePhone, findPhone, findPhoneOwner, replacePhone } from './phone-store.ts';
