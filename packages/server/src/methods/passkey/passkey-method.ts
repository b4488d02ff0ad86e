import { z } from 'zod';
import type { Chance } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import { NOTHING_HELD, type SignInMethod } from '../../core/sign-in/index.ts';
import { holdUser } from '../../core/user/index.ts';
import { tokenHash } from '../../crypto/index.ts';
import { createChallenge, deleteChallengesOf, spendChallenge } from './challenge-store.ts';
import { readClientData } from './client-data.ts';
import { passkeyMigrations } from './migrations.ts';
import {
  deletePasskeysOf,
  findPasskey,
  hasPasskey,
  listUsablePasskeysOf,
  notePasskeyUse,
} from './passkey-store.ts';
import { type RelyingPartyOf, TIMEOUT_MS } from './relying-party.ts';
import { authenticationResponse, describePasskey } from './responses.ts';
import { verifyAssertion } from './verify-assertion.ts';

const proofSchema = z.object({
  response: authenticationResponse,
  /** The challenge as it was handed out; without it the one that the browser signed is taken (seed 000's form). */
  challenge: z.string().min(1).max(1024).nullish(),
});

export type PasskeyProof = z.infer<typeof proofSchema>;

interface Dependencies extends Chance {
  relyingPartyOf: RelyingPartyOf;
}

export function createPasskeyMethod({
  clock,
  random,
  relyingPartyOf,
}: Dependencies): SignInMethod<PasskeyProof> {
  return {
    id: 'passkey',
    proof: proofSchema,
    migrations: passkeyMigrations,
    reserve: () => NOTHING_HELD,

    async challenge(db, { projectId, purpose, userId, binding }) {
      const { id: rpId } = await relyingPartyOf(projectId);
      const passkeys = userId === null ? [] : await listUsablePasskeysOf(db, userId, rpId);
      if (userId !== null && passkeys.length === 0) throw new AuthError('no-passkeys');
      return {
        challenge: await createChallenge(db, { clock, random }, { projectId, purpose, userId, binding }),
        timeout: TIMEOUT_MS,
        rpId,
        // Without a list the browser offers every passkey it has for this host: no user is named, none confirmed.
        ...(userId !== null && { allowCredentials: passkeys.map(describePasskey) }),
        userVerification: 'required',
      };
    },

    async identify(db, { projectId, userId }, { response }) {
      if (userId !== null) return { userId, key: userId };
      const passkey = await findPasskey(db, projectId, response.id);
      return passkey
        ? { userId: passkey.userId, key: passkey.userId }
        : { userId: null, key: `${projectId} passkey ${tokenHash(response.id)}` };
    },

    async judge(db, { attempt, proof: { response, challenge: given } }) {
      const { projectId, purpose, userId, binding } = attempt;
      const signed = readClientData(response.response.clientDataJSON)?.['challenge'];
      const challenge = given ?? (typeof signed === 'string' ? signed : '');
      // Before anything is judged: one challenge is one try, however it ends.
      const unspent = await spendChallenge(db, {
        projectId,
        purpose,
        userId,
        binding,
        challenge,
        now: clock(),
      });
      if (unspent) return { outcome: 'rejected', reason: unspent };
      const passkey = await findPasskey(db, projectId, response.id);
      if (!passkey || (userId !== null && passkey.userId !== userId)) {
        return { outcome: 'rejected', reason: 'not-enrolled' };
      }
      const relyingParty = await relyingPartyOf(projectId);
      const assertion = await verifyAssertion({ response, challenge, passkey, relyingParty });
      if (!assertion) return { outcome: 'rejected', reason: 'wrong' };
      // WebAuthn 7.2 step 22: a counter that does not grow tells of a copied authenticator.
      if (passkey.counter > 0 && assertion.counter <= passkey.counter) {
        return { outcome: 'rejected', reason: 'counter-regressed' };
      }
      return {
        outcome: 'judged',
        userId: passkey.userId,
        async consume(tx) {
          // The user's row first, as whoever takes factors away has it.
          await holdUser(tx, passkey.userId);
          const isStillSo = await notePasskeyUse(tx, { passkey, ...assertion, at: clock() });
          if (!isStillSo) return { outcome: 'rejected', reason: 'already-used' };
          // The device, and its owner's finger, face or PIN.
          return { outcome: 'proved', factors: ['has', 'is'] };
        },
      };
    },

    isEnrolled: hasPasskey,

    async forget(tx, userId) {
      await deletePasskeysOf(tx, userId);
      await deleteChallengesOf(tx, userId);
    },
  };
}
