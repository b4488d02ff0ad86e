import { type Clock, DAY, HOUR, MINUTE } from '../../chance.ts';
import type { SmsVerifier } from '../../delivery/sms/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { findPhoneCode, savePhoneCode, spendPhoneCode } from './phone-code-store.ts';

/** What a code is asked for and given back in. */
interface Request {
  projectId: string;
  /** E.164, as `phoneNumber` spells it. */
  number: string;
  /** Names the one request a code is good for: a ticket, a session, an enrolment. */
  binding: string;
}

/** A right code that can still be spent, or why it is none. */
export type JudgedCode =
  | { outcome: 'judged'; consume(tx: Transaction): Promise<boolean> }
  | { outcome: 'rejected'; reason: 'wrong' | 'expired' };

/** Codes to phones: sent within quotas, good once, for ten minutes, in the request that asked (B03). */
export interface PhoneCodes {
  /** Whether anything sends at all. Where nothing does, nothing is asked of anybody. */
  readonly areAvailable: boolean;
  /**
   * Sends one and ends whatever code the number had. Throws `sms-unavailable`, `phone-invalid` when the provider
   * does not send there, `phone-rate-limited` past our quotas or the provider's.
   */
  send(to: Request & { userId: string; origin: Origin }): Promise<void>;
  /** Asks the provider, outside any transaction. Throws for trouble, never for a wrong code. */
  judge(given: Request & { code: string }): Promise<JudgedCode>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  counters: Counters;
  audit: Auditor;
  /** Null: SMS is off. */
  verifier: SmsVerifier | null;
  /** All messages of this instance in an hour: what a flood may cost at the most. */
  hourlyLimit: number;
}

/** Contract appendix A. */
const LIFE_MS = 10 * MINUTE;
/** Twilio's own window, where it does not say when to come back. */
const PROVIDER_WAIT_SECONDS = 600;
/** No provider's codes have another form; nothing else is worth a question. */
const CODE = /^\d{4,10}$/;

/** K06. A message costs money and disturbs somebody: a number, an account and an address have so many, and all together. */
const PER_NUMBER = { name: 'sms-number', limit: 5, windowMs: 10 * MINUTE, always: true } as const;
const PER_NUMBER_DAILY = { name: 'sms-number-daily', limit: 20, windowMs: DAY, always: true } as const;
const PER_USER = { name: 'sms-user', limit: 10, windowMs: HOUR, always: true } as const;
const PER_ADDRESS = { name: 'sms-address', limit: 20, windowMs: HOUR } as const;
const ALL = { name: 'sms-all', windowMs: HOUR, always: true } as const;

export function createPhoneCodes(deps: Dependencies): PhoneCodes {
  const { storage, clock, counters, audit, verifier, hourlyLimit } = deps;
  return {
    areAvailable: verifier !== null,
    async send({ projectId, number, binding, userId, origin }) {
      if (!verifier) throw new AuthError('sms-unavailable');
      const spent = await counters
        .spend([
          { ...PER_NUMBER, key: number },
          { ...PER_NUMBER_DAILY, key: number },
          { ...PER_USER, key: userId },
          { ...PER_ADDRESS, key: origin.source },
          { ...ALL, key: '', limit: hourlyLimit },
        ])
        .catch(nameTheLimit);
      try {
        const earlier = await findPhoneCode(storage.db, { projectId, number, now: clock() });
        // Asked again in the same request, a provider repeats its code; another request must not share it.
        const replaces = earlier && earlier.binding !== binding ? earlier.reference : null;
        const started = await verifier.start({ to: number, replaces });
        if (started.outcome === 'refused') {
          if (started.reason === 'number') throw new AuthError('phone-invalid');
          throw new AuthError('phone-rate-limited', { retryAfterSeconds: PROVIDER_WAIT_SECONDS });
        }
        const { reference } = started;
        const isRepeated = earlier?.reference === reference;
        const expiresAt = isRepeated ? earlier.expiresAt : clock() + LIFE_MS;
        await storage.transaction(async (tx) => {
          await savePhoneCode(tx, { projectId, number, binding, reference, expiresAt });
          await audit.record(tx, {
            event: 'phone.code-sent',
            projectId,
            userId,
            actor: { userId, sessionId: null, origin },
          });
        });
      } catch (error) {
        // What the provider refused was asked of it all the same, and stays counted.
        if (!isAuthError(error)) await spent.giveBack();
        throw error;
      }
    },
    async judge({ projectId, number, binding, code }) {
      const asked = await findPhoneCode(storage.db, { projectId, number, now: clock() });
      if (!verifier || asked?.binding !== binding) return { outcome: 'rejected', reason: 'expired' };
      if (!CODE.test(code)) return { outcome: 'rejected', reason: 'wrong' };
      const checked = await verifier.check({ to: number, reference: asked.reference, code });
      if (checked !== 'right')
        return { outcome: 'rejected', reason: checked === 'wrong' ? 'wrong' : 'expired' };
      return { outcome: 'judged', consume: (tx) => spendPhoneCode(tx, asked, clock()) };
    },
  };
}

/** Clients know the limit on messages by its own name. */
function nameTheLimit(error: unknown): never {
  if (!isAuthError(error, 'rate-limited')) throw error;
  const { retryAfterSeconds } = error.details;
  throw new AuthError('phone-rate-limited', { retryAfterSeconds });
}
