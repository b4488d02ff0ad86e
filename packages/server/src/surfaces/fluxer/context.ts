import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../chance.ts';
import type { Captcha, CaptchaAction } from '../../core/abuse/index.ts';
import { AuthError } from '../../core/errors.ts';
import type { Origin } from '../../core/origin.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { MethodId } from '../../core/sign-in/index.ts';
import {
  type Bucket,
  type CookieJar,
  isCrossSite,
  originOf,
  type Traffic,
  type TrustedProxies,
} from '../../http/index.ts';
import { OVERALL } from './buckets.ts';
import { answers, FluxerError, sendAnswer } from './errors.ts';

/** What the surface knows of a request before its route runs. */
export interface FluxerContext {
  origin: Origin;
  arrivedAt: number;
  /** Null for everybody who sent no good session credential; that alone is no error (contract 6.1). */
  identity: { session: LiveSession; token: string; via: 'header' | 'cookie' } | null;
  /** The proof that the route's sudo rule has judged in this very request. */
  given: { method: MethodId; proof: unknown } | null;
}

/** What a route declares of itself. */
export interface RouteRules {
  bucket: Bucket;
  /** `session`: 401 without one. */
  needs: 'nothing' | 'session';
  /**
   * A sensitive route (contract 2.6): nothing happens without a fresh proof. `grants`: a proof given with the
   * request opens the window for the next ones too; `asks`: it counts for this request alone; `inside`: only some
   * changes of this route are sensitive, and its handler asks for them. `never`: looked at, and harmless. A route
   * that changes something of a session's user and declares none stops the start.
   */
  sudo?: 'grants' | 'asks' | 'inside' | 'never';
  /** Open to an account under suspicion too, for it is a way out (contract 5.5). */
  suspected?: 'allowed';
  /** Sets or clears the session cookie, which another site's page must not be able to cause (login CSRF). */
  setsCookie?: true;
  /** A CAPTCHA stands in front of it while the operator has chosen one that these clients can solve. */
  captcha?: CaptchaAction;
}

declare module 'fastify' {
  interface FastifyRequest {
    fluxer: FluxerContext | null;
  }
  interface FastifyContextConfig {
    fluxer?: RouteRules;
  }
}

/** J01, D08: nobody adds a route that changes something without having thought of sudo. */
export function assertSudoDeclared(
  route: { method: string | string[]; url: string },
  rules?: RouteRules,
): void {
  const changes = [route.method].flat().some((method) => !SAFE_METHODS.has(method));
  if (changes && rules?.needs === 'session' && rules.sudo === undefined)
    throw new Error(`${String(route.method)} ${route.url} declares no sudo rule.`);
}

interface Dependencies {
  sessions: Sessions;
  captcha: Captcha;
  clock: Clock;
  traffic: Traffic;
  proxies: TrustedProxies;
  cookie: CookieJar;
  allowedOrigins: ReadonlySet<string>;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Contract 0.6, in its order: who is it, is it a person, how often, may they. Runs before the body is read, so that a flood costs
 * no parsing, and what is nowhere is told so whatever came with the question.
 */
export function createAdmission(deps: Dependencies) {
  const { sessions, captcha, clock, traffic, proxies, cookie, allowedOrigins } = deps;

  async function identify(request: FastifyRequest): Promise<FluxerContext['identity']> {
    const header = request.headers.authorization;
    const token = header === undefined ? cookie.read(request) : sessionTokenOf(header);
    if (token === null) return null;
    const session = await sessions.find(token, 'fluxer');
    return session && { session, token, via: header === undefined ? 'cookie' : 'header' };
  }

  return async function admit(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> {
    const rules = request.routeOptions.config.fluxer;
    const origin = originOf(request, proxies);
    const identity = await identify(request);
    request.fluxer = { origin, arrivedAt: clock(), identity, given: null };
    // A preflight was answered before; no other OPTIONS request has anything here (contract 0.2).
    const isNowhere = request.is404 || request.method === 'OPTIONS';
    if (!rules && !isNowhere) return;
    if (rules?.captcha)
      await captcha.demand({ surface: 'fluxer', action: rules.captcha, ...answerIn(request) });
    const who = identity ? `user:${identity.session.userId}` : `ip:${origin.source}`;
    const overall = traffic.take(OVERALL, who);
    const own = overall.allowed && rules ? traffic.take(rules.bucket, who) : overall;
    void reply.headers(trafficHeaders(own, !overall.allowed, clock()));
    if (!own.allowed) {
      return sendAnswer(answers.rateLimited(Math.ceil(own.retryAfterMs) / 1000, !overall.allowed), reply);
    }
    if (!rules) return sendAnswer(answers.notFound, reply);
    const rides = identity?.via === 'cookie' || rules.setsCookie;
    if (rides && !SAFE_METHODS.has(request.method) && isCrossSite(request, allowedOrigins)) {
      throw new FluxerError(answers.crossSite);
    }
    if (rules.needs !== 'session') return;
    if (!identity) throw new AuthError('not-signed-in');
    const { suspicion } = identity.session;
    if (suspicion !== 0 && rules.suspected !== 'allowed')
      throw new AuthError('account-suspected', { suspicion });
    return;
  };
}

/** Contract 0.5: what the client's CAPTCHA gave it, and of which kind it was. */
function answerIn({ headers }: FastifyRequest): { token: string | null; type: string | null } {
  const one = (name: string) => [headers[name]].flat().join(', ') || null;
  return { token: one('x-captcha-token'), type: one('x-captcha-type') };
}

function trafficHeaders(
  state: { limit: number; remaining: number; resetsInMs: number },
  isGlobal: boolean,
  now: number,
): Record<string, string> {
  return {
    'x-ratelimit-limit': String(state.limit),
    'x-ratelimit-remaining': String(state.remaining),
    'x-ratelimit-reset': String(Math.ceil((now + state.resetsInMs) / 1000)),
    'x-ratelimit-global': String(isGlobal),
  };
}

/** Contract 6.1. `Bot` and `Admin` credentials, and texts with blanks of their own, are nobody's here. */
function sessionTokenOf(header: string): string | null {
  // Some clients send the header twice with the same value, and some proxies join such pairs.
  const [first = '', ...others] = header.split(', ');
  const value = others.every((other) => other === first) ? first : header;
  const token = value.startsWith('Bearer ') ? value.slice('Bearer '.length) : value;
  return token === '' || /\s/.test(token) ? null : token;
}

export function contextOf(request: FastifyRequest): FluxerContext {
  if (!request.fluxer) throw new Error('The admission hook has not run.');
  return request.fluxer;
}

/** The session of a route that needs one. */
export function identityOf(request: FastifyRequest): NonNullable<FluxerContext['identity']> {
  const { identity } = contextOf(request);
  if (!identity) throw new AuthError('not-signed-in');
  return identity;
}
