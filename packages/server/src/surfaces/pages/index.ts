/**
 * Owns the hosted pages: sign-up, sign-in, verify, reset, account, first set-up, and the dev mailbox. Rendered on
 * the server, plain forms first; the one script only moves a mail's token from the address bar into its form.
 * Decides nothing that core decides.
 */
export { notFoundPage, pagesSurface } from './surface.ts';
