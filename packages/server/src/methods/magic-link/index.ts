/**
 * Owns judging the answer to a mailed link: the secret of the link or the typed code, in the hands of whoever has the
 * attempt they belong to. Does not own the attempt, its mail, or whom a mailbox belongs to (`core/magic-link`).
 */
export { createMagicLinkMethod } from './magic-link-method.ts';
