import { z } from 'zod';
import { findContactByAddress, normalEmail } from '../../core/contact/index.ts';
import type { SignInMethod } from '../../core/sign-in/index.ts';
import type { HashPlace, PasswordHasher } from '../../crypto/index.ts';
import { passwordMigrations } from './migrations.ts';
import { normalPassword } from './password-rules.ts';
import { confirmPasswordHash, findPasswordHash } from './password-store.ts';
import { reservePlace } from './reserve.ts';

const proofSchema = z.object({
  /** An e-mail address; not needed where the attempt already belongs to a user. */
  identifier: z.string().max(254).optional(),
  password: z.string().max(1024),
});

export type PasswordProof = z.infer<typeof proofSchema>;

export function createPasswordMethod({
  hasher,
}: {
  hasher: PasswordHasher;
}): SignInMethod<PasswordProof, HashPlace> {
  return {
    id: 'password',
    proof: proofSchema,
    migrations: passwordMigrations,
    reserve: () => reservePlace(hasher),

    async identify(db, attempt, { identifier = '' }) {
      if (attempt.userId !== null) return { userId: attempt.userId, key: attempt.userId };
      const contact = await findContactByAddress(db, attempt.projectId, identifier);
      return contact
        ? { userId: contact.userId, key: contact.userId }
        : { userId: null, key: `${attempt.projectId} ${normalEmail(identifier)}` };
    },

    async judge(db, { subject, proof, held }) {
      const stored = await findPasswordHash(db, subject.userId ?? '');
      // Strangers, and accounts without a password, cost the same time as everybody else (A09).
      const matches = await held.verify(normalPassword(proof.password), stored ?? (await hasher.decoy));
      if (subject.userId === null || stored === null) return { outcome: 'rejected', reason: 'not-enrolled' };
      if (!matches) return { outcome: 'rejected', reason: 'wrong' };
      const { userId } = subject;
      const upgraded = hasher.isOutdated(stored) ? await held.hash(normalPassword(proof.password)) : null;
      return {
        outcome: 'judged',
        userId,
        async consume(tx) {
          const isStillTheirs = await confirmPasswordHash(tx, { userId, proved: stored, stronger: upgraded });
          if (!isStillTheirs) return { outcome: 'rejected', reason: 'wrong' };
          return { outcome: 'proved', factors: ['knows'] };
        },
      };
    },
  };
}
