import type { Chance } from '../../chance.ts';
import type { PasskeyKeeper } from '../../core/second-factor/index.ts';
import { createChallenge, spendChallenge } from './challenge-store.ts';
import { deletePasskey, insertPasskey, listPasskeysOf, renamePasskey } from './passkey-store.ts';
import { ALGORITHMS, type RelyingParty, TIMEOUT_MS, userHandleOf } from './relying-party.ts';
import { describePasskey, isCredentialId, registrationResponse } from './responses.ts';
import { verifyRegistration } from './verify-registration.ts';

interface Dependencies extends Chance {
  relyingParty: RelyingParty;
}

/** What self-service needs to make passkeys and to keep them in order. */
export function createPasskeyKeeper({ clock, random, relyingParty }: Dependencies): PasskeyKeeper {
  return {
    list: listPasskeysOf,

    async begin(db, { projectId, userId, sessionId, userName }) {
      const use = { projectId, userId, purpose: 'registration', binding: sessionId } as const;
      const passkeys = await listPasskeysOf(db, userId);
      return {
        rp: { name: relyingParty.name, id: relyingParty.id },
        user: { id: userHandleOf(userId), name: userName, displayName: userName },
        challenge: await createChallenge(db, { clock, random }, use),
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ alg, type: 'public-key' })),
        timeout: TIMEOUT_MS,
        attestation: 'none',
        excludeCredentials: passkeys.map(describePasskey),
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        extensions: { credProps: true },
        hints: [],
      };
    },

    async judge(db, { projectId, userId, sessionId, challenge, response }) {
      const use = { projectId, userId, purpose: 'registration', binding: sessionId } as const;
      if ((await spendChallenge(db, { ...use, challenge, now: clock() })) !== null)
        return { refused: 'challenge' };
      const parsed = registrationResponse.safeParse(response);
      if (!parsed.success) return { refused: 'malformed' };
      const credential = await verifyRegistration({ response: parsed.data, challenge, relyingParty });
      if (typeof credential === 'string') return { refused: credential };
      return {
        refused: null,
        save: (tx, name) =>
          insertPasskey(tx, {
            ...credential,
            projectId,
            userId,
            name,
            createdAt: clock(),
            lastUsedAt: null,
          }),
      };
    },

    async rename(tx, passkey) {
      return isCredentialId(passkey.credentialId) && (await renamePasskey(tx, passkey));
    },
    async remove(tx, passkey) {
      return isCredentialId(passkey.credentialId) && (await deletePasskey(tx, passkey));
    },
  };
}
