import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';

export const DIALECTS = ['sqlite', 'postgres'] as const;
export type Dialect = (typeof DIALECTS)[number];

declare module 'vitest' {
  interface ProvidedContext {
    /** The real PostgreSQL that `global-setup.ts` started. */
    postgresUrl: string;
  }
}

export interface FreshDatabase {
  /** Empty for SQLite. */
  databaseUrl: string;
  dataDir: string;
  drop(): Promise<void>;
}

/** An empty database of its own for one test file or one test. */
export async function freshDatabase(dialect: Dialect): Promise<FreshDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fluxgate-test-'));
  const dropFiles = () => rmSync(dataDir, { recursive: true, force: true });
  if (dialect === 'sqlite') return { databaseUrl: '', dataDir, drop: async () => dropFiles() };
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return {
    databaseUrl: url.href,
    dataDir,
    async drop() {
      dropFiles();
      await onServer(`drop database ${name} with (force)`);
    },
  };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
