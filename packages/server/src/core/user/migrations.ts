import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    user: {
      id: string;
      project_id: string;
      status: 'active' | 'suspended' | 'disabled' | 'leaving';
      suspended_reason: string | null;
      suspended_until: number | null;
      created_at: number;
      /** When the password was last set; null for an account that has none. */
      password_changed_at: number | null;
      last_seen_at: number | null;
      /** Enrolled second factors, separated by commas; kept by `core/sign-in/factors.ts`. */
      factors: string;
      /** Bits of what a suspected account must do first (`suspicion.ts`); 0 for all others. */
      suspicion: number;
      /** This user must show a second factor, whatever is asked of others (FX-45). */
      mfa_required: number;
      /** When an account whose owner asked for it is deleted; null for all others. */
      delete_at: number | null;
    };
    /** Ids of deleted users, so that none is given out again. */
    former_user: { id: string; deleted_at: number };
    /** A project's last number; it only grows, so that a number names one person for ever. */
    user_number_counter: { project_id: string; last: number };
    user_number: { user_id: string; project_id: string; number: number };
  }
}

export const userMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-02-user',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('user')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull().references('project.id'))
        .addColumn('status', text, (column) => column.notNull())
        .addColumn('suspended_reason', text)
        .addColumn('suspended_until', instant)
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('password_changed_at', instant)
        .addColumn('last_seen_at', instant)
        .execute();
      await tx.schema
        .createIndex('user_by_project')
        .on('user')
        .columns(['project_id', 'created_at', 'id'])
        .execute();
    },
  },
  {
    name: '2026-11-22-20-user-factors',
    async up(tx, { text, instant }) {
      await tx.schema
        .alterTable('user')
        .addColumn('factors', text, (column) => column.notNull().defaultTo(''))
        .execute();
      await tx.schema.alterTable('user').addColumn('delete_at', instant).execute();
      await tx.schema.createIndex('user_by_deletion').on('user').column('delete_at').execute();
    },
  },
  {
    name: '2026-11-22-40-former-user',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('former_user')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('deleted_at', instant, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: '2026-11-22-42-user-suspicion',
    async up(tx, { integer }) {
      await tx.schema
        .alterTable('user')
        .addColumn('suspicion', integer, (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
  {
    name: '2026-11-22-54-user-number',
    async up(tx, { text, integer }) {
      await tx.schema
        .createTable('user_number_counter')
        .addColumn('project_id', text, (column) => column.primaryKey())
        .addColumn('last', integer, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('user_number')
        .addColumn('user_id', text, (column) => column.primaryKey().references('user.id').onDelete('cascade'))
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('number', integer, (column) => column.notNull())
        .addUniqueConstraint('user_number_once', ['project_id', 'number'])
        .execute();
    },
  },
  {
    name: '2026-11-22-78-user-factor-demand',
    async up(tx, { integer }) {
      await tx.schema
        .alterTable('user')
        .addColumn('mfa_required', integer, (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
];
