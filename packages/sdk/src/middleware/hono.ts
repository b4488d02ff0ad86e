import { createAdmission, type MiddlewareOptions, type SessionVerifier } from './admission.ts';

/** The parts of Hono 4's context that are used. */
interface ContextLike {
  req: { header(name: string): string | undefined };
  // biome-ignore lint/suspicious/noExplicitAny: the app's own variables decide what fits.
  set(key: any, value: any): void;
  header(name: string, value: string, options?: { append?: boolean }): void;
  // biome-ignore lint/suspicious/noExplicitAny: the status is a union of numbers that only Hono's types spell.
  json(body: any, status: any): Response;
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
    for (const [name, value] of admission.headers) {
      context.header(name, value, { append: name === 'set-cookie' });
    }
    if (!admission.goesOn) return context.json(admission.body, admission.status);
    context.set('user', admission.signed?.user ?? null);
    context.set('session', admission.signed?.session ?? null);
    await next();
  };
}

export type { MiddlewareOptions, SessionVerifier, Signed } from './admission.ts';
