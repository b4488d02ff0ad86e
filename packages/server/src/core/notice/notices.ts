import { type Chance, DAY } from '../../chance.ts';
import { type MailKind, type Outbox, subjectOf } from '../../delivery/index.ts';
import type { Transaction } from '../../storage/index.ts';
import { findPrimaryEmail, normalEmail } from '../contact/index.ts';
import { createLinkToken } from '../link-token/index.ts';
import { deleteDevices, listDevices } from './push-store.ts';

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
  /** Any of the user's devices may be somebody else's: none gets notices until it is added anew. */
  forgetDevices(tx: Transaction, userId: string): Promise<void>;
}

interface Dependencies extends Chance {
  outbox: Outbox;
  siteName: string;
  /** The default project, whose pages take "This was not me". */
  projectId: string;
}

const MAILS = {
  'signed-in': 'new_sign_in',
  'password-changed': 'password_changed',
  'email-changed': 'email_changed',
  'factor-enrolled': 'factor_enrolled',
  'factor-removed': 'factor_removed',
  'identity-joined': 'identity_joined',
  'recovery-codes-renewed': 'recovery_codes_renewed',
} as const satisfies Record<string, MailKind>;

type NoticeKind = keyof typeof MAILS;

/** As long as the way back to an address that was given up (contract appendix A). */
const LIFE_MS = 2 * DAY;

export function createNotices(deps: Dependencies): Notices {
  const { outbox, siteName } = deps;

  /** A project of its own has no page for it, so its mails have nothing to press. */
  async function disownable(
    tx: Transaction,
    of: { projectId: string; userId: string; address: string },
  ): Promise<{ token?: string }> {
    if (of.projectId !== deps.projectId) return {};
    const address = normalEmail(of.address);
    return { token: await createLinkToken(tx, deps, { ...of, kind: 'not-me', address, lifeMs: LIFE_MS }) };
  }

  return {
    async forgetDevices(tx, userId) {
      await deleteDevices(tx, { userId });
    },
    async tell(tx, { projectId, userId, what, values = {}, former = [] }) {
      const kind = MAILS[what];
      const primary = await findPrimaryEmail(tx, userId);
      if (primary) {
        const { address: to } = primary;
        const link = await disownable(tx, { projectId, userId, address: to });
        await outbox.add(tx, { channel: 'mail', projectId, to, kind, values: { ...values, ...link } });
      }
      for (const { address, revertToken: token } of former) {
        const mail =
          token === null ? { kind, values } : { kind: 'email_change_revert', values: { ...values, token } };
        await outbox.add(tx, { channel: 'mail', projectId, to: address, ...mail });
      }
      // Shown on locked screens, and by a service of somebody else's: that something happened, and nothing of what.
      const shown = { userId, title: subjectOf(kind), body: siteName };
      for (const { id } of await listDevices(tx, userId))
        await outbox.add(tx, { channel: 'push', to: id, kind, values: shown });
    },
  };
}
