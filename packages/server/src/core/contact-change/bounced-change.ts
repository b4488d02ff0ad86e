import type { Chance } from '../../chance.ts';
import { randomUuid } from '../../crypto/index.ts';
import type { Queryable, Storage } from '../../storage/index.ts';
import { findPrimaryEmail, normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import { holdLinkTokens } from '../link-token/index.ts';
import type { SentCode } from '../mailed-code/index.ts';
import type { AddressChanger } from './address-changer.ts';
import { completeEmailChange, insertEmailChange } from './email-change-store.ts';
import { TICKET_MS, TOKEN_MS } from './proved-change.ts';
import { type Asking, mailsToNew, refused, requireNewAddress, type Step, type Steps } from './steps.ts';

/** For an account whose mailbox is gone, so that nobody could prove it; `not-allowed` for every other. */
export interface BouncedChange {
  requestNew(asking: Asking & { newEmail: string }): Promise<SentCode & { ticket: string }>;
  resendNew(step: Step): Promise<void>;
  /** Sets the address at once. */
  verifyNew(step: Step & { code: string }): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  steps: Steps;
  changer: AddressChanger;
}

export function createBouncedChange(deps: Dependencies): BouncedChange {
  const { storage, clock, random, steps, changer } = deps;

  /** The address that is gone, in its normal form; a mailbox that was proved since is not. */
  async function goneAddressOf(db: Queryable, userId: string): Promise<string> {
    const primary = await findPrimaryEmail(db, userId);
    if (primary?.bouncedAt == null) throw new AuthError('not-allowed');
    return normalEmail(primary.address);
  }

  return {
    async requestNew({ session, origin, newEmail }) {
      const original = await goneAddressOf(storage.db, session.userId);
      const ticket = randomUuid(random);
      const sent = await steps.mailing(mailsToNew(session, newEmail), async () => {
        await steps.requireReachable(newEmail);
        return await storage.transaction(async (tx) => {
          await steps.requireFree(tx, session, newEmail);
          await insertEmailChange(tx, {
            ...steps.holderOf(session),
            ticket,
            projectId: session.projectId,
            kind: 'bounced',
            original,
            needsOriginal: false,
            originalProof: null,
            newAddress: newEmail,
            expiresAt: clock() + TICKET_MS,
          });
          return await steps.sendNew(tx, { session, origin, ticket }, newEmail);
        });
      });
      return { ticket, ...sent };
    },

    resendNew: (step) => steps.resendNew(step, 'bounced', () => undefined),

    async verifyNew(step) {
      const { session, origin, ticket } = step;
      await steps.withCode(step, 'bounced', {
        purpose: 'email-new',
        demand: (change) => void requireNewAddress(change),
        first: (tx) => holdLinkTokens(tx, session.userId),
        async right(tx, change) {
          const newAddress = requireNewAddress(change);
          const original = await goneAddressOf(tx, session.userId);
          if (original !== change.original) throw refused('ticket-unknown');
          await steps.requireFree(tx, session, newAddress);
          const now = clock();
          // Ends the ticket as the longer way does; this token is told to nobody.
          const end = { ticket, token: randomUuid(random), now, tokenExpiresAt: now + TOKEN_MS };
          if (!(await completeEmailChange(tx, end))) throw refused('ticket-completed');
          await changer(tx, { session, origin, original, newAddress });
        },
      });
    },
  };
}
