import { type Chance, HOUR, MINUTE } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { deletePhone, findPhone, findPhoneOwner, replacePhone } from '../contact/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import { createLinkToken, findLinkToken, spendLinkToken } from '../link-token/index.ts';
import type { Origin } from '../origin.ts';
import {
  type FactorChanges,
  firstRecoveryCodes,
  type RecoveryCode,
  type RecoveryCodeKeeper,
  type SmsKeeper,
} from '../second-factor/index.ts';
import { type LiveSession, sessionExists } from '../session/index.ts';
import type { Factors } from '../sign-in/index.ts';
import { holdUser, settleSuspicion } from '../user/index.ts';
import type { PhoneCodes } from './phone-codes.ts';
import { phoneNumber } from './phone-number.ts';

/** Who asks, in a session of their own; sensitive steps have asked for a proof before. */
interface Asking {
  session: LiveSession;
  origin: Origin;
}

/** A person's phone number and SMS as their second factor (contract 4.4 and 4.5). */
export interface Phones {
  /** Whether this instance sends codes at all. */
  readonly areCodesSent: boolean;
  /** Sends a code, and returns the number as it is kept. Throws `sms-unavailable`, `phone-invalid`, `phone-taken`, `phone-rate-limited`. */
  sendVerification(request: Asking & { phone: string }): Promise<string>;
  /** A right code becomes the token that `add` takes, good once for 15 minutes. Throws `wrong-phone-code`. */
  verify(request: Asking & { phone: string; code: string }): Promise<string>;
  /** As `verify`, for a caller who keeps the number at once. */
  proveNumber(request: Asking & { phone: string; code: string }): Promise<ProvedNumber>;
  /** Keeps the number that the token stands for. Throws `phone-unverified`, `phone-taken`. */
  add(request: Asking & { token: string }): Promise<void>;
  /** Throws `sms-still-enabled` while codes are sent there. */
  remove(request: Asking): Promise<void>;
  /** Throws `sms-unavailable`, `sms-needs-totp`, `phone-required`. */
  enableSms(request: Asking): Promise<void>;
  disableSms(request: Asking): Promise<void>;
}

/** A number whose code was right, waiting for the transaction that keeps it. */
interface ProvedNumber {
  /**
   * Keeps it, and switches codes to it on as a second factor, with or without an authenticator app beside it; for a
   * caller that holds the user. Makes recovery codes where there are none. Throws `wrong-phone-code`, `phone-taken`,
   * `factor-already-enrolled`.
   */
  enableSms(tx: Transaction): Promise<RecoveryCode[]>;
}

interface Dependencies extends Chance {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  codes: PhoneCodes;
  sms: SmsKeeper;
  factors: Factors;
  changes: FactorChanges;
  recoveryCodes: RecoveryCodeKeeper;
}

const KIND = 'phone-verification';
/** Contract appendix A. */
const TOKEN_MS = 15 * MINUTE;
/** How many numbers an account may ask about; the answer tells whether a number is somebody's. */
const ENQUIRIES = { name: 'phone-enquiries', limit: 10, windowMs: HOUR, always: true } as const;
/** Wrong codes of an account; a new code does not start the count anew (B04). */
const FAILURES = { name: 'phone-code-failures', limit: 10, windowMs: 15 * MINUTE, always: true } as const;

