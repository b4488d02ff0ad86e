import type { Chance } from '../../chance.ts';
import type { Database, Storage, Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import {
  type Contact,
  findContactByAddress,
  findUserByIdentifier,
  holdContacts,
  listContacts,
  markVerified,
} from '../contact/index.ts';
import { AuthError, isAuthError, type LinkTokenKind } from '../errors.ts';
import { holdLinkTokens, voidLinkTokens } from '../link-token/index.ts';
import type { Places } from '../location/index.ts';
import type { Notices } from '../notice/index.ts';
import type { Origin } from '../origin.ts';
import { insertAccount } from '../registration/index.ts';
import type { Sessions } from '../session/index.ts';
import { type Factors, type PasswordKeeper, type Rejection, voidTickets } from '../sign-in/index.ts';
import { type Snowflakes, settleSuspicion } from '../user/index.ts';

interface Recognised {
  userId: string;
  /** Nobody has the address yet: the id is one that nobody has, either. */
  isNew: boolean;
}

export interface Mailboxes {
  /** Whose mailbox it is. Changes nothing. */
  recognise(db: Database, projectId: string, address: string): Promise<Recognised>;
  /**
   * Takes a proof of the mailbox, in the sign-in's transaction: makes the account of somebody new; of an address that
   * was never proved, casts out whoever set the account up in its owner's name. Returns why not; null when done.
   */
  settle(
    tx: Transaction,
    proved: Recognised & { projectId: string; address: string; origin: Origin },
  ): Promise<Rejection['reason'] | null>;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  snowflakes: Snowflakes;
  factors: Factors;
  passwords: PasswordKeeper;
  places: Places;
  sessions: Sessions;
  notices: Notices;
}

/** Whatever was mailed or sent while the account was in other hands. */
const VOIDED: readonly LinkTokenKind[] = [
  'password-reset',
  'email-verification',
  'phone-verification',
  'not-me',
  'email-revert',
];

export function createMailboxes(deps: Dependencies): Mailboxes {
  const { storage, clock, audit, sessions } = deps;

  async function create(
    tx: Transaction,
    {
      projectId,
      userId,
      address,
      origin,
    }: { projectId: string; userId: string; address: string; origin: Origin },
  ): Promise<Rejection['reason'] | null> {
    if (await findUserByIdentifier(tx, projectId, address)) return 'address-taken';
    const empty = { username: null, globalName: null, dateOfBirth: null, password: null };
    const account = { userId, projectId, email: { address, verified: true }, ...empty };
    try {
      await insertAccount(tx, deps, account);
    } catch (error) {
      // Two first sign-ins at once: this one is undone, with what it spent, and its next try finds the other's account.
      if (!isAuthError(error, 'email-taken')) throw error;
      throw new AuthError('invalid-magic-link');
    }
    const actor = { userId, sessionId: null, origin };
    const details = { method: 'magic-link' };
    await audit.record(tx, { event: 'registration.completed', projectId, userId, actor, details });
    return null;
  }

  /** All that opened the account before goes: none of it need be the owner's, and all of it would still open it. */
  async function castOut(tx: Transaction, userId: string): Promise<number> {
    const now = clock();
    await deps.passwords.forget(tx, userId);
    await deps.factors.forgetAll(tx, userId);
    await deps.places.forget(tx, userId);
    await deps.notices.forgetDevices(tx, userId);
    for (const kind of VOIDED) await voidLinkTokens(tx, { kind, userId, now });
    await voidTickets(tx, { userId, now });
    return await sessions.endAllOf(tx, userId);
  }

  return {
    async recognise(db, projectId, address) {
      const contact = await findContactByAddress(db, projectId, address);
      return contact
        ? { userId: contact.userId, isNew: false }
        : { userId: await deps.snowflakes.next(), isNew: true };
    },
    async settle(tx, { isNew, ...proved }) {
      if (isNew) return await create(tx, proved);
      const { projectId, userId, address, origin } = proved;
      const isIt = (contact: Contact) => contact.address === address;
      // What is proved stays so; only what is not is looked at again where nobody else can prove it meanwhile.
      let before = (await listContacts(tx, userId)).find(isIt);
      if (before?.verifiedAt === null) {
        await holdLinkTokens(tx, userId);
        before = (await holdContacts(tx, userId)).find(isIt);
      }
      if (!before || !(await markVerified(tx, { userId, address, now: clock() }))) return 'not-enrolled';
      const ended = before.verifiedAt === null ? await castOut(tx, userId) : null;
      await settleSuspicion(tx, userId, 'email');
      await storage.channel.publish(tx, { topic: 'user', key: userId });
      if (ended === null) return null;
      const actor = { userId, sessionId: null, origin };
      const details = { method: 'magic-link', sessions_ended: ended };
      await audit.record(tx, { event: 'contact.verified', projectId, userId, actor, details });
      return null;
    },
  };
}
