import { sql } from 'kysely';
import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    contact: {
      id: string;
      project_id: string;
      user_id: string;
      kind: 'email' | 'phone' | 'login-name';
      /** As typed; mail goes to exactly this. */
      address: string;
      /** The one form all spellings share: what is unique and what is looked up. */
      address_normal: string;
      verified_at: number | null;
      is_primary: number;
      /** When a mail server last said that there is no such mailbox; null when none has since it was proved. */
      bounced_at: number | null;
      created_at: number;
    };
  }
}

export const contactMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-07-contact',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('contact')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('address_normal', text, (column) => column.notNull())
        .addColumn('verified_at', instant)
        .addColumn('is_primary', integer, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('contact_address')
        .on('contact')
        .columns(['project_id', 'kind', 'address_normal'])
        .unique()
        .execute();
      await tx.schema.createIndex('contact_by_user').on('contact').column('user_id').execute();
    },
  },
  {
    name: '2026-11-22-36-contact-bounced',
    async up(tx, { instant }) {
      await tx.schema.alterTable('contact').addColumn('bounced_at', instant).execute();
    },
  },
  {
    name: '2026-11-22-53-login-name',
    async up(tx) {
      // What somebody signs in with names one account, whatever its kind: nobody's login name is another's address.
      await tx.schema
        .createIndex('contact_identifier')
        .on('contact')
        .columns(['project_id', 'address_normal'])
        .unique()
        .where(sql.ref('kind'), 'in', ['email', 'login-name'])
        .execute();
    },
  },
  {
    name: '2026-11-22-64-contact-by-user-and-kind',
    async up(tx) {
      // Without the kind in it, PostgreSQL read the whole of `contact_identifier` besides for every session it looked up.
      await tx.schema.dropIndex('contact_by_user').execute();
      await tx.schema
        .createIndex('contact_by_user')
        .on('contact')
        .columns(['user_id', 'kind', 'is_primary'])
        .execute();
    },
  },
];
