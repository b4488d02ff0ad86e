import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    factor_challenge: {
      /** SHA-256 of the id that the client was told. */
      hash: string;
      session_id: string;
      factor: 'totp' | 'sms-code';
      /** Sets the factor up; else it is one the user has. */
      is_set_up: number;
      /** The number that is being set up, in E.164; null for everything else. */
      phone: string | null;
      attempts: number;
      created_at: number;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const sessionFactorMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-79-factor-challenge',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('factor_challenge')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('session_id', text, (column) => column.notNull())
        .addColumn('factor', text, (column) => column.notNull())
        .addColumn('is_set_up', integer, (column) => column.notNull())
        .addColumn('phone', text)
        .addColumn('attempts', integer, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema
        .createIndex('factor_challenge_by_session')
        .on('factor_challenge')
        .columns(['session_id', 'created_at'])
        .execute();
      await tx.schema
        .createIndex('factor_challenge_by_expiry')
        .on('factor_challenge')
        .column('expires_at')
        .execute();
    },
  },
];
