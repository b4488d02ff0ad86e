/** Owns the page of a project's keys: making one, which is shown once, rotating and revoking. */

export { KeysPage } from './keys-page.tsx';
