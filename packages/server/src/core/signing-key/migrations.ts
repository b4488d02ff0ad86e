import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    signing_key: {
      /** `kid` in headers and in the published set. */
      id: string;
      /** One after the other: of two nodes that make the next key at once, one does. */
      number: number;
      /** PKCS #8, sealed. */
      sealed: string;
      created_at: number;
      /** From when on it signs; until then it is only published. */
      signs_from: number;
      /** When the last token that it can have signed has ended; null while there is no later key. */
      ends_at: number | null;
    };
  }
}

export const signingKeyMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-61-signing-key',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('signing_key')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('number', integer, (column) => column.notNull().unique())
        .addColumn('sealed', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('signs_from', instant, (column) => column.notNull())
        .addColumn('ends_at', instant)
        .execute();
    },
  },
];
