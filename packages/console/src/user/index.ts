/**
 * Owns the page of one user: who they are, their open sessions, suspension, and their part of the audit trail. Every
 * action here may be sensitive, so each goes through the second proof of `sudo`.
 */

export { UserPage } from './user-page.tsx';
