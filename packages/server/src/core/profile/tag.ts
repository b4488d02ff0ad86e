import { type RandomBytes, randomIndex } from '../../crypto/index.ts';
import type { Transaction } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';
import { setTag, takenDiscriminators } from './profile-store.ts';

const HIGHEST = 9_999;
const RANDOM_TRIES = 8;

function randomDiscriminator(random: RandomBytes): number {
  return 1 + ((randomIndex(random, 250) * 250 + randomIndex(random, 250)) % HIGHEST);
}

/**
 * Finds a free discriminator for a username and gives it to `take`, which tells whether it really was free:
 * a few blind tries, and only for a crowded name the list of what is left. Who has a tag already is named by `userId`.
 */
export async function claimTag(
  tx: Transaction,
  wanted: { projectId: string; username: string; random: RandomBytes; userId?: string },
  take: (discriminator: number) => Promise<boolean>,
): Promise<number> {
  for (let attempt = 0; attempt < RANDOM_TRIES; attempt++) {
    const discriminator = randomDiscriminator(wanted.random);
    if (await take(discriminator)) return discriminator;
  }
  const taken = await takenDiscriminators(tx, wanted.projectId, wanted.username);
  for (let discriminator = 1; discriminator <= HIGHEST; discriminator++) {
    if (!taken.has(discriminator) && (await take(discriminator))) return discriminator;
  }
  throw new AuthError('username-exhausted', { isRename: wanted.userId !== undefined });
}

/** Gives a user another username, with a new discriminator (contract 4.2). */
export async function moveTag(
  tx: Transaction,
  wanted: { projectId: string; userId: string; username: string; random: RandomBytes },
): Promise<void> {
  await claimTag(tx, wanted, (discriminator) => setTag(tx, { ...wanted, discriminator }));
}
