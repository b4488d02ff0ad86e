// Entrance of `npm run bench`. Plain JavaScript: the benchmark itself is TypeScript whose types Node strips, and
// before Node 22.18 that has to be asked for.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
const { status } = spawnSync(process.execPath, [...flags, main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
