import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import type { ProjectKeys, Projects } from '../../core/project/index.ts';
import { type Bucket, originOf, type Traffic, type TrustedProxies } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import { type FluxCaller, type FluxRules, SESSION_HEADER } from './rules.ts';
import type { SessionAnswers } from './session-answers.ts';

export interface GuardDependencies {
  publicUrl: string;
  projects: Projects;
  projectKeys: ProjectKeys;
  traffic: Traffic;
  proxies: TrustedProxies;
}

/** In lower case. */
export const PUBLISHABLE_KEY_HEADER = 'x-flux-publishable-key';
const BEARER = 'Bearer ';

/** Servers ask for each request of their own clients; this only keeps a runaway from taking the whole node. */
const SECRET: Bucket = { name: 'flux:secret', limit: 20_000, windowMs: 10_000 };
/** A publishable key is everybody's, so it is not what counts: an address is. */
const BROWSER: Bucket = { name: 'flux:browser', limit: 100, windowMs: 10_000 };
const OPEN: Bucket = { name: 'flux:open', limit: 300, windowMs: 10_000 };
/** Wrong keys have a bucket of their own, so that nobody can use up what others have. */
const WRONG: Bucket = { name: 'flux:wrong', limit: 50, windowMs: 10_000 };

/**
 * Which project is it, by a key of the right kind, may a page of this origin ask, and whose session is it where the route
 * acts for somebody. Runs before the body is read.
 */
export function createGuard(deps: GuardDependencies & { sessionAnswers: SessionAnswers }) {
  const { projects, projectKeys, traffic, proxies, sessionAnswers } = deps;
  const ownOrigin = new URL(deps.publicUrl).origin;

  function limit(bucket: Bucket, who: string): void {
    const state = traffic.take(bucket, who);
    if (!state.allowed)
      throw new AuthError('rate-limited', { retryAfterSeconds: Math.ceil(state.retryAfterMs / 1000) });
  }

  async function callerBy(request: FastifyRequest, needs: FluxRules['needs']): Promise<FluxCaller | null> {
    const plain = keyIn(request, needs);
    const key = plain === null ? null : await projectKeys.find(plain);
    if (plain === null || !key) return null;
    const kind = kindOf(plain, request);
    const project = key.kind === kind ? await projects.find(key.projectId) : null;
    return project && { key: { id: key.id, kind: key.kind, plain }, project, session: null };
  }

  /** A page of the project's, or of our own. Without the header there is no browser. */
  function admitOrigin(request: FastifyRequest, reply: FastifyReply, { project }: FluxCaller): void {
    const { origin } = request.headers;
    void reply.header('vary', 'Origin');
    if (origin === undefined) return;
    if (origin !== ownOrigin && !project.settings.allowed_origins.includes(origin))
      throw new FluxError(answers.originNotAllowed);
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Retry-After, X-Request-Id',
      'cross-origin-resource-policy': 'cross-origin',
    });
  }

  return async function guard(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const rules = request.routeOptions.config.flux;
    const needs = rules?.needs;
    const { source } = originOf(request, proxies);
    if (needs === undefined || needs === 'nothing') {
      limit(OPEN, `ip:${source}`);
      return;
    }
    const caller = await callerBy(request, needs);
    if (!caller) {
      limit(WRONG, `ip:${source}`);
      throw new FluxError(answers.invalidApiKey);
    }
    if (caller.key.kind === 'publishable') admitOrigin(request, reply, caller);
    if (caller.key.kind === 'secret') limit(SECRET, caller.key.id);
    else limit(BROWSER, `ip:${source}`);
    request.flux = caller;
    if (rules?.session)
      caller.session = await sessionAnswers.acting(sessionIn(request), caller.project, rules);
  };
}

/** The one key a request shows of the kinds that would do; null when it shows none, or two. */
function keyIn(request: FastifyRequest, needs: FluxRules['needs']): string | null {
  const secret = needs === 'publishable-key' ? null : bearerIn(request);
  const publishable = needs === 'secret-key' ? null : publishableIn(request);
  return secret !== null && publishable !== null ? null : (secret ?? publishable);
}

function kindOf(plain: string, request: FastifyRequest): 'secret' | 'publishable' {
  return plain === publishableIn(request) ? 'publishable' : 'secret';
}

function bearerIn({ headers: { authorization } }: FastifyRequest): string | null {
  return authorization?.startsWith(BEARER) ? authorization.slice(BEARER.length) : null;
}

function publishableIn({ headers }: FastifyRequest): string | null {
  const value = headers[PUBLISHABLE_KEY_HEADER];
  return typeof value === 'string' ? value : null;
}

function sessionIn({ headers }: FastifyRequest): string {
  const value = headers[SESSION_HEADER];
  return typeof value === 'string' ? value : '';
}
