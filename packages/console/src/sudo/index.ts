/**
 * Owns the second proof that sensitive calls ask for: when the API answers `sudo_required`, the administrator is
 * asked once for the password or a second factor and the refused call is made again. Which calls are sensitive is the server's decision; callers only
 * route what might be through `useSudo`.
 */

export { SudoProvider } from './sudo-provider.tsx';
export { shownError, useConfirmedAction } from './use-confirmed-action.ts';
