import type { FastifyRequest } from 'fastify';
import { isAllowed, type Permissions, type TokenSubject } from '../../core/access/index.ts';
import { AuthError } from '../../core/errors.ts';
import type { Sessions } from '../../core/session/index.ts';
import type { Users } from '../../core/user/index.ts';
import { type Bucket, originOf, type Traffic, type TrustedProxies } from '../../http/index.ts';
import { answers, FlectoError } from './errors.ts';
import type { FlectoRules, Subject } from './subject.ts';
import type { FlectoTokens } from './tokens.ts';

export interface GuardDependencies {
  projectId: string;
  sitesProjectId: string;
  /** Contract A13: the header that is read, and no other. */
  headerName: string;
  traffic: Traffic;
  proxies: TrustedProxies;
  sessions: Sessions;
  users: Users;
  /** Null for an API token that is unknown, changed, expired or deleted. */
  findApiToken(token: string): Promise<TokenSubject | null>;
  /** What a user holds now, by their own rows, their roles and the named roles that a provider gave. */
  permissionsOf(userId: string, roles: readonly string[]): Promise<Permissions>;
}

const BEARER = 'Bearer ';
const API_TOKEN = 'flecto_';

/** Contract A6: who is it, by which of two credentials in one header, and may they. Runs before the body is read. */
export function createGuard(
  deps: GuardDependencies,
  { tokens, unknownPaths }: { tokens: FlectoTokens; unknownPaths: 'nobody' | 'anybody' },
) {
  const header = deps.headerName.toLowerCase();

  function credentialIn(request: FastifyRequest): string {
    const value = request.headers[header];
    if (typeof value !== 'string' || !value.startsWith(BEARER) || value.length === BEARER.length)
      throw new FlectoError(answers.withoutCredential);
    return value.slice(BEARER.length);
  }

  function limit(request: FastifyRequest, bucket: Bucket): void {
    const state = deps.traffic.take(bucket, `ip:${originOf(request, deps.proxies).source}`);
    if (!state.allowed)
      throw new AuthError('rate-limited', { retryAfterSeconds: Math.ceil(state.retryAfterMs / 1000) });
  }

  async function byApiToken(text: string): Promise<Subject> {
    const token = await deps.findApiToken(text);
    if (!token || token.projectId !== deps.sitesProjectId) throw new FlectoError(answers.badApiToken);
    return { kind: 'token', tokenId: token.id, name: token.name, permissions: token.permissions };
  }

  async function byAccessToken(text: string): Promise<{ subject: Subject; isSuspected: boolean }> {
    const said = tokens.read(text);
    if (!said) throw new FlectoError(answers.badToken);
    if (said.type !== 'access') throw new FlectoError(answers.notAnAccessToken);
    const { sid: sessionId, username: name } = said;
    const session = await deps.sessions.findById(sessionId, 'flecto');
    if (!session || session.projectId !== deps.projectId) {
      const user = await deps.users.findByNumber(deps.projectId, said.uid);
      throw new FlectoError(user?.status === 'active' ? answers.badToken : answers.noSuchUser);
    }
    const { userId } = session;
    const permissions = await deps.permissionsOf(userId, said.roles ?? []);
    return {
      subject: { kind: 'user', userId, sessionId, name, permissions },
      isSuspected: session.suspicion !== 0,
    };
  }

  return async function guard(request: FastifyRequest): Promise<void> {
    const { asks = unknownPaths, bucket }: Partial<FlectoRules> = request.routeOptions.config.flecto ?? {};
    if (bucket) limit(request, bucket);
    if (asks === 'nobody') return;
    const text = credentialIn(request);
    const { subject, isSuspected } = text.startsWith(API_TOKEN)
      ? { subject: await byApiToken(text), isSuspected: false }
      : await byAccessToken(text);
    request.subject = subject;
    if (asks === 'anybody') return;
    // An account under suspicion may leave, and nothing else, until its owner has settled it.
    if (isSuspected || !isAllowed(subject.permissions, asks(request))) throw new AuthError('not-allowed');
  };
}
