import { MINUTE } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { LiveSession, Surface } from '../session/index.ts';
import type { Factors, Gate, MethodId, SignInResult } from '../sign-in/index.ts';
import { holdUser } from '../user/index.ts';
import type { FactorChanges, Owner } from './factor-changes.ts';
import {
  firstRecoveryCodes,
  type RecoveryCode,
  type RecoveryCodeKeeper,
  type TotpKeeper,
} from './keepers.ts';

/** Somebody in a session looks after their own authenticator app and recovery codes. */
export interface SecondFactors {
  /** A secret for an authenticator app, which opens nothing before a code of it was seen. Throws `totp-already-enabled`. */
  beginTotp(userId: string): Promise<string>;
  /**
   * Counts a try and looks at a code of the secret given, or (null) of the one that was begun. Throws
   * `totp-secret-refused`, `wrong-code`, `rate-limited`.
   */
  proveTotp(asked: { userId: string; secret: string | null; code: string }): Promise<ProvedTotp>;
  /** `proveTotp`, and turns it on. */
  enableTotp(request: {
    session: LiveSession;
    secret: string | null;
    code: string;
    origin: Origin;
  }): Promise<RecoveryCode[]>;
  /**
   * `proveTotp`, turns it on, and so ends a sign-in that owes a second factor. Throws `invalid-ticket` too, and
   * then nothing was turned on.
   */
  enrolTotp(request: {
    projectId: string;
    surface: Surface;
    ticket: string;
    secret: string;
    code: string;
    origin: Origin;
  }): Promise<{ result: SignInResult; codes: RecoveryCode[] }>;
  /**
   * Turns off TOTP, and with it codes by SMS and all recovery codes; passkeys stay. `given` is a TOTP or a recovery
   * code; null where the caller has that very code judged already. Throws `totp-not-enabled`, `wrong-code`,
   * `rate-limited`.
   */
  disableTotp(request: {
    session: LiveSession;
    given: { method: MethodId; proof: unknown } | null;
    origin: Origin;
  }): Promise<void>;
  /** All ten, with what was used. Throws `totp-not-enabled` for an account without any second factor. */
  showRecoveryCodes(request: { session: LiveSession; origin: Origin }): Promise<RecoveryCode[]>;
  /** How many recovery codes still work. */
  recoveryCodesLeft(userId: string): Promise<number>;
  /** Ten others; the earlier ones are void. Throws as `showRecoveryCodes`. */
  renewRecoveryCodes(request: { session: LiveSession; origin: Origin }): Promise<RecoveryCode[]>;
}

/** A code that was right, waiting for the transaction that turns TOTP on. */
export interface ProvedTotp {
  /** Makes recovery codes too, or only where the user has none. Throws `totp-already-enabled`. */
  enable(tx: Transaction, owner: Owner, codes?: 'always' | 'where-none'): Promise<RecoveryCode[]>;
}

interface Dependencies {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  gate: Pick<Gate, 'proveAgain' | 'enrol' | 'enrolling'>;
  factors: Factors;
  changes: FactorChanges;
  totp: TotpKeeper;
  recoveryCodes: RecoveryCodeKeeper;
}

/**
 * Contract 7.3. Apart from the tries at proving a factor that is on: somebody whose telephone tells the wrong time
 * must not use those up, and a secret that the client knows cannot be guessed.
 */
const ENROLMENTS = { name: 'totp-enrolment', limit: 10, windowMs: 15 * MINUTE, always: true } as const;

