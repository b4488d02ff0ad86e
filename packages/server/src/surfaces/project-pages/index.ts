/**
 * Owns the hosted pages of Flux's projects, `/p/{project_id}/*` (`docs/flux-hosted-pages.md`): in by an allow-listed address
 * and a PKCE challenge, out by a one-time code. They look like the project's own, offer exactly the ways in that are on, and
 * hold no session: its token is handed out for the code alone. Decides nothing that core decides.
 */
export { projectPagesSurface } from './surface.ts';
