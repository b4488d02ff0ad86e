import { type Chance, HOUR } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import { keepUser } from '../user/index.ts';
import type { Picture } from './picture.ts';
import { deletePicture, type PictureKind, pictureHash, savePicture } from './picture-store.ts';
import { findProfile, holdPreferences, type Profile, updateProfile } from './profile-store.ts';
import { moveTag } from './tag.ts';

export type ProfileChange = Partial<
  Pick<Profile, 'username' | 'globalName' | 'bio' | 'pronouns' | 'accentColor' | 'preferences'> &
    Record<PictureKind, Picture | null>
>;

interface ChangeRequest {
  projectId: string;
  userId: string;
  change: ProfileChange;
  actor: Actor;
}

export interface Profiles {
  /** Changes what is given and leaves the rest. Throws `username-changes-used-up`, `username-exhausted`. */
  change(request: ChangeRequest): Promise<void>;
  /** The same in two halves: looks and counts now, and returns what writes in a transaction of the caller's. */
  prepare(request: ChangeRequest): Promise<(tx: Transaction) => Promise<void>>;
}

interface Dependencies extends Chance {
  storage: Storage;
  counters: Counters;
  audit: Auditor;
}

/** Contract 7.3: a username may be changed five times an hour. */
const USERNAME_CHANGES = { name: 'username-change', limit: 5, windowMs: HOUR } as const;

export function createProfiles({ storage, counters, audit, random }: Dependencies): Profiles {
  async function spendRename(userId: string): Promise<void> {
    try {
      await counters.spend([{ ...USERNAME_CHANGES, key: userId }]);
    } catch (error) {
      throw isAuthError(error, 'rate-limited') ? new AuthError('username-changes-used-up') : error;
    }
  }

  async function prepare({ projectId, userId, change, actor }: ChangeRequest) {
    const current = await findProfile(storage.db, userId);
    if (!current) throw new AuthError('not-found', { what: 'user' });
    // A change of letter case only keeps the tag and is free.
    const { username } = change;
    const renames = username !== undefined && username.toLowerCase() !== current.username.toLowerCase();
    if (renames) await spendRename(userId);
    const { avatar: _avatar, banner: _banner, ...texts } = change;
    const hashes = hashesOf(userId, change);
    return async (tx: Transaction) => {
      if (!(await keepUser(tx, userId))) throw new AuthError('not-found', { what: 'user' });
      if (renames) await moveTag(tx, { projectId, userId, username, random });
      const preferences = change.preferences && {
        ...(await holdPreferences(tx, userId)),
        ...change.preferences,
      };
      // The profile's row before the pictures': of two changes at once, one brings both its hash and its bytes.
      await updateProfile(tx, userId, { ...texts, ...hashes, ...(preferences && { preferences }) });
      await savePictures(tx, userId, change, hashes);
      await storage.channel.publish(tx, { topic: 'user', key: userId });
      await audit.record(tx, {
        event: 'profile.changed',
        projectId,
        userId,
        actor,
        details: { fields: Object.keys(change).join(',') },
      });
    };
  }

  return {
    prepare,
    async change(request) {
      await storage.transaction(await prepare(request));
    },
  };
}

type PictureHashes = Partial<Record<PictureKind, string | null>>;

function hashesOf(userId: string, { avatar, banner }: ProfileChange): PictureHashes {
  return {
    ...(avatar !== undefined && { avatar: avatar && pictureHash(userId, avatar) }),
    ...(banner !== undefined && { banner: banner && pictureHash(userId, banner) }),
  };
}

async function savePictures(
  tx: Transaction,
  userId: string,
  change: ProfileChange,
  hashes: PictureHashes,
): Promise<void> {
  for (const kind of ['avatar', 'banner'] as const) {
    const [picture, hash] = [change[kind], hashes[kind]];
    if (picture && hash) await savePicture(tx, { userId, kind, hash, picture });
    else if (picture === null) await deletePicture(tx, userId, kind);
  }
}