export function createSecondFactors(deps: Dependencies): SecondFactors {
  const { storage, counters, audit, gate, factors, changes, totp, recoveryCodes } = deps;

  async function proveTotp(asked: {
    userId: string;
    secret: string | null;
    code: string;
  }): Promise<ProvedTotp> {
    const allowance = { ...ENROLMENTS, key: asked.userId };
    const spent = await counters.spend([allowance]);
    const judged = await totp.judge(storage.db, asked).catch(async (error: unknown) => {
      await spent.giveBack();
      throw error;
    });
    if (judged.refused === 'wrong-code') throw new AuthError('wrong-code');
    if (judged.refused !== null) throw new AuthError('totp-secret-refused', { reason: judged.refused });
    return {
      async enable(tx, owner, when = 'always') {
        await holdUser(tx, owner.userId);
        if (!(await judged.save(tx, owner.userId))) throw new AuthError('totp-already-enabled');
        const codes =
          when === 'always'
            ? await recoveryCodes.replace(tx, owner.userId)
            : await firstRecoveryCodes(tx, recoveryCodes, owner.userId);
        await counters.reset(tx, [allowance]);
        await changes.record(tx, { what: 'enrolled', methods: ['totp'], owner });
        return codes;
      },
    };
  }

  /** A proof of the factor that is about to go; wrong ones count like those of a sign-in. */
  async function prove(proof: Parameters<Gate['proveAgain']>[0]): Promise<void> {
    try {
      await gate.proveAgain(proof);
    } catch (error) {
      throw isAuthError(error, 'wrong-proof') ? new AuthError('wrong-code') : error;
    }
  }

  return {
    async beginTotp(userId) {
      const secret = await storage.transaction((tx) => totp.begin(tx, userId));
      if (secret === null) throw new AuthError('totp-already-enabled');
      return secret;
    },
    proveTotp,
    async enableTotp({ session, secret, code, origin }) {
      if (session.factors.includes('totp')) throw new AuthError('totp-already-enabled');
      const proved = await proveTotp({ userId: session.userId, secret, code });
      return await storage.transaction((tx) => proved.enable(tx, ownerOf(session, origin)));
    },
    async enrolTotp({ projectId, surface, ticket, secret, code, origin }) {
      const user = await gate.enrolling({ projectId, surface, ticket });
      if (!user) throw new AuthError('invalid-ticket', { method: 'totp' });
      const proved = await proveTotp({ userId: user.id, secret, code });
      let codes: RecoveryCode[] = [];
      const result = await gate.enrol({
        projectId,
        surface,
        ticket,
        origin,
        async enrol(tx, { id: userId }) {
          codes = await proved.enable(tx, { projectId, userId, session: null, origin });
          return { method: 'totp', factors: ['has'] };
        },
      });
      return { result, codes };
    },
    async disableTotp({ session, given, origin }) {
      if (!session.factors.includes('totp')) throw new AuthError('totp-not-enabled');
      const owner = ownerOf(session, origin);
      const turnOff = async (tx: Transaction) => {
        const enrolled = await holdUser(tx, session.userId);
        if (!(await totp.remove(tx, session.userId))) throw new AuthError('totp-not-enabled');
        await factors.forget(tx, session.userId, ['sms-code', 'recovery-code']);
        const methods = (['totp', 'sms-code'] as const).filter((id) => enrolled.includes(id));
        await changes.record(tx, { what: 'removed', methods, owner });
      };
      // One decision: a recovery code must not be spent for an app that stays on.
      if (given) await prove({ session, ...given, origin, together: turnOff });
      else await storage.transaction(turnOff);
    },
    async showRecoveryCodes({ session, origin }) {
      if (session.factors.length === 0) throw new AuthError('totp-not-enabled');
      const { projectId, userId, id } = session;
      const actor = { userId, sessionId: id, origin };
      await storage.transaction((tx) =>
        audit.record(tx, { event: 'factor.shown', projectId, userId, actor, method: 'recovery-code' }),
      );
      return await recoveryCodes.list(storage.db, userId);
    },
    async recoveryCodesLeft(userId) {
      const codes = await recoveryCodes.list(storage.db, userId);
      return codes.filter(({ consumed }) => !consumed).length;
    },
    async renewRecoveryCodes({ session, origin }) {
      const owner = ownerOf(session, origin);
      return await storage.transaction(async (tx) => {
        const enrolled = await holdUser(tx, session.userId);
        if (enrolled.length === 0) throw new AuthError('totp-not-enabled');
        const codes = await recoveryCodes.replace(tx, session.userId);
        await changes.record(tx, { what: 'renewed', methods: ['recovery-code'], owner });
        return codes;
      });
    },
  };
}

function ownerOf(session: LiveSession, origin: Origin): Owner {
  return { projectId: session.projectId, userId: session.userId, session, origin };
}
