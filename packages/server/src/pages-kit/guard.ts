import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Origin } from '../core/origin.ts';
import { type Bucket, isCrossSite, type Traffic } from '../http/index.ts';
import { strings } from './strings.ts';

export interface FormGuard {
  traffic: Traffic;
  /** The site's own before all others. */
  allowedOrigins: ReadonlySet<string>;
  originOf(request: FastifyRequest): Origin;
  /** A page that says one thing. */
  tell(reply: FastifyReply, told: { title: string; text: string; status: number }): FastifyReply;
}

/** Forms from one address; the counters of core guard the guesses behind them. */
const FORMS: Bucket = { name: 'pages:forms', limit: 60, windowMs: 60_000 };
const BODY_LIMIT_BYTES = 64 * 1024;
/** How often the log tells of forms from elsewhere. */
const TOLD: Bucket = { name: 'pages:told', limit: 5, windowMs: 60_000 };
/** As much of what somebody calls their site as goes into the log. */
const MAX_ORIGIN = 200;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests that scripts send by themselves do not use up what an address may send by hand. */
    pages?: { bucket: Bucket };
  }
}

/** Every form is a POST; one sent from another site does nothing, and a flood of them is turned away. */
export async function takeForms(scope: FastifyInstance, guard: FormGuard): Promise<void> {
  // Forms and nothing else: each further type is one more spelling that a guard could forget.
  scope.removeAllContentTypeParsers();
  await scope.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  scope.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, guard }));
  scope.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return;
    if (isCrossSite(request, guard.allowedOrigins)) {
      const [own = ''] = guard.allowedOrigins;
      // Where the setting is wrong this is every form, and only the log can tell the operator why; any page of the web
      // can cause it, so that it is not told without end.
      if (guard.traffic.take(TOLD, own).allowed) {
        const from = request.headers.origin?.slice(0, MAX_ORIGIN) ?? null;
        request.log.warn(
          { from, own },
          'form refused: it comes from elsewhere than FLUXGATE_PUBLIC_URL says',
        );
      }
      return guard.tell(reply, { title: strings.problem, text: strings.crossSite(own), status: 403 });
    }
    const bucket = request.routeOptions.config.pages?.bucket ?? FORMS;
    const state = guard.traffic.take(bucket, guard.originOf(request).source);
    if (!state.allowed) {
      void reply.header('retry-after', Math.ceil(state.retryAfterMs / 1000));
      return guard.tell(reply, { title: strings.problem, text: strings.tooMany, status: 429 });
    }
    return;
  });
}

function answerFailure(
  error: unknown,
  { request, reply, guard }: { request: FastifyRequest; reply: FastifyReply; guard: FormGuard },
): FastifyReply {
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  const status = name === 'StorageError' || name === 'ProviderError' ? 503 : statusCode;
  if (status >= 500) request.log.error({ err: error }, 'page failed');
  if (status === 503) void reply.header('retry-after', '5');
  // Too long, or no form: trying again in a moment would not help.
  if (status < 500) return guard.tell(reply, { title: strings.problem, text: strings.unreadable, status });
  return guard.tell(reply, { title: strings.brokenTitle, text: strings.broken, status });
}
