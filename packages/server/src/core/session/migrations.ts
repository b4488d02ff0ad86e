import type { Migration } from '../../storage/index.ts';
import type { Surface } from '../surface.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    session: {
      id: string;
      project_id: string;
      user_id: string;
      surface: Surface;
      /** SHA-256 of the whole token, base64url: also the `id_hash` of Fluxer's contract. */
      token_hash: string;
      created_at: number;
      /** Written at most once a minute. */
      last_used_at: number;
      /** Until when sensitive acts need no fresh proof (sudo); null when never proved again. */
      elevated_until: number | null;
      address: string;
      network: string;
      user_agent: string | null;
      is_desktop: number;
      /** JSON list of the roles a provider gave with the sign-in; null when it was made without one. */
      upstream_roles: string | null;
      /** Ids of the methods that were shown for it, first to last, with commas; null for those from before. */
      methods: string | null;
      is_multi_factor: number;
    };
  }
}

export const sessionMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-08-session',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('session')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('surface', text, (column) => column.notNull())
        .addColumn('token_hash', text, (column) => column.notNull().unique())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('last_used_at', instant, (column) => column.notNull())
        .addColumn('elevated_until', instant)
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('network', text, (column) => column.notNull())
        .addColumn('user_agent', text)
        .addColumn('is_desktop', integer, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('session_by_user')
        .on('session')
        .columns(['user_id', 'last_used_at'])
        .execute();
      await tx.schema.createIndex('session_by_use').on('session').column('last_used_at').execute();
    },
  },
  {
    name: '2026-11-22-56-session-upstream',
    async up(tx, { text }) {
      await tx.schema.alterTable('session').addColumn('upstream_roles', text).execute();
    },
  },
  {
    name: '2026-11-22-63-session-proofs',
    async up(tx, { text, integer }) {
      await tx.schema.alterTable('session').addColumn('methods', text).execute();
      await tx.schema
        .alterTable('session')
        .addColumn('is_multi_factor', integer, (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
];
