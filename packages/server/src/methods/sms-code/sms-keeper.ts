import type { Clock } from '../../chance.ts';
import type { SmsKeeper } from '../../core/second-factor/index.ts';
import {
  deleteSmsCredential,
  insertSmsCredential,
  isSmsEnabled,
  smsEnabledAt,
} from './sms-credential-store.ts';

/** What switching SMS on and off needs. */
export function createSmsKeeper({ clock }: { clock: Clock }): SmsKeeper {
  return {
    isEnabled: isSmsEnabled,
    enabledAt: smsEnabledAt,
    enable: (tx, userId) => insertSmsCredential(tx, userId, clock()),
    disable: deleteSmsCredential,
  };
}
