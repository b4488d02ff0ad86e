import { z } from 'zod';
import { PROVIDERS, type ProviderId } from '../../core/project/index.ts';
import { NOTHING_HELD, type SignInMethod } from '../../core/sign-in/index.ts';
import type { SocialAttempts, SocialIdentities, SocialProviders } from '../../core/social/index.ts';
import { tokenHash } from '../../crypto/index.ts';

const proofSchema = z.object({
  /** As the provider sent it back, and this browser's half of it. */
  state: z.string().min(1).max(128),
  browser: z.string().min(1).max(128),
  /** Everything else is in the query that the provider sent it back with. */
  query: z.string().max(16_384).startsWith('?'),
  /** The project whose own callback it came back to; null for that of all. */
  callbackOf: z.string().max(100).nullable(),
});

interface Dependencies {
  socialProviders: SocialProviders;
  socialAttempts: SocialAttempts;
  socialIdentities: SocialIdentities;
}

/** A method each, so that sessions, switches and the trail name the provider. */
export function createSocialMethods(deps: Dependencies): SignInMethod[] {
  return PROVIDERS.map((provider) => createSocialMethod(provider, deps));
}

/**
 * The word of a provider is one factor, whatever it asked for itself (G06): what it says of that (`acr`, `amr`) is not
 * agreed between any two of them. A user's identities are forgotten by the operator's own provider's method, all at once.
 */
function createSocialMethod(
  provider: ProviderId,
  { socialProviders, socialAttempts, socialIdentities }: Dependencies,
): SignInMethod<z.output<typeof proofSchema>> {
  return {
    id: provider,
    proof: proofSchema,
    // Its tables are core's, which begins what is ended here.
    migrations: [],
    reserve: () => NOTHING_HELD,

    async identify(_db, { projectId }, { state }) {
      return { userId: null, key: `${projectId} ${provider} ${tokenHash(state)}` };
    },

    async judge(db, { attempt: { projectId, origin }, proof: { state, browser, query, callbackOf } }) {
      // Before anything is asked: one attempt is one try, however it ends.
      const attempt = await socialAttempts.spend(db, { projectId, provider, state, browser });
      if (!attempt) return { outcome: 'rejected', reason: 'already-used' };
      const answer = await socialProviders.redeem({ projectId, provider, callbackOf }, attempt, query);
      if (answer.outcome === 'refused') return { outcome: 'rejected', reason: 'wrong' };
      const of = { projectId, provider, person: answer.person };
      const recognised = await socialIdentities.recognise(db, of);
      return {
        outcome: 'judged',
        userId: recognised.userId,
        async consume(tx) {
          const reason = await socialIdentities.settle(tx, { ...recognised, ...of, origin });
          if (reason) return { outcome: 'rejected', reason };
          return { outcome: 'proved', factors: ['knows'] };
        },
      };
    },
  };
}
