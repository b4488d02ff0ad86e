import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    authorised_place: {
      user_id: string;
      /** A network such as `203.0.113.0/24`, or geography such as `geo:DE/BE/Berlin`. */
      place_key: string;
      /** City, region and country as they were called when it was approved, as JSON; null for a network. */
      label: string | null;
      created_at: number;
      last_used_at: number;
    };
  }
}

export const locationMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-34-location',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('authorised_place')
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('place_key', text, (column) => column.notNull())
        .addColumn('label', text)
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('last_used_at', instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('authorised_place_key', ['user_id', 'place_key'])
        .execute();
    },
  },
];
