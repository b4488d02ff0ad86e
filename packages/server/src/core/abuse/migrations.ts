import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    counter: { key: string; count: number; expires_at: number };
    captcha_solution: {
      /** Of what tells the solution from all others; the solution itself is worth nothing any more. */
      hash: string;
      expires_at: number;
    };
  }
}

export const abuseMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-05-counter',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('counter')
        .addColumn('key', text, (column) => column.primaryKey())
        .addColumn('count', integer, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('counter_by_expiry').on('counter').column('expires_at').execute();
    },
  },
  {
    name: '2026-11-22-38-captcha-solution',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('captcha_solution')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('captcha_solution_by_expiry')
        .on('captcha_solution')
        .column('expires_at')
        .execute();
    },
  },
];
