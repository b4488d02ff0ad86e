import { type Chance, HOUR } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Counters } from '../abuse/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError, isAuthError } from '../errors.ts';
import { findProfile, type Profile, updateProfile } from './profile-store.ts';
import { moveTag } from './tag.ts';

export type ProfileChange = Partial<
  Pick<Profile, 'username' | 'globalName' | 'bio' | 'pronouns' | 'accentColor' | 'preferences'>
>;

export interface Profiles {
  /** Changes what is given and leaves the rest. */
  change(request: { projectId: string; userId: string; change: ProfileChange; actor: Actor }): Promise<void>;
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

  return {
    async change({ projectId, userId, change, actor }) {
      const current = await findProfile(storage.db, userId);
      if (!current) throw new AuthError('not-found', { what: 'user' });
      // A change of letter case only keeps the tag and is free.
      const renamed =
        change.username !== undefined && change.username.toLowerCase() !== current.username.toLowerCase();
      if (renamed) await spendRename(userId);
      await storage.transaction((tx) => apply(tx, { current, change, renamed }));

      async function apply(
        tx: Transaction,
        { current, change, renamed }: { current: Profile; change: ProfileChange; renamed: boolean },
      ): Promise<void> {
        if (renamed && change.username !== undefined) {
          await moveTag(tx, { projectId, userId, username: change.username, random });
        }
        const preferences = change.preferences && { ...current.preferences, ...change.preferences };
        await updateProfile(tx, userId, { ...change, ...(preferences && { preferences }) });
        await storage.channel.publish(tx, { topic: 'user', key: userId });
        await audit.record(tx, {
          event: 'profile.changed',
          projectId,
          userId,
          actor,
          details: { fields: Object.keys(change).join(',') },
        });
      }
    },
  };
}
