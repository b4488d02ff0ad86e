import { type Chance, DAY, MINUTE } from '../../chance.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters, Spent } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { createLinkToken, findLinkToken, holdLinkTokens, spendLinkToken } from '../link-token/index.ts';
import type { Places } from '../location/index.ts';
import type { Origin } from '../origin.ts';
import type { Sessions } from '../session/index.ts';
import type { Factors } from '../sign-in/index.ts';
import { asksForMailboxAgain, holdUser, settleSuspicion } from '../user/index.ts';
import { holdContacts, listContacts, markBounced, markVerified } from './contact-store.ts';
import { normalEmail } from './email-address.ts';

export interface Contacts {
  /** Puts the verification mail in the outbox, in the caller's transaction; `linkTo` as of a `MailItem`. */
  sendVerification(
    tx: Transaction,
    to: { projectId: string; userId: string; address: string; linkTo?: string | null },
  ): Promise<void>;
  /** Counts one verification mail to an address; throws `rate-limited` past three of a project in a quarter of an hour. */
  spendVerificationMail(to: { projectId: string; address: string }): Promise<Spent>;
  /**
   * Sends it again to a signed-in user's unverified address, or to a verified one that must be proved once more
   * (contract 1.12); does nothing when there is none.
   */
  resendVerification(user: {
    projectId: string;
    userId: string;
    suspicion: number;
    linkTo?: string | null;
  }): Promise<void>;
  /** Takes note that a mail server knows no such mailbox; a proof of the address, or another address, undoes it. */
  noteBounce(bounced: { projectId: string; address: string }): Promise<void>;
  /**
   * Spends the token of the mail and marks the address; without a project, of whichever it was made for. Throws
   * `invalid-link-token`.
   */
  verify(request: { projectId: string | null; token: string; origin: Origin }): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  outbox: Outbox;
  counters: Counters;
  audit: Auditor;
  factors: Factors;
  places: Places;
  sessions: Sessions;
}

const KIND = 'email-verification';
/** Contract appendix A. */
const LIFE_MS = DAY;
/** Contract 7.3; of one project, so that none uses up another's. */
const MAILS = { name: 'verification-mail', limit: 3, windowMs: 15 * MINUTE } as const;
/** To one mailbox, however many projects there are (K06). */
const ALL_MAILS = { name: 'verification-mail-all', limit: 10, windowMs: 15 * MINUTE } as const;

export function createContacts(deps: Dependencies): Contacts {
  const { storage, outbox, counters, audit } = deps;

  async function sendVerification(
    tx: Transaction,
    { projectId, userId, address, linkTo = null }: Parameters<Contacts['sendVerification']>[1],
  ): Promise<void> {
    const token = await createLinkToken(tx, deps, {
      kind: KIND,
      projectId,
      userId,
      address: normalEmail(address),
      lifeMs: LIFE_MS,
    });
    const mail = { channel: 'mail', to: address, kind: 'email_verification', values: { token } } as const;
    await outbox.add(tx, { ...mail, projectId, linkTo });
  }

  function spendVerificationMail({
    projectId,
    address,
  }: {
    projectId: string;
    address: string;
  }): Promise<Spent> {
    const recipient = normalEmail(address);
    return counters.spend([
      { ...MAILS, key: `${projectId} ${recipient}` },
      { ...ALL_MAILS, key: recipient },
    ]);
  }

  /**
   * Until now the account may have been a stranger's in the owner's name. Second factors that were set up before,
   * by somebody elsewhere, would keep the owner out for good; they go, and with them that somebody (bug 38).
   */
  async function castOutStranger(tx: Transaction, { userId, origin }: { userId: string; origin: Origin }) {
    if (await deps.places.isAuthorised(tx, userId, origin)) return;
    if ((await holdUser(tx, userId)).length === 0) return;
    await deps.factors.forgetAll(tx, userId);
    await deps.places.forget(tx, userId);
    await deps.sessions.endAllOf(tx, userId);
  }

  return {
    sendVerification,
    spendVerificationMail,
    async resendVerification({ projectId, userId, suspicion, linkTo = null }) {
      const primary = (await listContacts(storage.db, userId)).find((contact) => contact.isPrimary);
      if (!primary || (primary.verifiedAt !== null && !asksForMailboxAgain(suspicion))) return;
      await spendVerificationMail({ projectId, address: primary.address });
      await storage.transaction((tx) =>
        sendVerification(tx, { projectId, userId, address: primary.address, linkTo }),
      );
    },
    async noteBounce({ projectId, address }) {
      await storage.transaction(async (tx) => {
        const userId = await markBounced(tx, { projectId, address, now: deps.clock() });
        if (userId === null) return;
        await storage.channel.publish(tx, { topic: 'user', key: userId });
        const actor = { userId: null, sessionId: null, origin: null };
        await audit.record(tx, { event: 'contact.bounced', projectId, userId, actor });
      });
    },
    async verify({ projectId: asked, token, origin }) {
      const presented = { kind: KIND, projectId: asked, text: token, now: deps.clock() } as const;
      const refused = new AuthError('invalid-link-token', { kind: KIND });
      const found = await findLinkToken(storage.db, presented);
      if (!found?.userId || found.address === null) throw refused;
      const { userId, address, projectId } = found;
      await storage.transaction(async (tx) => {
        await holdLinkTokens(tx, userId);
        if (!(await spendLinkToken(tx, { ...presented, projectId }))) throw refused;
        const before = (await holdContacts(tx, userId)).find((one) => normalEmail(one.address) === address);
        // An address given up since then proves nothing of the present one.
        if (!(await markVerified(tx, { userId, address, now: presented.now }))) throw refused;
        await settleSuspicion(tx, userId, 'email');
        if (before?.verifiedAt === null) await castOutStranger(tx, { userId, origin });
        await storage.channel.publish(tx, { topic: 'user', key: userId });
        await audit.record(tx, {
          event: 'contact.verified',
          projectId,
          userId,
          actor: { userId, sessionId: null, origin },
        });
      });
    },
  };
}
