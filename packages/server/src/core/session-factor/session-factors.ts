import { type Chance, MINUTE } from '../../chance.ts';
import { newId, tokenHash } from '../../crypto/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Spent } from '../abuse/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { Phones } from '../phone/index.ts';
import type { Project } from '../project/index.ts';
import type { FactorChanges, SecondFactors, SmsKeeper, TotpKeeper } from '../second-factor/index.ts';
import type { LiveSession, Sessions } from '../session/index.ts';
import type { Gate, MethodId } from '../sign-in/index.ts';
import { holdUser } from '../user/index.ts';
import {
  findChallenge,
  findPhoneBeingSetUp,
  insertChallenge,
  returnChallengeTry,
  type StoredChallenge,
  spendChallenge,
  spendChallengeTry,
  voidSetUps,
} from './challenge-store.ts';

export type FactorType = 'totp' | 'sms';

export interface SessionFactor {
  /** The same for as long as the user has one of this type. */
  id: string;
  type: FactorType;
  /** A code of it has been seen; otherwise it is being set up and opens nothing. */
  isVerified: boolean;
  /** In E.164; null for an app. */
  phone: string | null;
  createdAt: number;
}

/** Good once, in this session, for this factor. */
export interface FactorChallenge {
  id: string;
  factorId: string;
  expiresAt: number;
}

interface Asking {
  session: LiveSession;
  origin: Origin;
}

/** The second factors of whoever is signed in, in a session that may owe one itself. */
export interface SessionFactors {
  /** What a project's users may set up here: nobody sets up a telephone where no codes are sent. */
  typesOf(project: Pick<Project, 'settings'>): FactorType[];
  /** Those of the user, and what this session is setting up. */
  list(session: LiveSession): Promise<SessionFactor[]>;
  /** Throws `factor-already-enrolled`, and `proof-required` where another factor has to be shown first. */
  beginTotp(asking: Asking): Promise<{ factor: SessionFactor; secret: string }>;
  /** Sends a code. Throws as `beginTotp`, and whatever sending throws (`phone-invalid`, `phone-taken`, …). */
  beginSms(
    asking: Asking & { phone: string },
  ): Promise<{ factor: SessionFactor; challenge: FactorChallenge }>;
  /** Sends a code where the factor is a telephone. Throws `not-found`, and whatever sending throws. */
  challenge(asking: Asking & { factorId: string }): Promise<FactorChallenge>;
  /**
   * Judges a code. A right one sets the factor up, if that was what the challenge was for, and marks the session, in one
   * transaction. `recoveryCodes`: ten, where the user had none; null otherwise. Throws `invalid-ticket`, `wrong-code`,
   * `wrong-phone-code`, `rate-limited`, `proof-required`, and `factor-switched-off` for a set-up of no type in `allowed`.
   */
  verify(
    asking: Asking & { challengeId: string; code: string; allowed: readonly FactorType[] },
  ): Promise<{ recoveryCodes: string[] | null }>;
  /** Takes one away; another stays. Throws `not-found`, `proof-required`. */
  remove(asking: Asking & { factorId: string }): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  gate: Pick<Gate, 'stepUp' | 'challengeStepUp'>;
  sessions: Pick<Sessions, 'markMultiFactor'>;
  secondFactors: Pick<SecondFactors, 'beginTotp' | 'proveTotp'>;
  phones: Pick<Phones, 'areCodesSent' | 'sendVerification' | 'proveNumber'>;
  changes: FactorChanges;
  totp: TotpKeeper;
  sms: SmsKeeper;
}

const LIFE_MS = 10 * MINUTE;
/** Of one challenge; the account's own tries count over all of them (B04). */
const TRIES = 5;
const METHODS = { totp: 'totp', sms: 'sms-code' } as const satisfies Record<FactorType, MethodId>;
const TYPES = { totp: 'totp', 'sms-code': 'sms' } as const satisfies Record<
  StoredChallenge['factor'],
  FactorType
>;
const ID_LENGTH = 22;

/** There is one of each type at most, so the type names it; as a hash, since it is nobody's business how. */
function idOf(userId: string, type: FactorType): string {
  return `fac_${tokenHash(`${userId} ${type}`).slice(0, ID_LENGTH)}`;
}

