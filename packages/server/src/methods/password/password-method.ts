import { z } from 'zod';
import { normalEmail } from '../../core/contact/index.ts';
import {
  MAX_IDENTIFIER,
  MAX_PASSWORD_UNITS,
  type SignInMethod,
  type Subject,
} from '../../core/sign-in/index.ts';
import type { HashPlace, PasswordHasher } from '../../crypto/index.ts';
import { passwordMigrations } from './migrations.ts';
import { normalPassword } from './password-rules.ts';
import { confirmPasswordHash, findPasswordHash, findPasswordHashByIdentifier } from './password-store.ts';
import { reservePlace } from './reserve.ts';

const proofSchema = z.object({
  /** An e-mail address or login name; not needed where the attempt already belongs to a user. */
  identifier: z.string().max(MAX_IDENTIFIER).optional(),
  password: z.string().max(MAX_PASSWORD_UNITS),
});

export type PasswordProof = z.infer<typeof proofSchema>;

/** The hash is read with the user, so that a sign-in asks the database once; `consume` finds out if it has changed. */
interface PasswordSubject extends Subject {
  stored: string | null;
  isByLoginName: boolean;
}

export function createPasswordMethod({
  hasher,
}: {
  hasher: PasswordHasher;
}): SignInMethod<PasswordProof, HashPlace, PasswordSubject> {
  return {
    id: 'password',
    proof: proofSchema,
    migrations: passwordMigrations,
    reserve: () => reservePlace(hasher),

    async identify(db, attempt, { identifier = '' }) {
      const { projectId, userId } = attempt;
      if (userId !== null) {
        const stored = await findPasswordHash(db, userId);
        return { userId, key: userId, stored, isByLoginName: false };
      }
      const normal = normalEmail(identifier);
      const found = await findPasswordHashByIdentifier(db, { projectId, normal });
      if (!found) return { userId: null, key: `${projectId} ${normal}`, stored: null, isByLoginName: false };
      const { hash, isLoginName } = found;
      return { userId: found.userId, key: found.userId, stored: hash, isByLoginName: isLoginName };
    },

    async judge(_db, { subject, proof, held }) {
      const { userId, stored, isByLoginName } = subject;
      // Strangers, and accounts without a password, cost the same time as everybody else (A09).
      const matches = await held.verify(normalPassword(proof.password), stored ?? (await hasher.decoy));
      if (userId === null || stored === null) return { outcome: 'rejected', reason: 'not-enrolled' };
      if (!matches) return { outcome: 'rejected', reason: 'wrong' };
      const upgraded = hasher.isOutdated(stored) ? await held.hash(normalPassword(proof.password)) : null;
      return {
        outcome: 'judged',
        userId,
        async consume(tx) {
          const isStillTheirs = await confirmPasswordHash(tx, { userId, proved: stored, stronger: upgraded });
          if (!isStillTheirs) return { outcome: 'rejected', reason: 'wrong' };
          return { outcome: 'proved', factors: ['knows'], isByLoginName };
        },
      };
    },
  };
}
