import { createAdmission, type MiddlewareOptions, type SessionVerifier } from './admission.ts';

/** The parts of Fastify 4 and 5 that are used, so that it is not imported. */
interface FastifyLike {
  decorateRequest(name: string, value: null): unknown;
  addHook(name: 'onRequest', hook: (request: RequestLike, reply: ReplyLike) => Promise<unknown>): unknown;
}

interface RequestLike {
  headers: { authorization?: string | undefined; cookie?: string | undefined };
}

interface ReplyLike {
  header(name: string, value: string): unknown;
  code(status: number): { send(body: unknown): unknown };
}

/**
 * `app.register(fluxFastify(flux))`: every route of this scope has `request.user` and `request.session`, and answers bring
 * the renewed token back.
 */
export function fluxFastify(flux: SessionVerifier, options: MiddlewareOptions = {}) {
  const admit = createAdmission(flux, options);

  // Whatever instance the app has: its own types say more than ours could.
  async function plugin(given: unknown): Promise<void> {
    const app = given as FastifyLike;
    app.decorateRequest('user', null);
    app.decorateRequest('session', null);
    app.addHook('onRequest', async (request, reply) => {
      const { authorization, cookie } = request.headers;
      const admission = await admit({ authorization, cookie });
      for (const [name, value] of admission.headers) reply.header(name, value);
      if (!admission.goesOn) return reply.code(admission.status).send(admission.body);
      Object.assign(request, admission.signed ?? { user: null, session: null });
      return undefined;
    });
  }

  // What Fastify looks for in a plugin that is to hold for the scope that registers it, not for one of its own.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true as const });
}

export type { MiddlewareOptions, SessionVerifier, Signed } from './admission.ts';
