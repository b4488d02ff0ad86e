import { type Chance, DAY } from '../../chance.ts';
import type { MailKind, Outbox } from '../../delivery/index.ts';
import type { Transaction } from '../../storage/index.ts';
import { findPrimaryEmail, normalEmail } from '../contact/index.ts';
import { createLinkToken } from '../link-token/index.ts';

interface Notice {
  projectId: string;
  userId: string;
  what: NoticeKind;
  /** What the mail tells besides; never a secret. */
  values?: Record<string, string>;
  /**
   * Addresses that were the account's until now and hear of it too. One that was proved is told by the mail that
   * takes the account back, with that token; any other may be a stranger's, and gets nothing that can be pressed.
   */
  former?: readonly { address: string; revertToken: string | null }[];
}

export interface Notices {
  /** Notes all that leaves because of one change, in the transaction that makes it: once an address, once a device. */
  tell(tx: Transaction, notice: Notice): Promise<void>;
}

interface Dependencies extends Chance {
  outbox: Outbox;
}

const MAILS = {
  'signed-in': 'new_sign_in',
  'password-changed': 'password_changed',
  'email-changed': 'email_changed',
  'factor-enrolled': 'factor_enrolled',
  'factor-removed': 'factor_removed',
  'recovery-codes-renewed': 'recovery_codes_renewed',
} as const satisfies Record<string, MailKind>;

type NoticeKind = keyof typeof MAILS;

/** As long as the way back to an address that was given up (contract appendix A). */
const LIFE_MS = 2 * DAY;

export function createNotices(deps: Dependencies): Notices {
  const { outbox } = deps;

  return {
    async tell(tx, { projectId, userId, what, values = {}, former = [] }) {
      const kind = MAILS[what];
      const primary = await findPrimaryEmail(tx, userId);
      if (primary) {
        const token = await createLinkToken(tx, deps, {
          kind: 'not-me',
          projectId,
          userId,
          address: normalEmail(primary.address),
          lifeMs: LIFE_MS,
        });
        await outbox.add(tx, { channel: 'mail', to: primary.address, kind, values: { ...values, token } });
      }
      for (const { address, revertToken: token } of former) {
        const mail =
          token === null ? { kind, values } : { kind: 'email_change_revert', values: { ...values, token } };
        await outbox.add(tx, { channel: 'mail', to: address, ...mail });
      }
    },
  };
}
