import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';

export interface Profile {
  userId: string;
  username: string;
  discriminator: number;
  globalName: string | null;
  bio: string | null;
  pronouns: string | null;
  accentColor: number | null;
  /** Hash of the picture, under which it is served. */
  avatar: string | null;
  banner: string | null;
  /** `YYYY-MM-DD`. */
  dateOfBirth: string | null;
  preferences: Record<string, boolean>;
}

export interface ProfileRow {
  user_id: string;
  username: string;
  discriminator: number;
  global_name: string | null;
  bio: string | null;
  pronouns: string | null;
  accent_color: number | null;
  avatar: string | null;
  banner: string | null;
  date_of_birth: string | null;
  preferences: string;
}

export const PROFILE_COLUMNS = [
  'profile.user_id',
  'profile.username',
  'profile.discriminator',
  'profile.global_name',
  'profile.bio',
  'profile.pronouns',
  'profile.accent_color',
  'profile.avatar',
  'profile.banner',
  'profile.date_of_birth',
  'profile.preferences',
] as const;

export function profileFrom(row: ProfileRow): Profile {
  return {
    userId: row.user_id,
    username: row.username,
    discriminator: row.discriminator,
    globalName: row.global_name,
    bio: row.bio,
    pronouns: row.pronouns,
    accentColor: row.accent_color,
    avatar: row.avatar,
    banner: row.banner,
    dateOfBirth: row.date_of_birth,
    preferences: JSON.parse(row.preferences) as Profile['preferences'],
  };
}

const find = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('profile').select(PROFILE_COLUMNS).where('user_id', '=', userId),
);

export async function findProfile(db: Queryable, userId: string): Promise<Profile | null> {
  const [row] = (await find(db, { userId })).rows;
  return row ? profileFrom(row) : null;
}

/** What people call an account among others of the same name: `ada#0042`. */
export function accountName({
  username,
  discriminator,
}: Pick<Profile, 'username' | 'discriminator'>): string {
  return `${username}#${String(discriminator).padStart(4, '0')}`;
}

interface NewProfile {
  userId: string;
  projectId: string;
  username: string;
  discriminator: number;
  globalName: string | null;
  dateOfBirth: string | null;
}

/** False when the tag is already someone's. */
export async function insertProfile(tx: Transaction, profile: NewProfile): Promise<boolean> {
  const row = await tx
    .insertInto('profile')
    .values({
      user_id: profile.userId,
      project_id: profile.projectId,
      username: profile.username,
      username_normal: profile.username.toLowerCase(),
      discriminator: profile.discriminator,
      global_name: profile.globalName,
      bio: null,
      pronouns: null,
      accent_color: null,
      avatar: null,
      banner: null,
      date_of_birth: profile.dateOfBirth,
      preferences: '{}',
    })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'username_normal', 'discriminator']).doNothing(),
    )
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateProfile(
  tx: Transaction,
  userId: string,
  change: Partial<
    Pick<
      Profile,
      'username' | 'globalName' | 'bio' | 'pronouns' | 'accentColor' | 'avatar' | 'banner' | 'preferences'
    >
  >,
): Promise<void> {
  const set = {
    ...(change.username !== undefined && {
      username: change.username,
      username_normal: change.username.toLowerCase(),
    }),
    ...(change.globalName !== undefined && { global_name: change.globalName }),
    ...(change.bio !== undefined && { bio: change.bio }),
    ...(change.pronouns !== undefined && { pronouns: change.pronouns }),
    ...(change.accentColor !== undefined && { accent_color: change.accentColor }),
    ...(change.avatar !== undefined && { avatar: change.avatar }),
    ...(change.banner !== undefined && { banner: change.banner }),
    ...(change.preferences !== undefined && { preferences: JSON.stringify(change.preferences) }),
  };
  if (Object.keys(set).length === 0) return;
  await tx.updateTable('profile').set(set).where('user_id', '=', userId).execute();
}

/**
 * Holds a profile's row until the transaction ends, so that what is merged into it is merged into all that was written
 * before. Returns the switches as they stand.
 */
export async function holdPreferences(tx: Transaction, userId: string): Promise<Profile['preferences']> {
  const row = await tx
    .updateTable('profile')
    .set((expression) => ({ preferences: expression.ref('preferences') }))
    .where('user_id', '=', userId)
    .returning('preferences')
    .executeTakeFirst();
  return JSON.parse(row?.preferences ?? '{}') as Profile['preferences'];
}

/** Discriminators of a username that are taken. At most 9,999, and one indexed range. */
export async function takenDiscriminators(
  db: Queryable,
  projectId: string,
  username: string,
): Promise<Set<number>> {
  const rows = await db
    .selectFrom('profile')
    .select('discriminator')
    .where('project_id', '=', projectId)
    .where('username_normal', '=', username.toLowerCase())
    .execute();
  return new Set(rows.map((row) => row.discriminator));
}

/** Gives an existing profile another tag; false when it is already someone's. */
export async function setTag(
  tx: Transaction,
  tag: { userId: string; projectId: string; username: string; discriminator: number },
): Promise<boolean> {
  const username_normal = tag.username.toLowerCase();
  const row = await tx
    .updateTable('profile')
    .set({ username: tag.username, username_normal, discriminator: tag.discriminator })
    .where('user_id', '=', tag.userId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('profile as other')
            .select('other.user_id')
            .where('other.project_id', '=', tag.projectId)
            .where('other.username_normal', '=', username_normal)
            .where('other.discriminator', '=', tag.discriminator)
            .where('other.user_id', '!=', tag.userId),
        ),
      ),
    )
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}
