import type { Migration } from '../../storage/index.ts';
import type { Picture } from './picture.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    profile: {
      user_id: string;
      project_id: string;
      username: string;
      /** Lower case: the form in which usernames are compared and searched. */
      username_normal: string;
      /** 1 to 9999; shown as four digits. */
      discriminator: number;
      global_name: string | null;
      bio: string | null;
      pronouns: string | null;
      accent_color: number | null;
      date_of_birth: string | null;
      /** Hashes of the pictures in `picture`, here too so that a name and its face are one read. */
      avatar: string | null;
      banner: string | null;
      /** JSON object of switches that clients keep here; nothing on the server reads them. */
      preferences: string;
    };
    picture: {
      user_id: string;
      kind: 'avatar' | 'banner';
      hash: string;
      type: Picture['type'];
      bytes: Buffer;
    };
  }
}

export const profileMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-04-profile',
    async up(tx, { text, integer }) {
      await tx.schema
        .createTable('profile')
        .addColumn('user_id', text, (column) => column.primaryKey().references('user.id').onDelete('cascade'))
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('username', text, (column) => column.notNull())
        .addColumn('username_normal', text, (column) => column.notNull())
        .addColumn('discriminator', integer, (column) => column.notNull())
        .addColumn('global_name', text)
        .addColumn('bio', text)
        .addColumn('pronouns', text)
        .addColumn('accent_color', integer)
        .addColumn('date_of_birth', text)
        .addColumn('preferences', text, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('profile_tag')
        .on('profile')
        .columns(['project_id', 'username_normal', 'discriminator'])
        .unique()
        .execute();
    },
  },
  {
    name: '2026-11-22-41-picture',
    async up(tx, { text, bytes }) {
      await tx.schema
        .createTable('picture')
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('hash', text, (column) => column.notNull())
        .addColumn('type', text, (column) => column.notNull())
        .addColumn('bytes', bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('picture_key', ['user_id', 'kind'])
        .execute();
      for (const kind of ['avatar', 'banner'])
        await tx.schema.alterTable('profile').addColumn(kind, text).execute();
    },
  },
];
