import type { Migration } from '../../storage/index.ts';
import type { ProviderId } from '../project/index.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    social_attempt: {
      /** SHA-256 of the state, which the browser carries to the provider and back. */
      hash: string;
      project_id: string;
      provider: ProviderId;
      /** SHA-256 of what this browser alone keeps in a cookie. */
      browser_hash: string;
      /** Nonce and code verifier, sealed. */
      secrets: string;
      redirect_url: string;
      /** The app's own, as it is given back. */
      client_state: string | null;
      /** The app's (RFC 7636, S256), for the code that it is given back. */
      code_challenge: string;
      expires_at: number;
      consumed_at: number | null;
    };
  }
}

export const socialMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-72-social-attempt',
    async up(tx, { text, instant }) {
      await tx.schema
        .createTable('social_attempt')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) =>
          column.notNull().references('project.id').onDelete('cascade'),
        )
        .addColumn('provider', text, (column) => column.notNull())
        .addColumn('browser_hash', text, (column) => column.notNull())
        .addColumn('secrets', text, (column) => column.notNull())
        .addColumn('redirect_url', text, (column) => column.notNull())
        .addColumn('client_state', text)
        .addColumn('code_challenge', text, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .execute();
      await tx.schema
        .createIndex('social_attempt_by_expiry')
        .on('social_attempt')
        .column('expires_at')
        .execute();
    },
  },
];
