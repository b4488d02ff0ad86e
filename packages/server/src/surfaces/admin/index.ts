/**
 * Owns the admin API, `/admin/v1/*`: what the console speaks. Opened only by a session of the hosted pages whose
 * user holds the row each route declares, every write after a fresh proof (sudo), and by an API token that holds it. Errors are RFC 9457 problems.
 */

export type { UserDossier } from './present.ts';
export type { ProjectUserDossier } from './project-present.ts';
export { adminSurface } from './surface.ts';
