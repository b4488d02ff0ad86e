import type { Calls } from './calls.ts';
import { type FluxUser, userFrom } from './user.ts';
import type { WireSignedIn } from './wire.ts';

/** JSON as WebAuthn's own `parse…OptionsFromJSON` takes it and `toJSON` gives it (WebAuthn 3, section 5.1). */
export type PasskeyJson = Record<string, unknown>;

export interface FluxPasskey {
  id: string;
  name: string;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601; null before the first use. */
  lastUsedAt: string | null;
}

interface WirePasskey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** The user's own passkeys, and both halves of each ceremony for who speaks to the authenticator by other means. */
export interface Passkeys {
  list(token: string): Promise<FluxPasskey[]>;
  rename(token: string, passkey: { id: string; name: string }): Promise<FluxPasskey>;
  /** Rejects with `mfa_required` while a second factor is owed, with `forbidden` for the only way into the account. */
  delete(token: string, id: string): Promise<void>;
  /** For `navigator.credentials.get`. */
  startSignIn(): Promise<PasskeyJson>;
  /** A passkey shows two factors: the session has `mfaVerified`. */
  finishSignIn(response: PasskeyJson): Promise<FluxUser>;
  /** For `navigator.credentials.create`. */
  startRegistration(token: string): Promise<PasskeyJson>;
  finishRegistration(
    token: string,
    registration: { response: PasskeyJson; name?: string },
  ): Promise<RegisteredPasskey>;
}

export interface RegisteredPasskey {
  passkey: FluxPasskey;
  /** Making it has shown it: the same session has `mfaVerified` now, and its new token is in `sessionToken`. */
  user: FluxUser;
}

interface Parts {
  /** With the publishable key. */
  calls: Calls;
  /** With whichever key there is. */
  sessionCalls: Calls;
}

export function createPasskeys({ calls, sessionCalls }: Parts): Passkeys {
  return {
    async list(session) {
      const { passkeys } = await sessionCalls.ask<{ passkeys: WirePasskey[] }>({
        ...{ method: 'GET', path: '/flux/v1/passkeys', session, repeatable: true },
      });
      return passkeys.map(passkeyFrom);
    },
    async rename(session, { id, name }) {
      const { passkey } = await sessionCalls.ask<{ passkey: WirePasskey }>({
        ...{ method: 'PATCH', path: pathOf(id), body: { name }, session, repeatable: true },
      });
      return passkeyFrom(passkey);
    },
    async delete(session, id) {
      await sessionCalls.ask({ method: 'DELETE', path: pathOf(id), session, repeatable: false });
    },
    async startSignIn() {
      const path = '/flux/v1/passkeys/authenticate/start';
      return (await calls.ask<{ options: PasskeyJson }>({ path, body: {}, repeatable: true })).options;
    },
    async finishSignIn(response) {
      const path = '/flux/v1/passkeys/authenticate/finish';
      return userFrom(await calls.ask<WireSignedIn>({ path, body: { response }, repeatable: false }));
    },
    async startRegistration(session) {
      const path = '/flux/v1/passkeys/register/start';
      const asked = { path, body: {}, session, repeatable: true };
      return (await sessionCalls.ask<{ options: PasskeyJson }>(asked)).options;
    },
    async finishRegistration(session, { response, name }) {
      const path = '/flux/v1/passkeys/register/finish';
      const body = name === undefined ? { response } : { response, name };
      const answer = await sessionCalls.ask<WireSignedIn & { passkey: WirePasskey }>({
        ...{ path, body, session, repeatable: false },
      });
      return { passkey: passkeyFrom(answer.passkey), user: userFrom(answer) };
    },
  };
}

const pathOf = (id: string) => `/flux/v1/passkeys/${encodeURIComponent(id)}`;

function passkeyFrom({ id, name, created_at, last_used_at }: WirePasskey): FluxPasskey {
  return { id, name, createdAt: created_at, lastUsedAt: last_used_at };
}
