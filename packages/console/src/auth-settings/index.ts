/**
 * Owns the page on which a project's ways to sign in, second factor, sessions, addresses and branding are set (Flux
 * contract FX-03, FX-160). Each section is saved on its own, sends only what was changed in it, and keeps what was typed
 * when it is refused.
 */

export { AuthSettingsPage } from './auth-settings-page.tsx';
