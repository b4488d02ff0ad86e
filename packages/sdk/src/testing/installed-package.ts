import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOME = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);

/** Runs the TypeScript compiler; what it complains of. */
export function typeErrors(args: string[], cwd?: string): string {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...args], { cwd, encoding: 'utf8' });
  return stdout + stderr;
}

/** A new folder of an app that has nothing installed but the package, built as it is here. Delete it. */
export function installPackage(): string {
  const app = mkdtempSync(join(tmpdir(), 'flux-app-'));
  const installed = join(app, 'node_modules/@flux/sdk');
  mkdirSync(installed, { recursive: true });
  cpSync(join(HOME, 'package.json'), join(installed, 'package.json'));
  const errors = typeErrors(['-p', join(HOME, 'tsconfig.build.json'), '--outDir', join(installed, 'dist')]);
  if (errors !== '') throw new Error(errors);
  return app;
}

/** The oldest Node that the package is for: the one that `npm test` has fetched, or one on the PATH. */
export function oldNode(): string {
  const fetched = process.env['NODE_20_PATH'];
  if (fetched) return fetched;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, 'node');
    if (!existsSync(candidate)) continue;
    if (/^v20\./.test(spawnSync(candidate, ['--version'], { encoding: 'utf8' }).stdout)) return candidate;
  }
  process.stdout.write(`no Node 20 on the PATH: the package is tried under ${process.version} instead\n`);
  return process.execPath;
}
