/**
 * Owns the admin API, `/admin/v1/*`: what the console speaks. Opened only by a session of the hosted pages whose
 * user holds the row each route declares; every write needs a fresh proof (sudo). Errors are RFC 9457 problems.
 */

export type { UserDossier } from './present.ts';
export { type AdminDependencies, adminSurface } from './surface.ts';
