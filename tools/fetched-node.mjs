// Nodes of other versions than the machine's, from the package registry, each fetched once into `.tools`; and npm, run so that it
// installs where it is told. Plain JavaScript for Node 18 and later, as run.mjs is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Runs npm with the given Node, whatever Node the npm on the PATH belongs to. */
export function npm(node, npmArgs, cwd) {
  const cli = process.env.npm_execpath;
  const [command, commandArgs] =
    cli && /npm-cli\.js$/.test(cli) ? [node, [cli, ...npmArgs]] : ['npm', npmArgs];
  const env = { ...process.env };
  // npm_config_* of the outer call (prefix, local prefix) would redirect the inner one.
  for (const name of Object.keys(env)) {
    if (/^npm_(config_(prefix|local_prefix|global_prefix)|lifecycle|package)/.test(name)) delete env[name];
  }
  env.PATH = dirname(node) + delimiter + (env.PATH ?? '');
  return spawnSync(command, commandArgs, { cwd, env, stdio: ['ignore', 2, 2] }).status === 0;
}

/** The path of that Node's binary; null where it cannot be had. `why` says, to people, what it is for. */
export function fetchedNode({ root, version, why, say }) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const home = join(root, '.tools', `node-${version}`);
  const binary = join(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  say(`${why}: fetching Node ${version} (once)`);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"private":true}\n');
  const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  const fetched = npm(
    process.execPath,
    ['install', '--ignore-scripts', ...quiet, `${name}@${version}`],
    home,
  );
  return fetched && existsSync(binary) ? binary : null;
}
