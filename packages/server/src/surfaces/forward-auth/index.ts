/**
 * Owns `/auth/verify`, the question that a reverse proxy asks before it lets a request through to a service of the
 * operator's: whose is it, and may they. It takes the credentials of every surface and makes none; each is read by
 * what its own surface hands in. Decides nothing about who may sign in, and believes nothing that a header says of
 * what is asked for.
 */
export { forwardAuthSurface } from './surface.ts';
