import { type Chance, MINUTE } from '../../chance.ts';
import type { Storage } from '../../storage/index.ts';
import type { Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { type Contacts, findContactByAddress, normalEmail } from '../contact/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import type { Gate, NewPassword, PasswordKeeper, SignInResult } from '../sign-in/index.ts';
import type { Snowflakes } from '../user/index.ts';
import { insertAccount } from './account.ts';
import { isAtLeast } from './age.ts';

export interface RegistrationRequest {
  projectId: string;
  surface: Surface;
  /** Absent for an account that is claimed later. */
  email: string | null;
  password: string | null;
  username: string | null;
  globalName: string | null;
  /** `YYYY-MM-DD`; the caller has seen that it is a real date. Null where the surface does not ask. */
  dateOfBirth: string | null;
  consent: boolean;
  origin: Origin;
}

export interface Registration {
  /**
   * Makes an account and signs it in. Throws `consent-missing`, `too-young`, `password-refused`, `rate-limited`,
   * `email-taken`, `username-exhausted`, `overloaded`.
   */
  register(request: RegistrationRequest): Promise<SignInResult>;
}

interface Dependencies extends Chance {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  contacts: Contacts;
  gate: Gate;
  passwords: PasswordKeeper;
  snowflakes: Snowflakes;
  minimumAgeYears: number;
}

/** Contract 7.3. */
const BY_EMAIL = { name: 'register-email', limit: 3, windowMs: 15 * MINUTE } as const;
const BY_ADDRESS = { name: 'register-address', limit: 5, windowMs: 30 * MINUTE } as const;

export function createRegistration(deps: Dependencies): Registration {
  const { storage, counters, passwords } = deps;

  /** What of a request can be refused before anything is counted or hashed, in the contract's order (1.2). */
  function refuseEarly(request: RegistrationRequest): void {
    if (!request.consent) throw new AuthError('consent-missing');
    if (request.dateOfBirth !== null && !isAtLeast(deps.minimumAgeYears, request.dateOfBirth, deps.clock())) {
      throw new AuthError('too-young');
    }
    if (request.password !== null) {
      const reason = passwords.refusal(request.password, ownWords(request));
      if (reason) throw new AuthError('password-refused', { reason, field: 'password' });
    }
  }

  async function insert(request: RegistrationRequest, password: NewPassword | null): Promise<SignInResult> {
    const { projectId, origin } = request;
    const userId = await deps.snowflakes.next();
    return await storage.transaction(async (tx) => {
      await insertAccount(tx, deps, {
        ...request,
        userId,
        password,
        email: request.email === null ? null : { address: request.email, verified: false },
      });
      if (request.email !== null) {
        await deps.contacts.sendVerification(tx, { projectId, userId, address: request.email });
      }
      await deps.audit.record(tx, {
        event: 'registration.completed',
        projectId,
        userId,
        actor: { userId, sessionId: null, origin },
        details: { surface: request.surface },
      });
      return await deps.gate.admit(tx, {
        projectId,
        userId,
        surface: request.surface,
        occasion: 'registration',
        factors: password === null ? [] : ['knows'],
        origin,
      });
    });
  }

  return {
    async register(request) {
      refuseEarly(request);
      const place = request.password === null ? null : passwords.reserve();
      let spent: Spent | null = null;
      try {
        spent = await counters.spend([
          ...(request.email === null ? [] : [{ ...BY_EMAIL, key: normalEmail(request.email) }]),
          { ...BY_ADDRESS, key: request.origin.source },
        ]);
        // Looked up before the hash only to save it; the insert decides.
        if (
          request.email !== null &&
          (await findContactByAddress(storage.db, request.projectId, request.email))
        ) {
          throw new AuthError('email-taken');
        }
        const password = place && request.password !== null ? await place.hash(request.password) : null;
        return await insert(request, password);
      } catch (error) {
        if (!isAuthError(error)) await spent?.giveBack();
        throw error;
      } finally {
        place?.release();
      }
    },
  };
}

/** Words that everybody who knows the account's name would try first. */
export function ownWords(person: {
  email: string | null;
  username: string | null;
  globalName: string | null;
}): string[] {
  return [person.email?.split('@')[0], person.username, person.globalName].filter((word) => word != null);
}
