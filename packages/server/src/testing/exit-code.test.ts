import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const VITEST = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')));
const SETUP = fileURLToPath(new URL('global-setup.ts', import.meta.url));

describe('a run of tests with our set-up', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'fluxgate-run-'));
    writeFileSync(
      join(root, 'vitest.config.mjs'),
      `export default { test: { globals: true, globalSetup: [${JSON.stringify(SETUP)}] } };`,
    );
    writeFileSync(join(root, 'good.test.js'), `it('is good', () => expect(1).toBe(1));`);
    writeFileSync(join(root, 'bad.test.js'), `it('is bad', () => expect(1).toBe(2));`);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    ['good', 0],
    ['bad', 1],
  ])('ends with what a %s test has come to', (file, status) => {
    const run = spawnSync(process.execPath, [VITEST, 'run', file], { cwd: root, encoding: 'utf8' });
    expect(run.status, run.stdout + run.stderr).toBe(status);
    expect(run.stdout).toContain(`${file}.test.js`);
  });
});
