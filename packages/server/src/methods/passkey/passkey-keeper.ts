import type { Chance } from '../../chance.ts';
import type { PasskeyKeeper } from '../../core/second-factor/index.ts';
import { createChallenge, spendChallenge } from './challenge-store.ts';
import { readClientData } from './client-data.ts';
import {
  deletePasskey,
  insertPasskey,
  listPasskeysOf,
  listUsablePasskeysOf,
  renamePasskey,
} from './passkey-store.ts';
import { ALGORITHMS, type RelyingPartyOf, TIMEOUT_MS, userHandleOf } from './relying-party.ts';
import {
  describePasskey,
  isCredentialId,
  type RegistrationResponse,
  registrationResponse,
} from './responses.ts';
import { verifyRegistration } from './verify-registration.ts';

interface Dependencies extends Chance {
  relyingPartyOf: RelyingPartyOf;
}

/** What self-service needs to make passkeys and to keep them in order. */
export function createPasskeyKeeper({ clock, random, relyingPartyOf }: Dependencies): PasskeyKeeper {
  return {
    list: listPasskeysOf,

    async begin(db, { projectId, userId, sessionId, userName }) {
      const use = { projectId, userId, purpose: 'registration', binding: sessionId } as const;
      const { id, name } = await relyingPartyOf(projectId);
      const passkeys = await listUsablePasskeysOf(db, userId, id);
      return {
        rp: { name, id },
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

    async judge(db, { projectId, userId, sessionId, challenge: given, response }) {
      const parsed = registrationResponse.safeParse(response);
      const challenge = given ?? challengeIn(parsed.data);
      const use = { projectId, userId, purpose: 'registration', binding: sessionId } as const;
      if ((await spendChallenge(db, { ...use, challenge, now: clock() })) !== null)
        return { refused: 'challenge' };
      if (!parsed.success) return { refused: 'malformed' };
      const relyingParty = await relyingPartyOf(projectId);
      const credential = await verifyRegistration({ response: parsed.data, challenge, relyingParty });
      if (typeof credential === 'string') return { refused: credential };
      return {
        refused: null,
        async save(tx, name) {
          const owned = { projectId, userId, rpId: relyingParty.id, name };
          const passkey = { ...credential, ...owned, createdAt: clock(), lastUsedAt: null };
          return (await insertPasskey(tx, passkey)) ? passkey : null;
        },
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

/** The challenge that the browser says it answers; it has to be one of ours like any other. */
function challengeIn(response: RegistrationResponse | undefined): string {
  const signed = response && readClientData(response.response.clientDataJSON)?.['challenge'];
  return typeof signed === 'string' ? signed : '';
}