export function createPhones(deps: Dependencies): Phones {
  const { storage, clock, counters, audit, codes, sms, factors, changes, recoveryCodes } = deps;

  /** Asked for in one session, given back in the same. */
  const bindingOf = ({ id }: Asking['session']) => `enrolment ${id}`;

  function ownerOf({ session, origin }: Asking) {
    return { projectId: session.projectId, userId: session.userId, session, origin };
  }

  /** What a change of the number brings with it; undone when the session was ended meanwhile. */
  async function record(
    tx: Transaction,
    event: 'contact.added' | 'contact.removed',
    { session, origin }: Asking,
  ): Promise<void> {
    const { id, projectId, userId } = session;
    await factors.refresh(tx, userId);
    if (!(await sessionExists(tx, id))) throw new AuthError('not-signed-in');
    const actor = { userId, sessionId: id, origin };
    await audit.record(tx, { event, projectId, userId, actor, details: { kind: 'phone' } });
  }

  /** Counts a try at a code and looks at it. Throws `wrong-phone-code`; a try that was not judged is given back. */
  async function judgedNumber({ session, phone, code }: Asking & { phone: string; code: string }) {
    const { projectId, userId } = session;
    if (!codes.areAvailable) throw new AuthError('sms-unavailable');
    const number = await phoneNumber(phone);
    if (number === null) throw new AuthError('phone-invalid');
    const failures = { ...FAILURES, key: userId };
    const { giveBack } = await counters.spend([failures]);
    const judged = await codes
      .judge({ projectId, number, binding: bindingOf(session), code })
      .catch(async (error: unknown) => {
        await giveBack();
        throw error;
      });
    if (judged.outcome === 'rejected') throw new AuthError('wrong-phone-code');
    return {
      number,
      giveBack,
      async consume(tx: Transaction): Promise<void> {
        if (!(await judged.consume(tx))) throw new AuthError('wrong-phone-code');
        await counters.reset(tx, [failures]);
      },
    };
  }

  return {
    areCodesSent: codes.areAvailable,
    async sendVerification({ session, origin, phone }) {
      const { projectId, userId } = session;
      if (!codes.areAvailable) throw new AuthError('sms-unavailable');
      const number = await phoneNumber(phone);
      if (number === null) throw new AuthError('phone-invalid');
      // Before the number's own quota, which somebody else's enquiries must not use up.
      await counters.spend([{ ...ENQUIRIES, key: userId }]);
      const owner = await findPhoneOwner(storage.db, projectId, number);
      if (owner !== null && owner !== userId) throw new AuthError('phone-taken');
      await codes.send({ projectId, userId, number, binding: bindingOf(session), origin });
      return number;
    },

    async verify(asking) {
      const { projectId, userId } = asking.session;
      const proved = await judgedNumber(asking);
      try {
        return await storage.transaction(async (tx) => {
          await proved.consume(tx);
          const stands = { kind: KIND, projectId, userId, address: proved.number } as const;
          return await createLinkToken(tx, deps, { ...stands, lifeMs: TOKEN_MS });
        });
      } catch (error) {
        if (!isAuthError(error)) await proved.giveBack();
        throw error;
      }
    },

    async proveNumber(asking) {
      const { projectId, userId } = asking.session;
      const { number, consume } = await judgedNumber(asking);
      return {
        async enableSms(tx) {
          await consume(tx);
          const isTheirs = await replacePhone(tx, deps, { projectId, userId, number });
          if (!isTheirs) throw new AuthError('phone-taken');
          await settleSuspicion(tx, userId, 'phone');
          if (!(await sms.enable(tx, userId))) throw new AuthError('factor-already-enrolled');
          await record(tx, 'contact.added', asking);
          await changes.record(tx, { what: 'enrolled', methods: ['sms-code'], owner: ownerOf(asking) });
          return await firstRecoveryCodes(tx, recoveryCodes, userId);
        },
      };
    },

    async add(asking) {
      const { projectId, userId } = asking.session;
      const presented = { kind: KIND, projectId, text: asking.token, now: clock() } as const;
      const found = await findLinkToken(storage.db, presented);
      const number = found?.address;
      if (!number || found.userId !== userId) throw new AuthError('phone-unverified');
      await storage.transaction(async (tx) => {
        if (!(await spendLinkToken(tx, presented))) throw new AuthError('phone-unverified');
        await holdUser(tx, userId);
        const isTheirs = await replacePhone(tx, deps, { projectId, userId, number });
        if (!isTheirs) throw new AuthError('phone-taken');
        await settleSuspicion(tx, userId, 'phone');
        await record(tx, 'contact.added', asking);
        // Where codes go to this number from now on, it is as good as a new factor, and the owner hears of it (A12).
        if (await sms.isEnabled(tx, userId))
          await changes.record(tx, { what: 'enrolled', methods: ['sms-code'], owner: ownerOf(asking) });
      });
    },

    async remove(asking) {
      const { userId } = asking.session;
      await storage.transaction(async (tx) => {
        await holdUser(tx, userId);
        if (await sms.isEnabled(tx, userId)) throw new AuthError('sms-still-enabled');
        if ((await deletePhone(tx, userId)) === null) return;
        await record(tx, 'contact.removed', asking);
      });
    },

    async enableSms(asking) {
      const { userId } = asking.session;
      if (!codes.areAvailable) throw new AuthError('sms-unavailable');
      await storage.transaction(async (tx) => {
        const enrolled = await holdUser(tx, userId);
        if (!enrolled.includes('totp')) throw new AuthError('sms-needs-totp');
        if ((await findPhone(tx, userId)) === null) throw new AuthError('phone-required');
        if (!(await sms.enable(tx, userId))) return;
        await changes.record(tx, { what: 'enrolled', methods: ['sms-code'], owner: ownerOf(asking) });
      });
    },

    async disableSms(asking) {
      const { userId } = asking.session;
      await storage.transaction(async (tx) => {
        await holdUser(tx, userId);
        if (!(await sms.disable(tx, userId))) return;
        await changes.record(tx, { what: 'removed', methods: ['sms-code'], owner: ownerOf(asking) });
      });
    },
  };
}
