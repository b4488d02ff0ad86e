// Builds one part: the server and the SDK with the TypeScript compiler, the console with Vite. All write to their `dist`.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

function run(script, args, cwd) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

function binary(packageName, name) {
  const manifest = require.resolve(`${packageName}/package.json`, {
    paths: [ROOT, join(ROOT, 'packages/console')],
  });
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name]);
}

const parts = {
  server() {
    const home = join(ROOT, 'packages/server');
    rmSync(join(home, 'dist'), { recursive: true, force: true });
    run(binary('typescript', 'tsc'), ['-p', 'tsconfig.build.json'], home);
    for (const folder of ['pages-kit', 'surfaces/pages', 'surfaces/project-pages']) {
      const assets = join(folder, 'assets');
      cpSync(join(home, 'src', assets), join(home, 'dist', assets), { recursive: true });
    }
  },
  sdk() {
    const home = join(ROOT, 'packages/sdk');
    rmSync(join(home, 'dist'), { recursive: true, force: true });
    run(binary('typescript', 'tsc'), ['-p', 'tsconfig.build.json'], home);
  },
  console() {
    run(binary('vite', 'vite'), ['build', '--logLevel', 'warn'], join(ROOT, 'packages/console'));
  },
};

const part = parts[process.argv[2]];
if (!part) {
  process.stderr.write('usage: build.mjs server|sdk|console\n');
  process.exit(2);
}
part();
