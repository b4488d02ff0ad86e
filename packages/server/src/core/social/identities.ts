import type { Chance } from '../../chance.ts';
import type { Database, Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findContactByAddress, findUserByIdentifier, isEmailAddress } from '../contact/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import type { Places } from '../location/index.ts';
import type { Notices } from '../notice/index.ts';
import type { Origin } from '../origin.ts';
import { shownName } from '../profile/index.ts';
import type { ProviderId } from '../project/index.ts';
import { insertAccount, type NewAccount } from '../registration/index.ts';
import type { Rejection } from '../sign-in/index.ts';
import { findIdentityOwner, insertIdentity, noteIdentityUse } from '../sso/index.ts';
import { findUser, holdUser, type Snowflakes } from '../user/index.ts';
import type { SocialPerson } from './provider.ts';

/**
 * Whose sign-in it would be: somebody's who came before; somebody's who has shown the same mailbox here; or nobody's
 * yet, with an id that nobody has.
 */
export interface Recognised {
  userId: string;
  as: 'known' | 'joining' | 'new';
}

interface Settling {
  projectId: string;
  provider: ProviderId;
  person: SocialPerson;
  origin: Origin;
}

export interface SocialIdentities {
  recognise(db: Database, of: Pick<Settling, 'projectId' | 'provider' | 'person'>): Promise<Recognised>;
  /**
   * Holds on to who was recognised, in the sign-in's transaction: joins an account whose address both sides have verified,
   * or makes one (FX-17). Returns why not; null when done.
   */
  settle(tx: Transaction, settling: Recognised & Settling): Promise<Rejection['reason'] | null>;
}

interface Dependencies extends Chance {
  audit: Auditor;
  notices: Notices;
  places: Places;
  snowflakes: Snowflakes;
}

const NAMES: Record<ProviderId, string> = { google: 'Google', github: 'GitHub', microsoft: 'Microsoft' };

export function createSocialIdentities(deps: Dependencies): SocialIdentities {
  const { clock, audit, notices, places, snowflakes } = deps;

  /** Each provider's people are apart, whatever address a project gives two of them (G02). */
  function keyOf({ projectId, provider, person }: Pick<Settling, 'projectId' | 'provider' | 'person'>) {
    return { projectId, issuer: `${provider} ${person.issuer}`, subject: person.subject };
  }

  /** Who has shown this very mailbox to us, when the provider has seen it too (G05, bug 37); null for nobody. */
  async function ownerOf(
    db: Database | Transaction,
    { projectId, person }: Pick<Settling, 'projectId' | 'person'>,
  ): Promise<string | null> {
    const { email, isEmailVerified } = person;
    if (email === null || !isEmailVerified) return null;
    const contact = await findContactByAddress(db, projectId, email);
    return contact !== null && contact.verifiedAt !== null ? contact.userId : null;
  }

  async function join(
    tx: Transaction,
    { userId, ...settling }: { userId: string } & Settling,
  ): Promise<Rejection['reason'] | null> {
    const { projectId, provider, origin } = settling;
    // Neither closed nor deleted until this is done; and the address once more, which may have been given up since.
    await holdUser(tx, userId);
    if ((await ownerOf(tx, settling)) !== userId) return 'account-exists';
    // Whether a closed account may be opened is the gate's to say; nothing is added to it before.
    if ((await findUser(tx, projectId, userId))?.status !== 'active') return null;
    if (!(await insertIdentity(tx, { ...keyOf(settling), userId, at: clock() })))
      throw new AuthError('invalid-credentials');
    const actor = { userId, sessionId: null, origin };
    await audit.record(tx, { event: 'identity.joined', projectId, userId, actor, method: provider });
    const values = { provider: NAMES[provider] };
    await notices.tell(tx, { projectId, userId, what: 'identity-joined', values });
    return null;
  }

  /** An address that somebody took since it was looked for: nobody knows yet who, so the next try says. */
  async function insertNew(tx: Transaction, account: NewAccount): Promise<void> {
    try {
      await insertAccount(tx, deps, account);
    } catch (error) {
      throw isAuthError(error, 'email-taken') ? new AuthError('invalid-credentials') : error;
    }
  }

  async function create(
    tx: Transaction,
    { userId, ...settling }: { userId: string } & Settling,
  ): Promise<Rejection['reason'] | null> {
    const { projectId, provider, person, origin } = settling;
    const { email, isEmailVerified, name } = person;
    if (email !== null && !isEmailAddress(email)) return 'address-malformed';
    if (email !== null && (await findUserByIdentifier(tx, projectId, email))) {
      // By this very person, a moment ago: the next try finds them.
      if ((await findIdentityOwner(tx, keyOf(settling))) !== null) throw new AuthError('invalid-credentials');
      return 'account-exists';
    }
    await insertNew(tx, {
      userId,
      projectId,
      email: email === null ? null : { address: email, verified: isEmailVerified },
      username: null,
      globalName: name === null ? null : shownName(name),
      dateOfBirth: null,
      password: null,
    });
    // Two first sign-ins of one person at once: the account of the second is undone, and its next try finds the first's.
    if (!(await insertIdentity(tx, { ...keyOf(settling), userId, at: clock() })))
      throw new AuthError('invalid-credentials');
    // Whoever registers has approved the place by being there.
    await places.authorise(tx, userId, origin);
    const actor = { userId, sessionId: null, origin };
    await audit.record(tx, {
      event: 'registration.completed',
      projectId,
      userId,
      actor,
      method: provider,
      details: { issuer: person.issuer },
    });
    return null;
  }

  return {
    async recognise(db, of) {
      const known = await findIdentityOwner(db, keyOf(of));
      if (known !== null) return { userId: known, as: 'known' };
      const owner = await ownerOf(db, of);
      return owner === null
        ? { userId: await snowflakes.next(), as: 'new' }
        : { userId: owner, as: 'joining' };
    },
    async settle(tx, { as, ...settling }) {
      if (as === 'new') return await create(tx, settling);
      if (as === 'joining') return await join(tx, settling);
      const { userId } = settling;
      await holdUser(tx, userId);
      const isStillTheirs = await noteIdentityUse(tx, { ...keyOf(settling), userId, at: clock() });
      return isStillTheirs ? null : 'not-enrolled';
    },
  };
}
