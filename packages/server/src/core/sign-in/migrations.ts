import type { Migration } from '../../storage/index.ts';
import type { Surface } from '../session/index.ts';
import type { Occasion } from './policy.ts';

declare module '../../storage/database.ts' {
  interface Tables {
    sign_in_ticket: {
      /** SHA-256 of the ticket, which only the client that signs in has. */
      hash: string;
      owes: 'proof' | 'enrolment' | 'approval';
      project_id: string;
      user_id: string;
      surface: Surface;
      occasion: Occasion;
      /** JSON list of what was shown so far. */
      proofs: string;
      /** JSON of where the attempt came from. */
      origin: string;
      /** The user's as it was; a password changed since then voids what the old one began. */
      password_changed_at: number | null;
      created_at: number;
      expires_at: number;
      consumed_at: number | null;
      /** Tries spent on it; it dies with the last one, right or wrong. */
      attempts: number;
      /** SHA-256 of the secret in the mail that approves a place; null for other tickets. */
      link_hash: string | null;
      /** The same secret, sealed, because the mail may be asked for once more. */
      link_sealed: string | null;
      resent_at: number | null;
      /** The session's token, sealed, until its client has fetched it or the time is over. */
      outcome: string | null;
      outcome_until: number | null;
    };
  }
}

export const signInMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-21-sign-in-ticket',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('sign_in_ticket')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('owes', text, (column) => column.notNull())
        .addColumn('project_id', text, (column) => column.notNull())
        .addColumn('user_id', text, (column) => column.notNull().references('user.id').onDelete('cascade'))
        .addColumn('surface', text, (column) => column.notNull())
        .addColumn('occasion', text, (column) => column.notNull())
        .addColumn('proofs', text, (column) => column.notNull())
        .addColumn('origin', text, (column) => column.notNull())
        .addColumn('password_changed_at', instant)
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('expires_at', instant, (column) => column.notNull())
        .addColumn('consumed_at', instant)
        .addColumn('attempts', integer, (column) => column.notNull())
        .addColumn('link_hash', text, (column) => column.unique())
        .addColumn('link_sealed', text)
        .addColumn('resent_at', instant)
        .addColumn('outcome', text)
        .addColumn('outcome_until', instant)
        .execute();
      await tx.schema
        .createIndex('sign_in_ticket_by_expiry')
        .on('sign_in_ticket')
        .column('expires_at')
        .execute();
      await tx.schema.createIndex('sign_in_ticket_by_user').on('sign_in_ticket').column('user_id').execute();
    },
  },
];
