import { createAdmission, type MiddlewareOptions, type SessionVerifier } from './admission.ts';
import { withHeaders } from './with-headers.ts';

/** The parts of Hono 4's context that are used; spelt as methods, so that an app's own variables and statuses fit. */
interface ContextLike {
  req: { header(name: string): string | undefined };
  set(key: string, value: unknown): void;
  header(name: string, value: string, options?: { append?: boolean }): void;
  json(body: object, status: number): Response;
  get res(): Response;
  set res(answer: Response | undefined);
}

/** `app.use(fluxHono(flux))`: what comes after has `c.get('user')` and `c.get('session')`; answers bring the renewed token back. */
export function fluxHono(flux: SessionVerifier, options: MiddlewareOptions = {}) {
  const admit = createAdmission(flux, options);

  // biome-ignore lint/suspicious/noConfusingVoidType: Hono's own word for a middleware that answers nothing.
  return async (context: ContextLike, next: () => Promise<void>): Promise<Response | void> => {
    const admission = await admit({
      authorization: context.req.header('authorization'),
      cookie: context.req.header('cookie'),
    });
    if (!admission.goesOn) {
      for (const [name, value] of admission.headers) {
        context.header(name, value, { append: name === 'set-cookie' });
      }
      return context.json(admission.body, admission.status);
    }
    context.set('user', admission.signed?.user ?? null);
    context.set('session', admission.signed?.session ?? null);
    await next();
    // On the answer there is in the end: `context.header` before it says nothing to a handler that returns a Response of its own.
    const answer = withHeaders(context.res, admission.headers);
    if (answer === context.res) return;
    // Hono would put the headers of the answer there is over those of the new one.
    context.res = undefined;
    context.res = answer;
  };
}

export type { MiddlewareOptions, SessionVerifier, Signed } from './admission.ts';
