import { type Chance, DAY } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import {
  type Contact,
  findPrimaryEmail,
  findUserByIdentifier,
  holdContacts,
  insertEmail,
  replacePrimaryEmail,
} from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { createLinkToken, voidLinkTokens } from '../link-token/index.ts';
import type { Notices } from '../notice/index.ts';
import type { Origin } from '../origin.ts';
import { accountName } from '../profile/index.ts';
import { type LiveSession, sessionExists } from '../session/index.ts';
import { holdUser, settleSuspicion } from '../user/index.ts';

/** Puts a proved address in the place of the one that was given up; the caller holds the user's link tokens. */
export type AddressChanger = (tx: Transaction, change: AddressChange) => Promise<void>;

interface AddressChange {
  session: LiveSession;
  origin: Origin;
  /** Normal form of the address that was proved, or found missing, at the beginning. */
  original: string | null;
  newAddress: string;
}

interface Dependencies extends Chance {
  storage: Storage;
  notices: Notices;
  audit: Auditor;
}

/** Contract appendix A. */
const REVERT_MS = 2 * DAY;

export function createAddressChanger(deps: Dependencies): AddressChanger {
  const { storage, clock, notices, audit } = deps;

  /** False when the address to be replaced is no longer the user's, or the new one is somebody else's. */
  async function write(tx: Transaction, { session, original, newAddress }: AddressChange): Promise<boolean> {
    const { projectId, userId } = session;
    if (original !== null)
      return await replacePrimaryEmail(tx, {
        projectId,
        userId,
        from: original,
        to: newAddress,
        now: clock(),
      });
    // There is no row of an address to wait for, so two first addresses wait for each other at the user's.
    await holdUser(tx, userId);
    if (await findPrimaryEmail(tx, userId)) return false;
    return await insertEmail(tx, deps, { projectId, userId, address: newAddress, verified: true });
  }

  /** A12: both mailboxes hear of it. Only one that was proved may take the account back: the other may be a stranger's. */
  async function tell(tx: Transaction, given: Contact | null, { session }: AddressChange): Promise<void> {
    const { projectId, userId } = session;
    const revertToken =
      given?.verifiedAt == null
        ? null
        : await createLinkToken(tx, deps, {
            kind: 'email-revert',
            projectId,
            userId,
            address: given.address,
            lifeMs: REVERT_MS,
          });
    const values = { account: accountName(session.profile) };
    const former = given ? [{ address: given.address, revertToken }] : [];
    await notices.tell(tx, { projectId, userId, what: 'email-changed', values, former });
  }

  return async (tx, change) => {
    const { session, origin, newAddress } = change;
    const { projectId, userId } = session;
    const now = clock();
    // What was mailed to the old address opens nothing from now on.
    await voidLinkTokens(tx, { kind: 'password-reset', userId, now });
    await voidLinkTokens(tx, { kind: 'email-verification', userId, now });
    const given = (await holdContacts(tx, userId)).find(({ isPrimary }) => isPrimary) ?? null;
    // An owner who was told of something keeps the way out of it; a stranger who got such mail by mistake does not.
    if (given?.verifiedAt === null) await voidLinkTokens(tx, { kind: 'not-me', userId, now });
    if (!(await write(tx, change))) {
      const owner = await findUserByIdentifier(tx, projectId, newAddress);
      throw owner !== null && owner !== userId
        ? new AuthError('email-taken')
        : new AuthError('change-refused', { reason: 'email-token-unknown' });
    }
    await settleSuspicion(tx, userId, 'email');
    // Asked last: a reset that was under way held the address until it was done, and ended this session with it.
    if (!(await sessionExists(tx, session.id))) throw new AuthError('not-signed-in');
    await tell(tx, given, change);
    await storage.channel.publish(tx, { topic: 'user', key: userId });
    await audit.record(tx, {
      event: 'contact.changed',
      projectId,
      userId,
      actor: { userId, sessionId: session.id, origin },
      details: { kind: 'email' },
    });
  };
}
