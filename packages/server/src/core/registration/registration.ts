import { type Chance, MINUTE } from '../../chance.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Allowance, Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { type Contacts, findUserByIdentifier, normalEmail } from '../contact/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Places } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import type { Gate, NewPassword, PasswordKeeper, SignInResult } from '../sign-in/index.ts';
import type { Snowflakes } from '../user/index.ts';
import { insertAccount } from './account.ts';
import { isAtLeast } from './age.ts';

interface RegistrationRequest {
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
  /** The app's own page that the mail's link opens; ours, when there is none. */
  linkTo?: string | null;
}

export interface Registration {
  /**
   * Makes an account and signs it in. Throws `consent-missing`, `too-young`, `password-refused`, `rate-limited`,
   * `email-unreachable`, `email-taken`, `username-exhausted`, `overloaded`.
   */
  register(request: RegistrationRequest): Promise<SignInResult>;
  /**
   * The same without telling whether the address was free (A09): nobody is signed in, and a taken address gets a
   * mail that says so. Never throws `email-taken`.
   */
  registerQuietly(request: RegistrationRequest & { email: string; password: string }): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
  contacts: Contacts;
  outbox: Outbox;
  gate: Gate;
  passwords: PasswordKeeper;
  places: Places;
  snowflakes: Snowflakes;
  /** Whether mail to an address could arrive anywhere; may ask the outside world. */
  canReceiveMail(address: string): Promise<boolean>;
  /** In years, by the client's address. */
  minimumAgeAt(address: string): number;
}

/** Contract 7.3. */
const BY_EMAIL = { name: 'register-email', limit: 3, windowMs: 15 * MINUTE } as const;
const BY_ADDRESS = { name: 'register-address', limit: 5, windowMs: 30 * MINUTE } as const;
/** Flux: an app's new users may all come through the app's own server. */
const BY_APP = { name: 'flux-register-address', limit: 100, windowMs: 30 * MINUTE } as const;

/** Of a Flux project by project, so that none uses up what another's users have. */
function allowancesOf({ projectId, surface, email, origin }: RegistrationRequest): Allowance[] {
  const scope = surface === 'flux' ? `${projectId} ` : '';
  return [
    ...(email === null ? [] : [{ ...BY_EMAIL, key: scope + normalEmail(email) }]),
    { ...(surface === 'flux' ? BY_APP : BY_ADDRESS), key: scope + origin.source },
  ];
}

export function createRegistration(deps: Dependencies): Registration {
  const { storage, counters, passwords } = deps;

  /** What of a request can be refused before anything is counted or hashed, in the contract's order (1.2). */
  async function refuseEarly(request: RegistrationRequest): Promise<void> {
    if (!request.consent) throw new AuthError('consent-missing');
    if (
      request.dateOfBirth !== null &&
      !isAtLeast(deps.minimumAgeAt(request.origin.address), request.dateOfBirth, deps.clock())
    ) {
      throw new AuthError('too-young');
    }
    if (request.password !== null) {
      const reason = await passwords.refusal(request.password, ownWords(request));
      if (reason) throw new AuthError('password-refused', { reason, field: 'password' });
    }
  }

  /** Writes the account; `then` runs in the same transaction. */
  async function insert<T>(
    request: RegistrationRequest,
    password: NewPassword | null,
    then: (tx: Transaction, userId: string) => Promise<T>,
  ): Promise<T> {
    const { projectId, origin, linkTo = null } = request;
    const userId = await deps.snowflakes.next();
    return await storage.transaction(async (tx) => {
      await insertAccount(tx, deps, {
        ...request,
        userId,
        password,
        email: request.email === null ? null : { address: request.email, verified: false },
      });
      // Contract 1.2: whoever registers has approved the place by being there.
      await deps.places.authorise(tx, userId, origin);
      if (request.email !== null) {
        const { email: address } = request;
        await deps.contacts.sendVerification(tx, { projectId, userId, address, linkTo });
      }
      await deps.audit.record(tx, {
        event: 'registration.completed',
        projectId,
        userId,
        actor: { userId, sessionId: null, origin },
        details: { surface: request.surface },
      });
      return await then(tx, userId);
    });
  }

  /** Refuses, counts and hashes, in this order; gives the tries back when our own infrastructure fails. */
  async function prepared<T>(
    request: RegistrationRequest,
    work: (hash: () => Promise<NewPassword | null>) => Promise<T>,
  ): Promise<T> {
    await refuseEarly(request);
    const { password } = request;
    const place = password === null ? null : passwords.reserve();
    let spent: Spent | null = null;
    try {
      spent = await counters.spend(allowancesOf(request));
      if (request.email !== null && !(await deps.canReceiveMail(request.email)))
        throw new AuthError('email-unreachable');
      return await work(async () => (place && password !== null ? await place.hash(password) : null));
    } catch (error) {
      if (!isAuthError(error)) await spent?.giveBack();
      throw error;
    } finally {
      place?.release();
    }
  }

  return {
    async register(request) {
      const { projectId, surface, origin, email } = request;
      return await prepared(request, async (hash) => {
        // Looked up before the hash only to save it; the insert decides.
        if (email !== null && (await findUserByIdentifier(storage.db, projectId, email))) {
          throw new AuthError('email-taken');
        }
        const password = await hash();
        const factors = password === null ? ([] as const) : (['knows'] as const);
        return await insert(request, password, (tx, userId) =>
          deps.gate.admit(tx, { projectId, userId, surface, occasion: 'registration', factors, origin }),
        );
      });
    },
    async registerQuietly(request) {
      await prepared(request, async (hash) => {
        try {
          await insert(request, await hash(), async () => undefined);
        } catch (error) {
          if (!isAuthError(error, 'email-taken')) throw error;
          const mail = {
            channel: 'mail',
            projectId: request.projectId,
            to: request.email,
            kind: 'already_registered',
            values: {},
          } as const;
          await storage.transaction((tx) => deps.outbox.add(tx, mail));
        }
      });
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
