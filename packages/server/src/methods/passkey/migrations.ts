import type { Migration } from '../../storage/index.ts';
import type { ChallengePurpose } from './challenge-store.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    passkey: {
      /** Base64url; unique over all users of all projects (WebAuthn 7.1 step 26). */
      credential_id: string;
      project_id: string;
      user_id: string;
      /** The relying party that it was made for; null for the instance's, of those made before projects had their own. */
      rp_id: string | null;
      name: string;
      /** COSE key, base64url. */
      public_key: string;
      /** Signature counter, up to 2^32 - 1; zero for authenticators that keep none. */
      counter: number;
      /** Comma-separated. */
      transports: string;
      device_type: 'singleDevice' | 'multiDevice';
      backed_up: number;
      created_at: number;
      last_used_at: number | null;
    };
    passkey_challenge: {
      hash: string;
      project_id: string;
      purpose: ChallengePurpose;
      user_id: string | null;
      /** The one sign-in or session the challenge was made for. */
      binding: string | null;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const passkeyMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-33-passkey',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('passkey')
        .addColumn('credential_id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('public_key', text, (column) => column.notNull())
        // As wide as an instant: the counter's 32 bits have no sign.
        .addColumn('counter', instant, (column) => column.notNull())
        .addColumn('transports', text, (column) => column.notNull())
        .addColumn('device_type', text, (column) => column.notNull())
        .addColumn('backed_up', integer, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('last_used_at', instant)
        .execute();
      await tx.schema
        .createIndex('passkey_by_user')
        .on('passkey')
        .columns(['user_id', 'created_at'])
        .execute();
      await tx.schema
        .createTable('passkey_challenge')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('purpose', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.references('user.id').onDelete('cascade'))
        .addColumn('binding', text)
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema
        .createIndex('passkey_challenge_by_user')
        .on('passkey_challenge')
        .column('user_id')
        .execute();
      await tx.schema
        .createIndex('passkey_challenge_by_expiry')
        .on('passkey_challenge')
        .column('expires_at')
        .execute();
    },
  },
  {
    name: '2026-11-22-76-passkey-relying-party',
    async up(tx, { text }) {
      await tx.schema.alterTable('passkey').addColumn('rp_id', text).execute();
    },
  },
];
