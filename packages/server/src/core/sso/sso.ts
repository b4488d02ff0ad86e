import { timingSafeEqual } from 'node:crypto';
import type { Database } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import type { Gate, SignInResult } from '../sign-in/index.ts';
import type { SsoAttempts } from './attempts.ts';
import type { IdentityProvider } from './provider.ts';

/** Signing in at the instance's own provider. */
export interface Sso {
  /** What a button needs to say; null while no provider is set up. */
  describe(): { name: string | null; icon: string | null } | null;
  /**
   * Begins an attempt. The browser that asked must keep `state` and bring it back. Throws `sso-disabled`,
   * `sso-unavailable`.
   */
  begin(asked: { projectId: string }): Promise<{ state: string; url: string }>;
  /**
   * Ends it with what the provider sent the browser back with, and signs in through the gate. Throws `sso-disabled`,
   * `sso-state-invalid`, `sso-unavailable`, and `invalid-credentials` for everything that the provider's answer lacks.
   */
  finish(answer: {
    projectId: string;
    surface: Surface;
    /** As the provider sent it back; null when it did not. */
    state: string | null;
    /** As this browser kept it. Without this half anybody could sign somebody else in to their own account. */
    keptState: string | null;
    /** The whole query, beginning with `?`. */
    query: string;
    origin: Origin;
  }): Promise<SignInResult>;
}

interface Dependencies {
  db: Database;
  gate: Gate;
  attempts: SsoAttempts;
  /** Null when no provider is set up; asked each time, so that one switched off stops at the callback too (G07). */
  provider: IdentityProvider | null;
}

export function createSso({ db, gate, attempts, provider }: Dependencies): Sso {
  function configured(): IdentityProvider {
    if (!provider) throw new AuthError('sso-disabled');
    return provider;
  }

  return {
    describe() {
      if (!provider) return null;
      const { name, icon } = provider.connection;
      return { name, icon };
    },
    async begin({ projectId }) {
      const { connection, authorizationUrl } = configured();
      const attempt = attempts.draw();
      // First, so that nothing is kept while the provider is away.
      const url = await authorizationUrl(attempt);
      await attempts.begin(db, { projectId, issuer: connection.issuer, ...attempt });
      return { state: attempt.state, url };
    },
    async finish({ projectId, surface, state, keptState, query, origin }) {
      const { issuer } = configured().connection;
      if (state === null || keptState === null || !isSame(state, keptState))
        throw new AuthError('sso-state-invalid');
      // Only to say what is wrong; the try is spent by the method, in one statement.
      if (!(await attempts.isOpen(db, { projectId, issuer, state })))
        throw new AuthError('sso-state-invalid');
      const method = 'upstream-oidc';
      const proof = { state, query };
      return await gate.signIn({ projectId, surface, method, proof, identifier: null, origin });
    },
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
