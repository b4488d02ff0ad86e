import type { Clock } from '../../chance.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { Auditor } from '../audit/index.ts';
import { findPrimaryEmail, normalEmail } from '../contact/index.ts';
import { AuthError, type LinkTokenKind } from '../errors.ts';
import { findLinkToken, holdLinkTokens, spendLinkToken, voidLinkTokens } from '../link-token/index.ts';
import type { Places } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import type { Sessions } from '../session/index.ts';
import { voidTickets } from '../sign-in/index.ts';
import { holdUser } from '../user/index.ts';
import { deleteDevices } from './push-store.ts';

/**
 * For whoever is told of a change that they did not make. Every session ends and every sign-in under way is over,
 * new places have to be approved again, no device gets notices any more, and the mail for a new password is on its way, unless the account's address
 * is another one by now: then the way back is in the mail about that. Nobody is signed in by it and no password or
 * factor changes, so that a stranger with the mail can cost the owner one sign-in and no more. Throws
 * `invalid-link-token`.
 */
export type NotMe = (asked: { projectId: string; token: string; origin: Origin }) => Promise<void>;

interface Dependencies {
  storage: Storage;
  clock: Clock;
  outbox: Outbox;
  audit: Auditor;
  sessions: Sessions;
  places: Places;
}

const KIND = 'not-me';
/** The way back to a former address stays open: its owner may be just about to need it. */
const VOIDED: readonly LinkTokenKind[] = [KIND, 'password-reset', 'phone-verification'];

export function createNotMe({ storage, clock, outbox, audit, sessions, places }: Dependencies): NotMe {
  return async ({ projectId, token, origin }) => {
    const refused = new AuthError('invalid-link-token', { kind: KIND });
    const presented = { kind: KIND, projectId, text: token, now: clock() } as const;
    const found = await findLinkToken(storage.db, presented);
    if (!found?.userId) throw refused;
    const { userId, address } = found;
    await storage.transaction(async (tx) => {
      const now = clock();
      await holdLinkTokens(tx, userId);
      if (!(await spendLinkToken(tx, { ...presented, now }))) throw refused;
      for (const kind of VOIDED) await voidLinkTokens(tx, { kind, userId, now });
      await holdUser(tx, userId);
      await voidTickets(tx, { userId, now });
      await places.forget(tx, userId);
      const ended = await sessions.endAllOf(tx, userId);
      await deleteDevices(tx, { userId });
      const primary = await findPrimaryEmail(tx, userId);
      const isSame = primary !== null && normalEmail(primary.address) === address;
      if (isSame)
        await outbox.add(tx, {
          channel: 'task',
          to: primary.address,
          kind: 'recovery',
          values: { projectId },
        });
      await audit.record(tx, {
        event: 'notice.disowned',
        projectId,
        userId,
        actor: { userId, sessionId: null, origin },
        details: { sessions_ended: ended, recovery_started: isSame },
      });
    });
  };
}
