import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const ATTACHED = new URL('../../../../tools/attached.mjs', import.meta.url).href;

/** Stands in for the server: writes that it runs, and what it was told. */
const CHILD = `
const { writeFileSync } = require('node:fs');
const [file] = process.argv.slice(1);
process.on('SIGTERM', () => { writeFileSync(file, 'stopped'); process.exit(0); });
setTimeout(() => process.exit(1), 60_000);
writeFileSync(file, String(process.pid));
`;

describe('what `npm start` runs', () => {
  let folder: string;
  let shell: ChildProcess;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fluxgate-attached-'));
  });
  afterEach(() => {
    shell.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const file = () => join(folder, 'told');
  const told = () => (existsSync(file()) ? readFileSync(file(), 'utf8') : '');

  async function startBehindShell(env: Record<string, string>): Promise<void> {
    const front = join(folder, 'front.mjs');
    const child = JSON.stringify(['-e', CHILD, file()]);
    writeFileSync(
      front,
      `import { runAttached } from ${JSON.stringify(ATTACHED)};
await runAttached({ node: process.execPath, args: ${child}, env: process.env, cwd: '.' });`,
    );
    // What comes after keeps the shell from becoming the script itself.
    shell = spawn('sh', ['-c', `"${process.execPath}" "${front}"; true`], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'ignore',
    });
    await vi.waitFor(() => expect(told()).toMatch(/^\d+$/), { timeout: 10_000 });
  }

  it('stops in order when npm is told to stop and its shell ends without a word [N09]', async () => {
    await startBehindShell({ npm_lifecycle_event: 'start' });
    shell.kill('SIGTERM');
    await vi.waitFor(() => expect(told()).toBe('stopped'), { timeout: 10_000 });
  });

  it('goes on where it was not npm that started it, as behind nohup', async () => {
    await startBehindShell({});
    const pid = Number(told());
    shell.kill('SIGTERM');
    await new Promise((resolve) => shell.once('exit', resolve));
    // Longer than what is looked at in between.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(told()).toBe(String(pid));
    process.kill(pid, 'SIGTERM');
    await vi.waitFor(() => expect(told()).toBe('stopped'), { timeout: 10_000 });
  });

  it('does not begin what nobody could stop any more, when npm ended while it was installing [N09]', async () => {
    const front = join(folder, 'front.mjs');
    const child = JSON.stringify(['-e', CHILD, file()]);
    writeFileSync(
      front,
      `import { writeFileSync } from 'node:fs';
import { runAttached } from ${JSON.stringify(ATTACHED)};
const [file, parent] = [${JSON.stringify(file())}, process.ppid];
writeFileSync(file, '1');
while (process.ppid === parent) await new Promise((resolve) => setTimeout(resolve, 20));
const { signal } = await runAttached({ node: process.execPath, args: ${child}, env: process.env, cwd: '.' });
writeFileSync(file, 'over by ' + signal);`,
    );
    shell = spawn('sh', ['-c', `"${process.execPath}" "${front}"; true`], {
      env: { PATH: process.env['PATH'], npm_lifecycle_event: 'start' },
      stdio: 'ignore',
    });
    await vi.waitFor(() => expect(told()).toBe('1'), { timeout: 10_000 });
    shell.kill('SIGTERM');
    await vi.waitFor(() => expect(told()).toBe('over by SIGTERM'), { timeout: 10_000 });
  });
});
