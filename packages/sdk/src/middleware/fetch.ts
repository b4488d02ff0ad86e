import { createAdmission, type MiddlewareOptions, type SessionVerifier, type Signed } from './admission.ts';
import { withHeaders } from './with-headers.ts';

/** With `required: false` both are null for who has not signed in. */
export type MaybeSigned = Signed | { user: null; session: null };

type Handler<Who, Rest extends unknown[]> = (
  request: Request,
  who: Who,
  ...rest: Rest
) => Response | Promise<Response>;
type Wrapped<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Promise<Response>;

/**
 * `export default { fetch: withFlux(flux, (request, { user }) => …) }`: a handler of Requests that is told who asks.
 * Whatever else the platform passes (`env`, `context`) follows.
 */
export function withFlux<Rest extends unknown[]>(
  flux: SessionVerifier,
  handler: Handler<MaybeSigned, Rest>,
  options: MiddlewareOptions & { required: false },
): Wrapped<Rest>;
export function withFlux<Rest extends unknown[]>(
  flux: SessionVerifier,
  handler: Handler<Signed, Rest>,
  options?: MiddlewareOptions & { required?: true },
): Wrapped<Rest>;
export function withFlux<Rest extends unknown[]>(
  flux: SessionVerifier,
  handler: Handler<Signed, Rest> | Handler<MaybeSigned, Rest>,
  options: MiddlewareOptions = {},
): Wrapped<Rest> {
  const admit = createAdmission(flux, options);
  const handle = handler as Handler<MaybeSigned, Rest>;

  return async (request, ...rest) => {
    const admission = await admit({
      authorization: request.headers.get('authorization'),
      cookie: request.headers.get('cookie'),
    });
    if (!admission.goesOn) {
      return Response.json(admission.body, { status: admission.status, headers: admission.headers });
    }
    const answer = await handle(request, admission.signed ?? { user: null, session: null }, ...rest);
    return withHeaders(answer, admission.headers);
  };
}

export type { MiddlewareOptions, SessionVerifier, Signed } from './admission.ts';
