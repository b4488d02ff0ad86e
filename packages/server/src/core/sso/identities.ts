import type { Chance } from '../../chance.ts';
import type { Database, Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findUserByIdentifier, isEmailAddress } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { shownName } from '../profile/index.ts';
import { insertAccount } from '../registration/index.ts';
import type { Rejection } from '../sign-in/index.ts';
import { holdUser, type Snowflakes } from '../user/index.ts';
import { findIdentityOwner, insertIdentity, noteIdentityUse } from './identity-store.ts';

/** What a provider says of somebody; every word of it checked before it comes here. */
export interface Person {
  issuer: string;
  /** The person's name at the issuer, and with it the only thing anybody is recognised by (G02). */
  subject: string;
  email: string | null;
  /** True only when the provider said exactly that, beside the address. */
  isEmailVerified: boolean;
  firstName: string | null;
  lastName: string | null;
  /** Names of roles that the provider wants the person to have, for as long as the sign-in lasts. */
  roles: readonly string[];
}

/** Whose sign-in it would be; an id that nobody has yet, for somebody who comes for the first time. */
export interface Recognised {
  userId: string;
  isNew: boolean;
}

export interface Identities {
  recognise(db: Database, projectId: string, person: Person): Promise<Recognised>;
  /**
   * Holds on to who was recognised, in the sign-in's transaction; makes the account of somebody new. An e-mail address
   * opens no account that is there already, whatever either side says of it (G05). Returns why not; null when done.
   */
  settle(
    tx: Transaction,
    settling: Recognised & { projectId: string; person: Person; origin: Origin },
  ): Promise<Rejection['reason'] | null>;
}

interface Dependencies extends Chance {
  audit: Auditor;
  snowflakes: Snowflakes;
}

export function createIdentities(deps: Dependencies): Identities {
  const { clock, audit, snowflakes } = deps;

  async function create(
    tx: Transaction,
    {
      userId,
      projectId,
      person,
      origin,
    }: { userId: string; projectId: string; person: Person; origin: Origin },
  ): Promise<Rejection['reason'] | null> {
    const { issuer, subject, email, firstName, lastName } = person;
    // Flecto contract A10: an account is made only for somebody who has a name.
    if (firstName === null || lastName === null) return 'name-missing';
    if (email !== null && !isEmailAddress(email)) return 'address-malformed';
    if (email !== null && (await findUserByIdentifier(tx, projectId, email))) return 'address-taken';
    await insertAccount(tx, deps, {
      userId,
      projectId,
      email: email === null ? null : { address: email, verified: person.isEmailVerified },
      username: null,
      globalName: shownName(`${firstName} ${lastName}`),
      dateOfBirth: null,
      password: null,
    });
    // Two first sign-ins of one person at once: the account of the second is undone, and its next try finds the first's.
    if (!(await insertIdentity(tx, { projectId, issuer, subject, userId, at: clock() })))
      throw new AuthError('invalid-credentials');
    await audit.record(tx, {
      event: 'registration.completed',
      projectId,
      userId,
      actor: { userId, sessionId: null, origin },
      details: { issuer },
    });
    return null;
  }

  return {
    async recognise(db, projectId, { issuer, subject }) {
      const userId = await findIdentityOwner(db, { projectId, issuer, subject });
      return userId === null ? { userId: await snowflakes.next(), isNew: true } : { userId, isNew: false };
    },
    async settle(tx, { userId, isNew, projectId, person, origin }) {
      if (isNew) return await create(tx, { userId, projectId, person, origin });
      // The user's row first, as whoever takes proofs away has it.
      await holdUser(tx, userId);
      const { issuer, subject } = person;
      const isStillTheirs = await noteIdentityUse(tx, { projectId, issuer, subject, userId, at: clock() });
      return isStillTheirs ? null : 'not-enrolled';
    },
  };
}
