import type { Migration } from '../storage/index.ts';
import { vapidMigrations } from './push/index.ts';
import { smsMigrations } from './sms/index.ts';

declare module '../storage/database.ts' {
  interface Tables {
    outbox: {
      id: string;
      channel: 'mail' | 'push' | 'task';
      kind: string;
      /** Sealed: a mail holds a one-time secret and a person's address. */
      payload: string;
      attempts: number;
      /** When it may be tried next; null when it was given up. */
      due_at: number | null;
      last_error: string | null;
      created_at: number;
    };
    dev_mail: { id: string; to_normal: string; payload: string; created_at: number };
  }
}

export const deliveryMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-11-delivery',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('outbox')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('channel', text, (column) => column.notNull())
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('payload', text, (column) => column.notNull())
        .addColumn('attempts', integer, (column) => column.notNull())
        .addColumn('due_at', instant)
        .addColumn('last_error', text)
        .addColumn('created_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('outbox_by_due').on('outbox').column('due_at').execute();
      await tx.schema
        .createTable('dev_mail')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('to_normal', text, (column) => column.notNull())
        .addColumn('payload', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('dev_mail_by_address')
        .on('dev_mail')
        .columns(['to_normal', 'id'])
        .execute();
    },
  },
  ...smsMigrations,
  ...vapidMigrations,
];
