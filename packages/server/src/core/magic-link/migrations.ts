import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    magic_link: {
      /** SHA-256 of the attempt, which only the browser that asked has. */
      attempt_hash: string;
      project_id: string;
      /** Where the mail goes, in the spelling of whose address it is, if it is somebody's. */
      address: string;
      /** SHA-256 of the secret in the link. */
      token_hash: string;
      /** Hash of attempt and code: without the attempt, which is stored nowhere, a million codes are soon tried out. */
      code_hash: string;
      /** Codes that were typed; those that were right are taken back. */
      tries: number;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const magicLinkMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-73-magic-link',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('magic_link')
        .addColumn('attempt_hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('token_hash', text, (column) => column.notNull())
        .addColumn('code_hash', text, (column) => column.notNull())
        .addColumn('tries', integer, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema.createIndex('magic_link_by_expiry').on('magic_link').column('expires_at').execute();
    },
  },
];
