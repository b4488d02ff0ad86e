import type { Calls } from './calls.ts';
import { FluxError } from './errors.ts';
import type { Memory } from './memory.ts';
import type { Platform } from './platform.ts';
import type { ServerClock } from './server-clock.ts';
import type { Stream } from './stream.ts';
import type { Claims } from './token.ts';
import { FluxSession, FluxUser, userFrom } from './user.ts';
import { pathOfUser } from './users.ts';
import type { Verifier } from './verifier.ts';
import type { WireSession, WireSignedIn } from './wire.ts';

export interface VerifyOptions {
  /**
   * `false`: no renewed token is needed, so that the answer may come from what is kept here, without the network, while
   * the event stream proves that it still holds. By default each verified token is renewed.
   */
  renew?: boolean;
}

interface Parts {
  platform: Platform;
  clock: ServerClock;
  /** With the secret key. */
  calls: Calls;
  verifier: Verifier;
  memory: Memory;
  stream: Stream;
  renewAfterSeconds: number;
}

/** A question on its way may be joined by who asks the same, but not for long: its answer is as old as it is. */
const JOIN_WITHIN_MS = 250;

const noToken = () => new FluxError('invalid_session', 'There is no token.', { status: 401 });

export type SessionCalls = ReturnType<typeof createSessionCalls>;

export function createSessionCalls({ platform, clock, calls, verifier, memory, stream, ...rest }: Parts) {
  const asking = new Map<string, { askedAt: number; answer: Promise<WireSignedIn> }>();

  function refuseRevoked({ sid }: Claims): void {
    if (!memory.isRevoked(sid)) return;
    throw new FluxError('session_revoked', 'This session has been ended.', { status: 401 });
  }

  function answerFromMemory(token: string, claims: Claims): FluxUser | null {
    stream.open();
    if (!stream.isFresh() || !clock.isToCome(claims.exp)) return null;
    const known = memory.find(claims.sid);
    // A token that says more than what is kept was made after it.
    if (!known || known.user.id !== claims.sub || (claims.mfa && !known.session.mfa_verified)) return null;
    return new FluxUser(known.user, new FluxSession(known.session), token);
  }

  async function askServer(token: string, claims: Claims): Promise<WireSignedIn> {
    const askedAt = platform.monotonicMs();
    try {
      const body = { token };
      const answer = await calls.ask<WireSignedIn>({
        path: '/flux/v1/sessions/verify',
        body,
        repeatable: true,
      });
      clock.learn({ at: answer.session.last_active_at, askedAt });
      memory.keep({ ...answer, askedAt });
      return answer;
    } catch (error) {
      if (error instanceof FluxError && error.code === 'session_revoked') memory.revoke(claims.sid);
      throw error;
    }
  }

  /** A thousand requests that arrive with one unknown token are one question. */
  function askOnce(token: string, claims: Claims): Promise<WireSignedIn> {
    const now = platform.monotonicMs();
    const other = asking.get(token);
    if (other && now - other.askedAt <= JOIN_WITHIN_MS) return other.answer;
    const answer = askServer(token, claims).finally(() => {
      if (asking.get(token)?.answer === answer) asking.delete(token);
    });
    asking.set(token, { askedAt: now, answer });
    return answer;
  }

  function mustRenew({ iat }: Claims, wanted: boolean | undefined): boolean {
    if (wanted !== undefined) return wanted;
    return rest.renewAfterSeconds === 0 || clock.hasPassed(iat + rest.renewAfterSeconds);
  }

  return {
    /**
     * Whose token this is. The user brings a renewed token in `sessionToken`: give it to the client in place of the one it
     * sent. Rejects with `FluxError`: `invalid_session`, `session_expired`, `session_revoked` when the token opens nothing; all
     * else (`unavailable`, `network_error`, `timeout`, …) says nothing about the token.
     */
    async verifySession(token: string, options: VerifyOptions = {}): Promise<FluxUser> {
      if (typeof token !== 'string' || token === '') throw noToken();
      const checked = verifier.check(token);
      const claims = checked instanceof Promise ? await checked : checked;
      refuseRevoked(claims);
      if (mustRenew(claims, options.renew)) {
        const answer = await askServer(token, claims);
        refuseRevoked(claims);
        return userFrom(answer);
      }
      const remembered = answerFromMemory(token, claims);
      if (remembered) return remembered;
      const answer = await askOnce(token, claims);
      refuseRevoked(claims);
      // How old the token is can have become known by this very answer.
      if (mustRenew(claims, options.renew)) return userFrom(answer);
      return new FluxUser(answer.user, new FluxSession(answer.session), token);
    },

    /** The token's session as the server has it now; renews nothing. Rejects as `verifySession` does. */
    async getSession(token: string): Promise<FluxSession> {
      if (typeof token !== 'string' || token === '') throw noToken();
      const claims = await verifier.check(token);
      refuseRevoked(claims);
      const path = '/flux/v1/sessions/get';
      const { session } = await calls.ask<{ session: WireSession }>({
        path,
        body: { token },
        repeatable: true,
      });
      refuseRevoked(claims);
      return new FluxSession(session);
    },

    /** Ends one session: all its tokens are refused from now on. Ending it twice is no error. */
    async revokeSession(which: string | { sessionId: string }): Promise<void> {
      if (!which) throw noToken();
      const isToken = typeof which === 'string';
      if (!isToken && !which.sessionId) {
        const message = 'revokeSession needs a token, or { sessionId }.';
        throw new FluxError('invalid_request', message, { status: 400 });
      }
      const body = isToken ? { token: which } : { session_id: which.sessionId };
      await calls.ask({ path: '/flux/v1/sessions/revoke', body, repeatable: true });
      // Only what the server signed is believed: a forged token must not end somebody's session here.
      const sessionId = isToken ? (await verifier.sessionIn(which))?.sid : which.sessionId;
      if (sessionId) memory.revoke(sessionId);
    },

    /** Ends all sessions of a user. */
    async revokeAllSessions(userId: string): Promise<{ revoked: number }> {
      const path = `${pathOfUser(userId)}/sessions/revoke`;
      const { revoked } = await calls.ask<{ revoked: number }>({ path, repeatable: true });
      memory.forgetUser(userId);
      return { revoked };
    },
  };
}