export function createSessionFactors(deps: Dependencies): SessionFactors {
  const { storage, clock, random, gate, sessions, secondFactors, phones, changes, totp, sms } = deps;

  async function list({ id: sessionId, userId, phone }: LiveSession): Promise<SessionFactor[]> {
    const { db } = storage;
    const app = await totp.find(db, userId);
    const smsSince = await sms.enabledAt(db, userId);
    const begun = smsSince === null ? await findPhoneBeingSetUp(db, { sessionId, now: clock() }) : null;
    const common = (type: FactorType) => ({ id: idOf(userId, type), type });
    return [
      ...(app
        ? [{ ...common('totp'), isVerified: app.isConfirmed, phone: null, createdAt: app.createdAt }]
        : []),
      ...(smsSince !== null && phone !== null
        ? [{ ...common('sms'), isVerified: true, phone, createdAt: smsSince }]
        : []),
      ...(begun ? [{ ...common('sms'), isVerified: false, ...begun }] : []),
    ];
  }

  async function ofType(session: LiveSession, type: FactorType): Promise<SessionFactor | null> {
    return (await list(session)).find((factor) => factor.type === type) ?? null;
  }

  /** The first needs no more than the session; every other one is the owner's to add, who shows one that there is. */
  function requireMayChange({ isMultiFactor }: LiveSession, enrolled: readonly string[]): void {
    if (enrolled.length > 0 && !isMultiFactor) throw new AuthError('proof-required', { methods: enrolled });
  }

  async function requireMaySetUp(session: LiveSession, type: FactorType): Promise<void> {
    requireMayChange(session, session.factors);
    if ((await ofType(session, type))?.isVerified) throw new AuthError('factor-already-enrolled');
  }

  async function newChallenge(
    { id: sessionId, userId }: LiveSession,
    { type, isSetUp, phone }: { type: FactorType; isSetUp: boolean; phone: string | null },
  ): Promise<FactorChallenge> {
    const createdAt = clock();
    const id = newId('chal', createdAt, random);
    const expiresAt = createdAt + LIFE_MS;
    const hash = tokenHash(id);
    await insertChallenge(storage.db, {
      ...{ hash, sessionId, factor: METHODS[type], isSetUp, phone },
      ...{ createdAt, expiresAt },
    });
    return { id, factorId: idOf(userId, type), expiresAt };
  }

  async function spendTry(hash: string): Promise<Spent> {
    const isSpent = await spendChallengeTry(storage.db, { hash, limit: TRIES, now: clock() });
    if (!isSpent) throw new AuthError('invalid-ticket', { method: 'totp' });
    return { giveBack: () => returnChallengeTry(storage.db, hash).catch(() => undefined) };
  }

  async function spend(tx: Transaction, hash: string): Promise<void> {
    if (!(await spendChallenge(tx, { hash, now: clock() })))
      throw new AuthError('invalid-ticket', { method: 'totp' });
  }

  /** What a right code of the new factor does, in the caller's transaction; the user is held. */
  async function proved(
    { session, origin }: Asking,
    { factor, phone }: StoredChallenge,
    code: string,
  ): Promise<(tx: Transaction) => Promise<string[]>> {
    const { projectId, userId } = session;
    const owner = { projectId, userId, session, origin };
    if (factor === 'totp') {
      const app = await secondFactors.proveTotp({ userId, secret: null, code });
      return async (tx) => (await app.enable(tx, owner, 'where-none')).map((one) => one.code);
    }
    const number = await phones.proveNumber({ session, origin, phone: phone ?? '', code });
    return async (tx) => (await number.enableSms(tx)).map((one) => one.code);
  }

  async function setUp(asking: Asking, challenge: StoredChallenge, code: string): Promise<string[]> {
    const { session } = asking;
    const { hash, factor } = challenge;
    const spent = await spendTry(hash);
    try {
      const enable = await proved(asking, challenge, code);
      return await storage.transaction(async (tx) => {
        requireMayChange(session, await holdUser(tx, session.userId));
        await spend(tx, hash);
        const codes = await enable(tx);
        await sessions.markMultiFactor(tx, { session, method: factor });
        return codes;
      });
    } catch (error) {
      // Never judged: by our own fault, or because another budget is used up.
      if (!isAuthError(error) || isAuthError(error, 'rate-limited')) await spent.giveBack();
      throw error;
    }
  }

  return {
    typesOf: ({ settings }) => settings.mfa.methods.filter((type) => type !== 'sms' || phones.areCodesSent),
    list,

    async beginTotp({ session }) {
      await requireMaySetUp(session, 'totp');
      const secret = await secondFactors.beginTotp(session.userId);
      const factor = await ofType(session, 'totp');
      if (!factor) throw new AuthError('factor-already-enrolled');
      return { factor, secret };
    },

    async beginSms({ session, origin, phone: given }) {
      await requireMaySetUp(session, 'sms');
      const phone = await phones.sendVerification({ session, origin, phone: given });
      const challenge = await newChallenge(session, { type: 'sms', isSetUp: true, phone });
      const { factorId: id } = challenge;
      const factor = { id, type: 'sms', isVerified: false, phone, createdAt: clock() } as const;
      return { factor, challenge };
    },

    async challenge({ session, origin, factorId }) {
      const factor = (await list(session)).find(({ id }) => id === factorId);
      if (!factor) throw new AuthError('not-found', { what: 'factor' });
      const { type, isVerified, phone } = factor;
      if (isVerified) await gate.challengeStepUp({ session, method: METHODS[type], origin });
      else {
        requireMayChange(session, session.factors);
        if (phone !== null) await phones.sendVerification({ session, origin, phone });
      }
      return await newChallenge(session, { type, isSetUp: !isVerified, phone: isVerified ? null : phone });
    },

    async verify({ session, origin, challengeId, code, allowed }) {
      const asked = { hash: tokenHash(challengeId), sessionId: session.id, now: clock() };
      const challenge = await findChallenge(storage.db, asked);
      if (!challenge) throw new AuthError('invalid-ticket', { method: 'totp' });
      const { hash, factor, isSetUp } = challenge;
      if (isSetUp) {
        if (!allowed.includes(TYPES[factor])) throw new AuthError('factor-switched-off');
        const codes = await setUp({ session, origin }, challenge, code);
        return { recoveryCodes: codes.length > 0 ? codes : null };
      }
      await gate.stepUp({
        ...{ session, origin, method: factor, proof: { code } },
        spendOwn: () => spendTry(hash),
        within: (tx) => spend(tx, hash),
      });
      return { recoveryCodes: null };
    },

    async remove({ session, origin, factorId }) {
      const { projectId, userId, id: sessionId } = session;
      const factor = (await list(session)).find(({ id }) => id === factorId);
      if (!factor) throw new AuthError('not-found', { what: 'factor' });
      const method = METHODS[factor.type];
      await storage.transaction(async (tx) => {
        requireMayChange(session, await holdUser(tx, userId));
        await voidSetUps(tx, { sessionId, factor: method });
        const wasOn = factor.type === 'totp' ? await totp.remove(tx, userId) : await sms.disable(tx, userId);
        const owner = { projectId, userId, session, origin };
        if (wasOn) await changes.record(tx, { what: 'removed', methods: [method], owner });
      });
    },
  };
}
