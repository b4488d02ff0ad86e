import type { Generated } from 'kysely';
import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    /** A named role, or the private one of exactly one user or token, which holds what is theirs alone. */
    role: {
      id: string;
      project_id: string;
      /** The name of a named role; null for a private one. */
      code: string | null;
      user_id: string | null;
      token_id: Generated<string | null>;
      created_at: number;
      updated_at: number;
    };
    /** Flecto contract A7. What it may is in its private role. */
    api_token: {
      id: string;
      project_id: string;
      name: string;
      /** SHA-256 of the whole token, base64url. */
      token_hash: string;
      preview: string;
      expires_at: number | null;
      created_at: number;
      updated_at: number;
      /** Written at most once a minute; null before the first use. */
      last_used_at: number | null;
    };
    user_role: { user_id: string; role_id: string };
    role_admin_row: { role_id: string; section: string; action: string };
    role_resource_row: {
      role_id: string;
      namespace: string;
      site: string;
      resource: string;
      action: string;
    };
    /** Until the roles came: what users held themselves. */
    admin_row: { project_id: string; user_id: string; section: string; action: string };
  }
}

export const accessMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-09-access',
    async up(tx, { text }) {
      await tx.schema
        .createTable('admin_row')
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('section', text, (column) => column.notNull())
        .addColumn('action', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('admin_row_key', ['project_id', 'user_id', 'section', 'action'])
        .execute();
    },
  },
  {
    name: '2026-11-22-50-role',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('role')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull().references('project.id'))
        .addColumn('code', text)
        .addColumn('user_id', text, (column) => column.unique().references('user.id').onDelete('cascade'))
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('updated_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('role_by_code')
        .on('role')
        .columns(['project_id', 'code'])
        .unique()
        .execute();
      await tx.schema
        .createTable('user_role')
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('role_id', text, (column) => column.notNull().references('role.id').onDelete('cascade'))
        .addPrimaryKeyConstraint('user_role_key', ['user_id', 'role_id'])
        .execute();
      await tx.schema.createIndex('user_role_by_role').on('user_role').column('role_id').execute();
      await tx.schema
        .createTable('role_admin_row')
        .addColumn('role_id', text, (column) => column.notNull().references('role.id').onDelete('cascade'))
        .addColumn('section', text, (column) => column.notNull())
        .addColumn('action', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('role_admin_row_key', ['role_id', 'section', 'action'])
        .execute();
      await tx.schema
        .createTable('role_resource_row')
        .addColumn('role_id', text, (column) => column.notNull().references('role.id').onDelete('cascade'))
        .addColumn('namespace', text, (column) => column.notNull())
        .addColumn('site', text, (column) => column.notNull())
        .addColumn('resource', text, (column) => column.notNull())
        .addColumn('action', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('role_resource_row_key', [
          'role_id',
          'namespace',
          'site',
          'resource',
          'action',
        ])
        .execute();
      const rows = await tx.selectFrom('admin_row').selectAll().execute();
      const owners = new Map(rows.map(({ user_id, project_id }) => [user_id, project_id]));
      for (const [user_id, project_id] of owners) {
        const own = { id: privateRoleId(user_id), project_id, code: null, user_id };
        await tx
          .insertInto('role')
          .values({ ...own, created_at: 0, updated_at: 0 })
          .execute();
      }
      for (const { user_id, section, action } of rows)
        await tx
          .insertInto('role_admin_row')
          .values({ role_id: privateRoleId(user_id), section, action })
          .execute();
      await tx.schema.dropTable('admin_row').execute();
    },
  },
  {
    name: '2026-11-22-51-api-token',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('api_token')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull().references('project.id'))
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('token_hash', text, (column) => column.notNull().unique())
        .addColumn('preview', text, (column) => column.notNull())
        .addColumn('expires_at', instant)
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('updated_at', instant, (column) => column.notNull())
        .addColumn('last_used_at', instant)
        .execute();
      await tx.schema
        .createIndex('api_token_by_name')
        .on('api_token')
        .columns(['project_id', 'name'])
        .unique()
        .execute();
      await tx.schema
        .createIndex('api_token_by_age')
        .on('api_token')
        .columns(['project_id', 'created_at', 'id'])
        .execute();
      await tx.schema
        .alterTable('role')
        .addColumn('token_id', text, (column) => column.references('api_token.id').onDelete('cascade'))
        .execute();
      await tx.schema.createIndex('role_by_token').on('role').column('token_id').unique().execute();
    },
  },
  {
    name: '2026-11-22-52-role-member',
    async up(tx) {
      // Members are read by role and in the order of their ids.
      await tx.schema.dropIndex('user_role_by_role').execute();
      await tx.schema
        .createIndex('user_role_by_member')
        .on('user_role')
        .columns(['role_id', 'user_id'])
        .execute();
    },
  },
];

/** A private role needs no name of its own to be looked up by. */
export function privateRoleId(userId: string): string {
  return `role_user_${userId}`;
}

export function tokenRoleId(tokenId: string): string {
  return `role_${tokenId}`;
}
