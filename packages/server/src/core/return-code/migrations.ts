import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    return_code: {
      /** SHA-256 of the code, which only the browser carries. */
      hash: string;
      project_id: string;
      session_id: string;
      /** Where the browser was led with it. */
      redirect_url: string;
      /** RFC 7636, S256. */
      code_challenge: string;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const returnCodeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-70-return-code',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('return_code')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('session_id', text, (column) => column.notNull())
        .addColumn('redirect_url', text, (column) => column.notNull())
        .addColumn('code_challenge', text, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema.createIndex('return_code_by_expiry').on('return_code').column('expires_at').execute();
    },
  },
];
