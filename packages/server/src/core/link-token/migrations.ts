import type { Migration } from '../../storage/index.ts';
import type { LinkTokenKind } from '../errors.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    link_token: {
      hash: string;
      kind: LinkTokenKind;
      project_id: string;
      user_id: string | null;
      /**
       * Normal form of the address it was sent to, which must still be the user's when it is used; of `email-revert`
       * the address that it restores, as typed.
       */
      address: string | null;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const linkTokenMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-06-link-token',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('link_token')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.references('user.id').onDelete('cascade'))
        .addColumn('address', text)
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema
        .createIndex('link_token_by_user')
        .on('link_token')
        .columns(['user_id', 'kind'])
        .execute();
      await tx.schema.createIndex('link_token_by_expiry').on('link_token').column('expires_at').execute();
    },
  },
];
