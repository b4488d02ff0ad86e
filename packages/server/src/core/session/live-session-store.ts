import { sql } from 'kysely';
import { inOneLook, prepared, type Queryable, type Storage } from '../../storage/index.ts';
import { PROFILE_COLUMNS, type Profile, type ProfileRow, profileFrom } from '../profile/index.ts';
import type { Surface } from '../surface.ts';
import { factorsFrom, type UserStatus } from '../user/index.ts';

/** Everything a request needs to know of its session and user, read in one indexed query. */
export interface LiveSession {
  id: string;
  projectId: string;
  userId: string;
  surface: Surface;
  tokenHash: string;
  createdAt: number;
  lastUsedAt: number;
  elevatedUntil: number | null;
  userStatus: UserStatus;
  profile: Profile;
  email: { address: string; verified: boolean; bounces: boolean } | null;
  /** In E.164; always proved before it is kept. */
  phone: string | null;
  /** Where it was made. */
  madeAt: { address: string; network: string };
  /** Ids of the user's second factors. */
  factors: readonly string[];
  /** Bits of what a suspected account must do first; 0 for all others. */
  suspicion: number;
  /** The user must show a second factor, whatever is asked of others (FX-45). */
  isFactorDemanded: boolean;
  passwordChangedAt: number | null;
  /** Names of roles that a provider gave with the sign-in; null for one that was made without a provider. */
  upstreamRoles: readonly string[] | null;
  userCreatedAt: number;
  /** What was shown for it, first to last; empty for one that was made without the gate, or before this was kept. */
  methods: readonly string[];
  /** Two factors were shown in this very session. */
  isMultiFactor: boolean;
}

interface LiveRow extends ProfileRow {
  id: string;
  project_id: string;
  surface: Surface;
  token_hash: string;
  created_at: number;
  last_used_at: number;
  elevated_until: number | null;
  status: UserStatus;
  address: string | null;
  verified_at: number | null;
  bounced_at: number | null;
  phone: string | null;
  made_address: string;
  made_network: string;
  factors: string;
  suspicion: number;
  mfa_required: number;
  password_changed_at: number | null;
  upstream_roles: string | null;
  user_created_at: number;
  methods: string | null;
  is_multi_factor: number;
}

const selectLive = (db: Queryable) =>
  db
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.user_id')
    .innerJoin('profile', 'profile.user_id', 'session.user_id')
    .leftJoin('contact', (join) =>
      join
        .onRef('contact.user_id', '=', 'session.user_id')
        .on('contact.is_primary', '=', 1)
        .on('contact.kind', '=', 'email'),
    )
    .leftJoin('contact as phone', (join) =>
      join.onRef('phone.user_id', '=', 'session.user_id').on('phone.kind', '=', 'phone'),
    )
    .select(PROFILE_COLUMNS)
    .select([
      'session.id',
      'session.project_id',
      'session.surface',
      'session.token_hash',
      'session.created_at',
      'session.last_used_at',
      'session.elevated_until',
      'session.upstream_roles',
      'session.methods',
      'session.is_multi_factor',
      'session.address as made_address',
      'session.network as made_network',
      'user.created_at as user_created_at',
      'user.status',
      'contact.address',
      'contact.verified_at',
      'contact.bounced_at',
      'phone.address as phone',
      'user.factors',
      'user.suspicion',
      'user.mfa_required',
      'user.password_changed_at',
    ]);

const findLive = prepared((db, { tokenHash }: { tokenHash: string }) =>
  selectLive(db).where('session.token_hash', '=', tokenHash),
);

const findLiveById = prepared((db, { id }: { id: string }) => selectLive(db).where('session.id', '=', id));

/** The hot query of every session check that no cache answers. */
async function findLiveSession(db: Queryable, tokenHash: string): Promise<LiveSession | null> {
  const [row] = (await findLive(db, { tokenHash })).rows;
  return row ? liveSessionFrom(row) : null;
}

/** As `findLiveSession`, for a wire whose short-lived tokens name the session instead of being its token. */
export async function findLiveSessionById(db: Queryable, id: string): Promise<LiveSession | null> {
  const [row] = (await findLiveById(db, { id })).rows;
  return row ? liveSessionFrom(row) : null;
}

function liveSessionFrom(row: LiveRow): LiveSession {
  return {
    id: row.id,
    projectId: row.project_id,
    userId: row.user_id,
    surface: row.surface,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    elevatedUntil: row.elevated_until,
    userStatus: row.status,
    profile: profileFrom(row),
    email:
      row.address === null
        ? null
        : {
            address: row.address,
            verified: row.verified_at !== null,
            bounces: row.bounced_at !== null,
          },
    phone: row.phone,
    madeAt: { address: row.made_address, network: row.made_network },
    factors: factorsFrom(row.factors),
    suspicion: row.suspicion,
    isFactorDemanded: row.mfa_required === 1,
    passwordChangedAt: row.password_changed_at,
    upstreamRoles: row.upstream_roles === null ? null : (JSON.parse(row.upstream_roles) as string[]),
    userCreatedAt: row.user_created_at,
    methods: row.methods ? row.methods.split(',') : [],
    isMultiFactor: row.is_multi_factor === 1,
  };
}

/** A list in one text: no hash has a comma in it. */
const findMany = prepared((db, { tokenHashes }: { tokenHashes: string }) =>
  selectLive(db).where('session.token_hash', '=', sql<string>`any(string_to_array(${tokenHashes}, ','))`),
);

/**
 * Finds sessions by the hash of their token. SQLite answers within the process, and at once; PostgreSQL is asked for all
 * that wait together (`docs/decisions/2026-11-22-sessions-in-one-look.md`).
 */
export function lookFrom({ db, dialect }: Storage): (tokenHash: string) => Promise<LiveSession | null> {
  if (dialect === 'sqlite') return (tokenHash) => findLiveSession(db, tokenHash);
  return inOneLook(
    ({ tokenHash }) => tokenHash,
    async (tokenHashes) => {
      const [first, ...others] = tokenHashes;
      if (first !== undefined && others.length === 0) {
        const found = await findLiveSession(db, first);
        return found ? [found] : [];
      }
      const { rows } = await findMany(db, { tokenHashes: tokenHashes.join(',') });
      return rows.map(liveSessionFrom);
    },
  );
}
