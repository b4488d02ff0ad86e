import { createAdmission, type MiddlewareOptions, type SessionVerifier, type Signed } from './admission.ts';

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
    // An upgraded connection (101) has no headers left to add to.
    if (admission.headers.length === 0 || answer.status === 101) return answer;
    // A copy: the headers of what `fetch` and `Response.redirect` return cannot be changed.
    const copy = new Response(answer.body, answer);
    for (const [name, value] of admission.headers) copy.headers.append(name, value);
    return copy;
  };
}

export type { MiddlewareOptions, SessionVerifier, Signed } from './admission.ts';
