import type { Chance } from '../../chance.ts';
import type { Sealer } from '../../crypto/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Auditor } from '../audit/index.ts';
import { holdLinkTokens } from '../link-token/index.ts';
import type { MailedCodes } from '../mailed-code/index.ts';
import type { Notices } from '../notice/index.ts';
import { createAddressChanger } from './address-changer.ts';
import { type BouncedChange, createBouncedChange } from './bounced-change.ts';
import { isEmailTokenExpired, spendEmailToken } from './email-change-store.ts';
import { createProvedChange, type ProvedChange } from './proved-change.ts';
import { type Asking, createSteps, refused } from './steps.ts';

interface UseOfToken extends Asking {
  emailToken: string;
}

/**
 * Contract 4.7. Every step throws `change-refused` for what does not fit, and `rate-limited` where it would send a
 * mail too many; neither changes anything but the count of wrong codes.
 */
export interface EmailChanges extends ProvedChange {
  bounced: BouncedChange;
  /**
   * Sets the address that a token stands for, once; `together` is written with it or not at all. Also throws
   * `email-taken`, and `not-signed-in` when the session has ended meanwhile.
   */
  apply(use: UseOfToken & { together(tx: Transaction): Promise<void> }): Promise<void>;
  /** The same in a transaction of the caller's. */
  applyIn(tx: Transaction, use: UseOfToken): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  notices: Notices;
  counters: Counters;
  audit: Auditor;
  codes: MailedCodes;
  canReceiveMail(address: string): Promise<boolean>;
}

export function createEmailChanges(deps: Dependencies): EmailChanges {
  const { storage } = deps;
  const steps = createSteps(deps);
  const changer = createAddressChanger(deps);

  async function applyIn(tx: Transaction, { session, origin, emailToken }: UseOfToken): Promise<void> {
    const held = { ...steps.holderOf(session), token: emailToken };
    // Before the change's own row: a new password may be set with it, and holds these already.
    await holdLinkTokens(tx, session.userId);
    const change = await spendEmailToken(tx, held);
    if (!change) {
      const isLate = await isEmailTokenExpired(tx, held);
      throw refused(isLate ? 'email-token-expired' : 'email-token-unknown');
    }
    await changer(tx, { session, origin, ...change });
  }

  return {
    ...createProvedChange({ ...deps, steps }),
    bounced: createBouncedChange({ ...deps, steps, changer }),
    applyIn,
    async apply({ together, ...use }) {
      await storage.transaction(async (tx) => {
        await applyIn(tx, use);
        await together(tx);
      });
    },
  };
}
