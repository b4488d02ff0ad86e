import { z } from 'zod';
import { NOTHING_HELD, type SignInMethod } from '../../core/sign-in/index.ts';
import {
  deleteIdentitiesOf,
  type Identities,
  type IdentityProvider,
  type SsoAttempts,
} from '../../core/sso/index.ts';
import { tokenHash } from '../../crypto/index.ts';

const proofSchema = z.object({
  /** As the browser kept it, and brought it back. */
  state: z.string().min(1).max(128),
  /** Everything else is in the query that the provider sent it back with. */
  query: z.string().max(16_384).startsWith('?'),
});

type UpstreamProof = z.infer<typeof proofSchema>;

interface Dependencies {
  /** Null while none is set up: then nobody is let in, and identities are still forgotten with their user. */
  provider: IdentityProvider | null;
  attempts: SsoAttempts;
  identities: Identities;
}

/**
 * The word of a provider is one factor, whatever it asked for itself (G06): what it says of that (`acr`, `amr`) is not
 * agreed between any two of them.
 */
export function createUpstreamOidcMethod(deps: Dependencies): SignInMethod<UpstreamProof> {
  const { provider, attempts, identities } = deps;
  return {
    id: 'upstream-oidc',
    proof: proofSchema,
    // Its tables are core's, as other surfaces sign in by them, too.
    migrations: [],
    reserve: () => NOTHING_HELD,

    async identify(_db, { projectId }, { state }) {
      return { userId: null, key: `${projectId} sso ${tokenHash(state)}` };
    },

    async judge(db, { attempt: { projectId, origin }, proof: { state, query } }) {
      if (!provider) return { outcome: 'rejected', reason: 'not-enrolled' };
      // Before anything is asked: one attempt is one try, however it ends.
      const attempt = await attempts.spend(db, { projectId, issuer: provider.connection.issuer, state });
      if (!attempt) return { outcome: 'rejected', reason: 'already-used' };
      const verdict = await provider.redeem(attempt, query);
      if (verdict.outcome === 'refused') return { outcome: 'rejected', reason: 'wrong' };
      const { person } = verdict;
      const recognised = await identities.recognise(db, projectId, person);
      return {
        outcome: 'judged',
        userId: recognised.userId,
        async consume(tx) {
          const reason = await identities.settle(tx, { ...recognised, projectId, person, origin });
          if (reason) return { outcome: 'rejected', reason };
          return { outcome: 'proved', factors: ['knows'], roles: person.roles };
        },
      };
    },

    async forget(tx, userId) {
      await deleteIdentitiesOf(tx, userId);
    },
  };
}
