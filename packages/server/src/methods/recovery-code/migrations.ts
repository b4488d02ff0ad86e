import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    recovery_code: {
      user_id: string;
      /** 0 to 9, in the order in which they are shown. */
      position: number;
      sealed: string;
      consumed_at: number | null;
    };
  }
}

export const recoveryCodeMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-31-recovery-code',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('recovery_code')
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('position', integer, (column) => column.notNull())
        .addColumn('sealed', text, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .addPrimaryKeyConstraint('recovery_code_key', ['user_id', 'position'])
        .execute();
    },
  },
];
