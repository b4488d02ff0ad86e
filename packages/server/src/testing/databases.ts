import { randomBytes } from 'node:crypto';
import { constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { DATABASE_FILE, databaseUrl, onServer, TEMPLATE_DATABASE } from './templates.ts';

export const DIALECTS = ['sqlite', 'postgres'] as const;
export type Dialect = (typeof DIALECTS)[number];

declare module 'vitest' {
  interface ProvidedContext {
    /** The real PostgreSQL that `global-setup.ts` started. */
    postgresUrl: string;
    /** Where its templates of a migrated database are in SQLite's form. */
    templateFolder: string;
  }
}

export interface FreshDatabase {
  /** Empty for SQLite. */
  databaseUrl: string;
  dataDir: string;
  drop(): Promise<void>;
}

/** A database of its own for one test file or one test, in which nothing is; `migrated`, the tables of this release are. */
export async function freshDatabase(dialect: Dialect, { migrated = false } = {}): Promise<FreshDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fluxgate-test-'));
  const dropFiles = () => rmSync(dataDir, { recursive: true, force: true });
  if (dialect === 'sqlite') {
    const template = join(inject('templateFolder'), DATABASE_FILE);
    if (migrated) copyFileSync(template, join(dataDir, DATABASE_FILE), constants.COPYFILE_FICLONE);
    return { databaseUrl: '', dataDir, drop: async () => dropFiles() };
  }
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}${migrated ? ` template ${TEMPLATE_DATABASE}` : ''}`);
  return {
    databaseUrl: databaseUrl(server, name),
    dataDir,
    async drop() {
      dropFiles();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}
