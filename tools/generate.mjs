// Writes every file that is made from the code, or with --check says which of them is not up to date. Works on
// the built server, so that what is described is what runs.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderErrorsPage } from './errors-page.mjs';
import { renderSecurityMatrix } from './security-matrix.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(ROOT, 'packages/server/dist');

/** The API's description, from a server on an empty database that never listens. */
async function openApiDocument() {
  const { createServer } = await import(join(DIST, 'server.js'));
  const { loadConfig } = await import(join(DIST, 'config/index.js'));
  const { createLogger } = await import(join(DIST, 'logger.js'));
  const folder = mkdtempSync(join(tmpdir(), 'fluxgate-generate-'));
  const config = loadConfig({ cwd: folder, env: { FLUXGATE_DATA_DIR: folder } });
  const server = await createServer({ config, logger: createLogger('silent') });
  try {
    return `${JSON.stringify(server.app.swagger(), null, 2)}\n`;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function generated() {
  const { renderSettingsPage } = await import(join(DIST, 'config/index.js'));
  const fluxer = await import(join(DIST, 'surfaces/fluxer/strings.js'));
  return {
    'docs/configuration.md': renderSettingsPage(),
    'docs/errors.md': renderErrorsPage(fluxer),
    'docs/openapi.json': await openApiDocument(),
    'docs/security-matrix.md': renderSecurityMatrix(ROOT),
  };
}

const isCheck = process.argv.includes('--check');
const stale = [];
for (const [name, content] of Object.entries(await generated())) {
  const path = join(ROOT, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  if (isCheck) stale.push(name);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    process.stdout.write(`wrote ${name}\n`);
  }
}
if (stale.length > 0) {
  process.stderr.write(
    `Not up to date: ${stale.join(', ')}. Run npm run generate and look at what changes.\n`,
  );
  process.exit(1);
}
