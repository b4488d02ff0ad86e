import type { Chance } from '../../chance.ts';
import { newId, randomIndex, sameSecret, tokenHash } from '../../crypto/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { DevMailbox } from '../dev-mailbox.ts';
import { deleteSmsCode, insertSmsCode, spendSmsCode, takeTry } from './sms-code-store.ts';
import { SMS_CODE_MS, type SmsVerifier } from './sms-verifier.ts';

interface Dependencies extends Chance {
  storage: Storage;
  devMailbox: DevMailbox;
  siteName: string;
}

const DIGITS = 6;
/** As many as Twilio Verify gives. */
const TRIES = 5;

/** Stands in for a provider: keeps the codes itself and puts the messages into the dev mailbox. */
export function createDevVerifier(deps: Dependencies): SmsVerifier {
  const { storage, devMailbox, siteName, clock, random } = deps;
  const hashOf = (reference: string, code: string) => tokenHash(`${reference} ${code}`);
  return {
    async start({ to, replaces }) {
      const now = clock();
      const reference = newId('sms', now, random);
      const code = Array.from({ length: DIGITS }, () => randomIndex(random, 10)).join('');
      if (replaces !== null) await deleteSmsCode(storage.db, replaces);
      await insertSmsCode(storage.db, {
        reference,
        hash: hashOf(reference, code),
        expiresAt: now + SMS_CODE_MS,
      });
      await devMailbox.keep({
        to,
        kind: 'sms_code',
        subject: 'SMS',
        text: `${code} is your code for ${siteName}. It works once, for 10 minutes. Tell it to nobody.`,
        links: [],
        token: code,
      });
      return { outcome: 'started', reference };
    },
    async check({ reference, code }) {
      const now = clock();
      const hash = await takeTry(storage.db, { reference, limit: TRIES, now });
      if (hash === null) return 'gone';
      if (!sameSecret(hash, hashOf(reference, code))) return 'wrong';
      return (await spendSmsCode(storage.db, reference, now)) ? 'right' : 'gone';
    },
  };
}
