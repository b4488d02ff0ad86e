import type { Migration } from '../../storage/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    external_identity: {
      project_id: string;
      /** As configured, never as a token says (G02). */
      issuer: string;
      /** What the issuer calls the person; never reused by it, unlike an e-mail address. */
      subject: string;
      user_id: string;
      created_at: number;
      last_used_at: number;
    };
    sso_attempt: {
      /** SHA-256 of the state, which the browser carries to the provider and back. */
      hash: string;
      project_id: string;
      issuer: string;
      /** Nonce and code verifier, sealed. */
      secrets: string;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const ssoMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-56-external-identity',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('external_identity')
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('issuer', text, (column) => column.notNull())
        .addColumn('subject', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('last_used_at', instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('external_identity_key', ['project_id', 'issuer', 'subject'])
        .execute();
      await tx.schema
        .createIndex('external_identity_by_user')
        .on('external_identity')
        .column('user_id')
        .execute();
    },
  },
  {
    name: '2026-11-22-56-sso-attempt',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('sso_attempt')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('issuer', text, (column) => column.notNull())
        .addColumn('secrets', text, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema.createIndex('sso_attempt_by_expiry').on('sso_attempt').column('expires_at').execute();
    },
  },
];
