import { type Chance, MINUTE } from '../../chance.ts';
import { randomBase62, randomIndex, tokenHash } from '../../crypto/index.ts';
import type { Outbox } from '../../delivery/index.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import { findContactByAddress, normalEmail } from '../contact/index.ts';
import { AuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { findUser } from '../user/index.ts';
import { insertMagicLink, respell } from './magic-link-store.ts';

export interface MagicLinks {
  /**
   * Begins an attempt, whose answer is good in the hands of whoever has `attempt`, and notes its mail. The same rows are
   * written for known and unknown addresses, and nobody is looked up, so time tells nothing (A09). Throws
   * `rate-limited`, `email-unreachable`.
   */
  request(asked: {
    projectId: string;
    email: string;
    /** The app's own page that the mail's link opens; the project's hosted one, when there is none. */
    linkTo: string | null;
    origin: Origin;
  }): Promise<{ attempt: string; expiresAt: number }>;
  /** What the outbox does with a noted request: mails link and code, unless the account is closed. */
  carryOut(tx: Transaction, noted: { email: string; values: Record<string, string> }): Promise<void>;
}

interface Dependencies extends Chance {
  storage: Storage;
  outbox: Outbox;
  counters: Counters;
  /** Whether mail to an address could arrive anywhere; may ask the outside world. */
  canReceiveMail(address: string): Promise<boolean>;
}

/** About 256 bits each. */
const SECRET_LENGTH = 43;
const CODE_DIGITS = 6;
const LIFE_MS = 15 * MINUTE;
/** As of a reset of the password at Flux's API: by project, so that none uses up what another's users have. */
const BY_EMAIL = { name: 'magic-email', limit: 5, windowMs: 30 * MINUTE } as const;
const BY_APP = { name: 'magic-address', limit: 100, windowMs: 30 * MINUTE } as const;

export function createMagicLinks(deps: Dependencies): MagicLinks {
  const { storage, clock, random, outbox, counters } = deps;

  const newCode = () => Array.from({ length: CODE_DIGITS }, () => randomIndex(random, 10)).join('');

  return {
    async request({ projectId, email, linkTo, origin }) {
      await counters.spend([
        { ...BY_EMAIL, key: `${projectId} ${normalEmail(email)}` },
        { ...BY_APP, key: `${projectId} ${origin.source}` },
      ]);
      // Of the domain and nothing else: known and unknown addresses of it have the same answer.
      if (!(await deps.canReceiveMail(email))) throw new AuthError('email-unreachable');
      const [attempt, token] = [randomBase62(random, SECRET_LENGTH), randomBase62(random, SECRET_LENGTH)];
      const code = newCode();
      const attemptHash = tokenHash(attempt);
      const expiresAt = clock() + LIFE_MS;
      const hashes = { attemptHash, tokenHash: tokenHash(token), codeHash: tokenHash(`${attempt} ${code}`) };
      await storage.transaction(async (tx) => {
        await insertMagicLink(tx, { ...hashes, projectId, address: email, expiresAt });
        await outbox.add(tx, {
          channel: 'task',
          to: email,
          kind: 'magic-link',
          values: { projectId, attemptHash, token, code, ...(linkTo !== null && { linkTo }) },
        });
      });
      return { attempt, expiresAt };
    },
    async carryOut(tx, { email, values }) {
      const { projectId = '', attemptHash = '', token = '', code = '', linkTo = null } = values;
      const contact = await findContactByAddress(tx, projectId, email);
      const user = contact && (await findUser(tx, projectId, contact.userId));
      if (user?.status === 'suspended') return;
      // Mailboxes may tell letters of two cases apart: the mail goes to the one that is on the account (bug 62).
      const to = contact?.address ?? email;
      if (to !== email) await respell(tx, { attemptHash, address: to });
      const mail = { channel: 'mail', projectId, linkTo, to, kind: 'magic_link' } as const;
      await outbox.add(tx, { ...mail, values: { token, code } });
    },
  };
}
