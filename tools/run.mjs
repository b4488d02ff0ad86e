// The one entrance behind `npm start`, `npm test` and the other scripts. Plain JavaScript for Node 18 and
// later, without dependencies, because it runs before anything is installed: it fetches a recent Node where
// the machine's is too old, installs, builds, and then hands over. Every step is skipped when its stamp says
// that nothing changed, so that a second start costs milliseconds.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAttached } from './attached.mjs';
import { fetchedNode, npm } from './fetched-node.mjs';
import { SERVER_FLAGS } from './server-flags.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_FLOOR = [22, 14];
const NODE_FETCHED = '24.21.0';

const [task = 'start', ...args] = process.argv.slice(2);

function say(text) {
  process.stderr.write(`fluxgate: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
}

/** The Node that runs everything else: this one, or one fetched once from the package registry. */
function ensureNode() {
  if (isRecentEnough(process.version)) return process.execPath;
  const why = `Node ${process.version} is older than ${NODE_FLOOR.join('.')}`;
  const binary = fetchedNode({ root: ROOT, version: NODE_FETCHED, why, say });
  if (binary === null) {
    fail(
      `no Node for ${process.platform}/${process.arch} could be fetched. Install Node 22.14 or later and run the same command again.`,
    );
  }
  return binary;
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function ensureInstalled(node) {
  const stamp = join(ROOT, 'node_modules', '.fluxgate-installed');
  const want = sha256(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  if (readStamp(stamp) === want) return;
  say('installing the packages of package-lock.json (once)');
  if (!npm(node, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], ROOT)) {
    fail('npm ci failed; its message is above. The package registry must be reachable.');
  }
  writeFileSync(stamp, want);
}

/** One line per source file with size and time: changes when any of them does. */
function fingerprint(folders) {
  const lines = [];
  const visit = (path) => {
    if (!existsSync(path)) return;
    const stat = statSync(path);
    if (!stat.isDirectory()) {
      if (!/\.test\.tsx?$/.test(path)) lines.push(`${path} ${stat.size} ${stat.mtimeMs}`);
      return;
    }
    for (const name of readdirSync(path)) visit(join(path, name));
  };
  for (const folder of folders) visit(join(ROOT, folder));
  return sha256(lines.join('\n'));
}

function node24(node, file, fileArgs) {
  return (
    spawnSync(node, [join(ROOT, file), ...fileArgs], { cwd: ROOT, stdio: ['ignore', 2, 2] }).status === 0
  );
}

function ensureBuilt(node) {
  const parts = [
    {
      name: 'server',
      watched: ['packages/server/src', 'packages/server/tsconfig.build.json', 'tsconfig.base.json'],
    },
    {
      name: 'sdk',
      watched: ['packages/sdk/src', 'packages/sdk/tsconfig.build.json', 'tsconfig.base.json'],
    },
    {
      name: 'console',
      watched: ['packages/console/src', 'packages/console/index.html', 'packages/console/vite.config.ts'],
    },
  ];
  for (const { name, watched } of parts) {
    const stamp = join(ROOT, 'packages', name, 'dist', '.fluxgate-built');
    const want = fingerprint([...watched, 'package-lock.json']);
    if (readStamp(stamp) === want) continue;
    say(`building the ${name}`);
    if (!node24(node, 'tools/build.mjs', [name]))
      fail(`building the ${name} failed; the compiler's message is above.`);
    writeFileSync(stamp, want);
  }
}

/** Hands the terminal to a child and ends as it ends. */
async function handOver(node, childArgs) {
  const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? '') };
  const { status, signal } = await runAttached({
    node,
    args: childArgs,
    env,
    cwd: process.env.INIT_CWD ?? ROOT,
  });
  process.exit(status ?? 128 + (constants.signals[signal] ?? 0));
}

const node = ensureNode();
ensureInstalled(node);
if (task === 'start' || task === 'fluxgate') {
  ensureBuilt(node);
  const serverArgs = task === 'start' ? ['start', ...args] : args;
  await handOver(node, [...SERVER_FLAGS, join(ROOT, 'packages/server/dist/main.js'), ...serverArgs]);
} else {
  if (task !== 'format') ensureBuilt(node);
  await handOver(node, [join(ROOT, 'tools/tasks.mjs'), task, ...args]);
}
