import type { Calls } from './calls.ts';
import type { PasskeyJson } from './passkeys.ts';
import { type FluxUser, userFrom } from './user.ts';
import type { WireSignedIn } from './wire.ts';

export interface FluxFactor {
  /** `fac_…` */
  id: string;
  type: 'totp' | 'sms' | (string & {});
  status: 'verified' | 'unverified';
  /** The end of the number, such as `••••1234`; null for other than `sms`. */
  phoneHint: string | null;
  /** ISO 8601. */
  createdAt: string;
}

export interface FluxChallenge {
  /** `chal_…` */
  id: string;
  factorId: string;
  /** ISO 8601. */
  expiresAt: string;
}

export interface TotpSetup {
  /** Base32, to be typed where no picture can be taken. */
  secret: string;
  /** `otpauth://…` */
  uri: string;
  /** A picture of the address, as a `data:` address for an `<img>`. */
  qrCode: string;
}

interface WireFactor {
  id: string;
  type: string;
  status: 'verified' | 'unverified';
  phone_hint: string | null;
  created_at: string;
}

interface WireChallenge {
  id: string;
  factor_id: string;
  expires_at: string;
}

/**
 * Second factors of the signed-in user; each call takes the session's token first. With a factor enrolled already,
 * adding and removing need a session with `mfaVerified`, and reject with `mfa_required` without.
 */
export interface Mfa {
  listFactors(token: string): Promise<{ factors: FluxFactor[]; recoveryCodesLeft: number }>;
  /** Show the picture, then `challenge` and `verify` with the first code: the factor counts from then on. */
  enrolTotp(token: string): Promise<{ factor: FluxFactor; totp: TotpSetup }>;
  /** Sends the first code; `verify` it: the factor counts from then on. */
  enrolSms(token: string, sms: { phone: string }): Promise<{ factor: FluxFactor; challenge: FluxChallenge }>;
  /** Begins a proof; sends the code where it is one of a phone. */
  challenge(token: string, factorId: string): Promise<FluxChallenge>;
  /**
   * The same session, with `mfaVerified`; its new token is in the user's `sessionToken`. `recoveryCodes` are shown this once,
   * after the user's first factor. Rejects with `invalid_code` while there are tries left.
   */
  verify(
    token: string,
    proof: { challengeId: string; code: string },
  ): Promise<{ user: FluxUser; recoveryCodes: string[] | null }>;
  /** For `navigator.credentials.get`, while a second factor is owed; of the user's own passkeys alone. */
  startPasskey(token: string): Promise<PasskeyJson>;
  /** The same session, with `mfaVerified`. */
  finishPasskey(token: string, response: PasskeyJson): Promise<FluxUser>;
  /** Each code works once, and counts as the second factor. */
  useRecoveryCode(token: string, proof: { code: string }): Promise<FluxUser>;
  /** New ones in place of all before. */
  renewRecoveryCodes(token: string): Promise<string[]>;
  removeFactor(token: string, factorId: string): Promise<void>;
  /** A page of the server that asks for the second factor and leads back to `redirectUrl?state=…`, once. */
  stepUpUrl(
    token: string,
    way: { redirectUrl: string; state?: string },
  ): Promise<{ url: string; expiresAt: string }>;
}

/** `calls`: with whichever key there is. */
export function createMfa(calls: Calls): Mfa {
  const post = <Answer>(session: string, path: string, body: Record<string, unknown> = {}) =>
    calls.ask<Answer>({ path: `/flux/v1/mfa${path}`, body, session, repeatable: false });

  return {
    async listFactors(session) {
      const { factors, recovery_codes_left } = await calls.ask<{
        factors: WireFactor[];
        recovery_codes_left: number;
      }>({ method: 'GET', path: '/flux/v1/mfa/factors', session, repeatable: true });
      return { factors: factors.map(factorFrom), recoveryCodesLeft: recovery_codes_left };
    },
    async enrolTotp(session) {
      const { factor, totp } = await post<{
        factor: WireFactor;
        totp: { secret: string; uri: string; qr_code: string };
      }>(session, '/factors', { type: 'totp' });
      return {
        factor: factorFrom(factor),
        totp: { secret: totp.secret, uri: totp.uri, qrCode: totp.qr_code },
      };
    },
    async enrolSms(session, { phone }) {
      const { factor, challenge } = await post<{ factor: WireFactor; challenge: WireChallenge }>(
        session,
        '/factors',
        { type: 'sms', phone },
      );
      return { factor: factorFrom(factor), challenge: challengeFrom(challenge) };
    },
    async challenge(session, factorId) {
      const path = `/factors/${encodeURIComponent(factorId)}/challenge`;
      return challengeFrom((await post<{ challenge: WireChallenge }>(session, path)).challenge);
    },
    async verify(session, { challengeId, code }) {
      const path = `/challenges/${encodeURIComponent(challengeId)}/verify`;
      const answer = await post<WireSignedIn & { recovery_codes?: string[] }>(session, path, { code });
      return { user: userFrom(answer), recoveryCodes: answer.recovery_codes ?? null };
    },
    async startPasskey(session) {
      return (await post<{ options: PasskeyJson }>(session, '/passkey/start')).options;
    },
    async finishPasskey(session, response) {
      return userFrom(await post<WireSignedIn>(session, '/passkey/finish', { response }));
    },
    async useRecoveryCode(session, { code }) {
      return userFrom(await post<WireSignedIn>(session, '/recovery', { code }));
    },
    async renewRecoveryCodes(session) {
      return (await post<{ recovery_codes: string[] }>(session, '/recovery_codes')).recovery_codes;
    },
    async removeFactor(session, factorId) {
      const path = `/flux/v1/mfa/factors/${encodeURIComponent(factorId)}`;
      await calls.ask({ method: 'DELETE', path, session, repeatable: false });
    },
    async stepUpUrl(session, { redirectUrl, state }) {
      const body = { redirect_url: redirectUrl, ...(state === undefined ? {} : { state }) };
      const { url, expires_at } = await post<{ url: string; expires_at: string }>(session, '/step_up', body);
      return { url, expiresAt: expires_at };
    },
  };
}

function factorFrom({ id, type, status, phone_hint, created_at }: WireFactor): FluxFactor {
  return { id, type, status, phoneHint: phone_hint, createdAt: created_at };
}

function challengeFrom({ id, factor_id, expires_at }: WireChallenge): FluxChallenge {
  return { id, factorId: factor_id, expiresAt: expires_at };
}
