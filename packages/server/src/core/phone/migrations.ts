import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    phone_code: {
      project_id: string;
      /** SHA-256: a number that was only tried out is nobody's to read. */
      number_hash: string;
      /** The request it was asked for in; it is good for no other. */
      binding: string;
      /** What the provider calls it. */
      reference: string;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const phoneMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-32-phone-code',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('phone_code')
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('number_hash', text, (column) => column.notNull())
        .addColumn('binding', text, (column) => column.notNull())
        .addColumn('reference', text, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .addPrimaryKeyConstraint('phone_code_pk', ['project_id', 'number_hash'])
        .execute();
      await tx.schema.createIndex('phone_code_by_expiry').on('phone_code').column('expires_at').execute();
    },
  },
];
