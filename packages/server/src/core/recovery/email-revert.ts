import type { Chance } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import {
  deletePhone,
  findPrimaryEmail,
  insertEmail,
  normalEmail,
  releaseUnverified,
  replacePrimaryEmail,
} from '../contact/index.ts';
import { AuthError, type LinkTokenKind } from '../errors.ts';
import { findLinkToken, holdLinkTokens, spendLinkToken, voidLinkTokens } from '../link-token/index.ts';
import type { Places } from '../location/index.ts';
import type { Notices } from '../notice/index.ts';
import { accountName, findProfile } from '../profile/index.ts';
import type { Sessions } from '../session/index.ts';
import type { Factors, Gate } from '../sign-in/index.ts';
import { settleSuspicion } from '../user/index.ts';
import type { NewPasswords } from './new-password.ts';
import type { Recovery } from './recovery.ts';

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
  notices: Notices;
  sessions: Sessions;
  places: Places;
  factors: Factors;
  gate: Gate;
  newPasswords: NewPasswords;
}

const REVERT = 'email-revert';
/** Whatever else was mailed or sent while the account was in other hands. */
const VOIDED: readonly LinkTokenKind[] = [
  'not-me',
  'password-reset',
  'email-verification',
  'phone-verification',
];

/** Contract 1.11: the way back for an owner whose address somebody else has changed. */
export function createEmailRevert(deps: Dependencies): Recovery['revert'] {
  const { storage, clock, audit, notices, sessions, places, factors } = deps;

  /** Puts the address back. Whoever has taken it meanwhile without proving it gives it up to whoever just has. */
  async function restore(
    tx: Transaction,
    { projectId, userId, address }: { projectId: string; userId: string; address: string },
  ): Promise<void> {
    const squatter = await releaseUnverified(tx, { projectId, address, exceptUserId: userId });
    if (squatter !== null) await storage.channel.publish(tx, { topic: 'user', key: squatter });
    const given = await findPrimaryEmail(tx, userId);
    const isBack = given
      ? await replacePrimaryEmail(tx, { projectId, userId, from: null, to: address, now: clock() })
      : await insertEmail(tx, deps, { projectId, userId, address, verified: true });
    if (!isBack) throw new AuthError('email-taken');
    // A12: both mailboxes hear of it, also the one that was put in.
    const profile = await findProfile(tx, userId);
    const values = { account: profile ? accountName(profile) : '' };
    const isOther = given && normalEmail(given.address) !== normalEmail(address);
    const former = isOther ? [{ address: given.address, revertToken: null }] : [];
    await notices.tell(tx, { projectId, userId, what: 'email-changed', values, former });
  }

  return async ({ projectId, surface, token, password, origin }) => {
    const refused = new AuthError('invalid-link-token', { kind: REVERT });
    const presented = { kind: REVERT, projectId, text: token, now: clock() } as const;
    const found = await findLinkToken(storage.db, presented);
    if (!found?.userId || found.address === null) throw refused;
    const { userId, address, expiresAt } = found;
    const wanted = { userId, password, field: 'password', formerAddress: address } as const;
    // Past this line the token is still good: a refused password must not cost it.
    return await deps.newPasswords.withNewPassword(wanted, (hashed) =>
      storage.transaction(async (tx) => {
        const now = clock();
        await holdLinkTokens(tx, userId);
        if (!(await spendLinkToken(tx, { ...presented, now }))) throw refused;
        // Who changed the address twice has a token for the first of the new ones; the older an address, the more it
        // is the owner's, so only what was mailed since falls.
        await voidLinkTokens(tx, { kind: REVERT, userId, now, endingFrom: expiresAt });
        for (const kind of VOIDED) await voidLinkTokens(tx, { kind, userId, now });
        await restore(tx, { projectId, userId, address });
        await hashed.save(tx, userId);
        await settleSuspicion(tx, userId, 'email');
        await factors.forgetAll(tx, userId);
        await deletePhone(tx, userId);
        await places.forget(tx, userId);
        await notices.forgetDevices(tx, userId);
        await places.authorise(tx, userId, origin);
        const ended = await sessions.endAllOf(tx, userId);
        await audit.record(tx, {
          event: 'recovery.reverted',
          projectId,
          userId,
          actor: { userId, sessionId: null, origin },
          details: { sessions_ended: ended },
        });
        await notices.tell(tx, { projectId, userId, what: 'password-changed' });
        return await deps.gate.admit(tx, {
          projectId,
          userId,
          surface,
          occasion: 'revert',
          factors: ['has'],
          origin,
        });
      }),
    );
  };
}
