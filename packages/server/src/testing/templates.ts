import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrations } from '../migrations.ts';
import { migrate, openStorage } from '../storage/index.ts';

/** The template on the PostgreSQL of the run, to which nobody may connect. */
export const TEMPLATE_DATABASE = 'migrated';

/** A file in the template folder, as a data directory has it. */
export const DATABASE_FILE = 'fluxgate.db';

/** An empty database of this release of either kind, which worlds copy: to migrate one takes ten times as long. */
export async function makeTemplates(postgresUrl: string, folder: string): Promise<void> {
  await onServer(postgresUrl, `create database ${TEMPLATE_DATABASE}`);
  await bringUpToDate('', folder);
  await bringUpToDate(databaseUrl(postgresUrl, TEMPLATE_DATABASE), folder);
  // A template that somebody is connected to cannot be copied.
  await onServer(postgresUrl, `alter database ${TEMPLATE_DATABASE} allow_connections false`);
}

async function bringUpToDate(databaseUrl: string, dataDir: string): Promise<void> {
  const storage = await openStorage({
    databaseUrl,
    dataDir,
    poolSize: 1,
    nodeName: randomBytes(8).toString('hex'),
    onBackgroundError(error) {
      throw error;
    },
  });
  try {
    await migrate(storage, migrations, Date.now);
  } finally {
    await storage.close();
  }
}

/** The address of another database of the same server. */
export function databaseUrl(postgresUrl: string, name: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function onServer(postgresUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
