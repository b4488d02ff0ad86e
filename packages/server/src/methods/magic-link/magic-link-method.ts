import { z } from 'zod';
import type { Clock } from '../../chance.ts';
import { normalEmail } from '../../core/contact/index.ts';
import {
  findMagicLink,
  type Mailboxes,
  magicLinkMigrations,
  type OpenMagicLink,
  returnTry,
  spendMagicLink,
  spendTry,
} from '../../core/magic-link/index.ts';
import { NOTHING_HELD, type Reservation, type SignInMethod, type Subject } from '../../core/sign-in/index.ts';
import { sameSecret, tokenHash } from '../../crypto/index.ts';

const secret = z.string().min(1).max(128);
const proofSchema = z
  .object({ attempt: secret, token: secret.optional(), code: z.string().max(128).optional() })
  .refine(({ token, code }) => (token === undefined) !== (code === undefined));

type MagicLinkProof = z.infer<typeof proofSchema>;

interface MagicLinkSubject extends Subject {
  link: OpenMagicLink | null;
  whose: Awaited<ReturnType<Mailboxes['recognise']>> | null;
}

interface Dependencies {
  clock: Clock;
  mailboxes: Mailboxes;
}

/** Of a million; what a stranger has against one account in a day is the gate's to count, over all attempts. */
const MAX_TRIES = 5;

/** The mailbox is one factor, whichever half of the mail is shown. */
export function createMagicLinkMethod({
  clock,
  mailboxes,
}: Dependencies): SignInMethod<MagicLinkProof, Reservation, MagicLinkSubject> {
  return {
    id: 'magic-link',
    proof: proofSchema,
    migrations: magicLinkMigrations,
    reserve: () => NOTHING_HELD,

    async identify(db, { projectId }, { attempt, code }) {
      const attemptHash = tokenHash(attempt);
      const presented = { attemptHash, projectId, now: clock(), maxTries: MAX_TRIES };
      const link = await findMagicLink(db, presented);
      const whose = link && (await mailboxes.recognise(db, projectId, link.address));
      const userId = whose && !whose.isNew ? whose.userId : null;
      // Only a code can be guessed. Whoever has the link itself need not wait for a stranger's wrong codes.
      const isGuess = link !== null && code !== undefined;
      const guessed = userId ?? `${projectId} ${normalEmail(link?.address ?? '')}`;
      return { userId, key: isGuess ? guessed : `${projectId} magic ${attemptHash}`, link, whose };
    },

    async judge(db, { attempt: { projectId, origin }, subject: { link, whose }, proof }) {
      const { attempt, token, code } = proof;
      const attemptHash = tokenHash(attempt);
      if (!link || !whose) return { outcome: 'rejected', reason: 'expired' };
      if (token !== undefined && !sameSecret(link.tokenHash, tokenHash(token)))
        return { outcome: 'rejected', reason: 'not-enrolled' };
      if (code !== undefined) {
        const left = await spendTry(db, { attemptHash, projectId, now: clock(), maxTries: MAX_TRIES });
        if (left === null) return { outcome: 'rejected', reason: 'already-used' };
        const typed = code.replace(/\s/g, '');
        if (!sameSecret(link.codeHash, tokenHash(`${attempt} ${typed}`)))
          return { outcome: 'rejected', reason: left > 0 ? 'wrong' : 'expired' };
        await returnTry(db, attemptHash);
      }
      return {
        outcome: 'judged',
        userId: whose.userId,
        async consume(tx) {
          if (!(await spendMagicLink(tx, { attemptHash, projectId, now: clock() })))
            return { outcome: 'rejected', reason: 'already-used' };
          const { address } = link;
          const reason = await mailboxes.settle(tx, { ...whose, projectId, address, origin });
          return reason ? { outcome: 'rejected', reason } : { outcome: 'proved', factors: ['has'] };
        },
      };
    },
  };
}
