import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    audit_record: {
      id: string;
      project_id: string;
      at: number;
      event: string;
      user_id: string | null;
      actor_id: string | null;
      session_id: string | null;
      method: string | null;
      outcome: string | null;
      address: string | null;
      user_agent: string | null;
      details: string;
    };
  }
}

export const auditMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-03-audit',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('audit_record')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('at', instant, (column) => column.notNull())
        .addColumn('event', text, (column) => column.notNull())
        .addColumn('user_id', text)
        .addColumn('actor_id', text)
        .addColumn('session_id', text)
        .addColumn('method', text)
        .addColumn('outcome', text)
        .addColumn('address', text)
        .addColumn('user_agent', text)
        .addColumn('details', text, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('audit_by_project')
        .on('audit_record')
        .columns(['project_id', 'id'])
        .execute();
      await tx.schema
        .createIndex('audit_by_user')
        .on('audit_record')
        .columns(['project_id', 'user_id', 'id'])
        .execute();
      await tx.schema
        .createIndex('audit_by_event')
        .on('audit_record')
        .columns(['project_id', 'event', 'id'])
        .execute();
    },
  },
];
