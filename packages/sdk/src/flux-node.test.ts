import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  finished,
  freePort,
  freshDatabase,
  runFluxgate,
  startServer,
  until,
} from '../../server/src/testing/index.ts';

const START = fileURLToPath(new URL('../../../examples/flux-node/src/start.js', import.meta.url));

it('the example app starts by one command: with a server beside it, a project, and keys that it keeps', {
  timeout: 180_000,
}, async () => {
  const database = await freshDatabase('sqlite');
  const folder = mkdtempSync(join(tmpdir(), 'flux-node-'));
  const [port, fluxPort] = [await freePort(), await freePort()];
  const appUrl = `http://localhost:${port}`;
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    PORT: String(port),
    FLUX_URL: `http://localhost:${fluxPort}`,
    DATA_DIR: folder,
    FLUXGATE_DATABASE_URL: database.databaseUrl,
    FLUXGATE_DATA_DIR: database.dataDir,
  } as NodeJS.ProcessEnv;

  async function run(work: (output: string) => Promise<void>): Promise<void> {
    const child = spawn(process.execPath, [START], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    try {
      await until(() => {
        if (child.exitCode !== null) throw new Error(output);
        return output.includes(`flux-example: open ${appUrl}`);
      }, 120_000);
      await work(output);
    } finally {
      const ended = finished(child);
      child.kill('SIGTERM');
      await ended;
    }
  }

  try {
    const file = join(folder, 'keys.json');
    let first = '';
    await run(async (output) => {
      expect(output).toContain('making the project flux-example');
      first = readFileSync(file, 'utf8');
      const { secretKey } = JSON.parse(first) as { secretKey: string };
      expect(secretKey).toMatch(/^flux_sk_/);
      expect(output).not.toContain(secretKey);
      expect(statSync(file).mode & 0o077).toBe(0);
      const page = await (await fetch(`${appUrl}/sign-in`)).text();
      for (const offered of ['With a password', 'Send me a link', 'Use a passkey'])
        expect(page).toContain(offered);
      const sdk = await fetch(`${appUrl}/sdk/browser.js`);
      expect(sdk.headers.get('content-type')).toMatch(/^text\/javascript/);
      expect((await fetch(`${appUrl}/sdk/..%2f..%2fpackage.json`)).status).toBe(404);
    });
    await run(async (output) => {
      expect(output).not.toContain('making the project');
      expect(readFileSync(file, 'utf8')).toBe(first);
    });
    // The server that was started beside it is gone with it.
    await until(() =>
      fetch(`http://localhost:${fluxPort}/readyz`).then(
        () => false,
        () => true,
      ),
    );
    expect(existsSync(file)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await database.drop();
  }
});

it('the example app says what to set when the server at FLUX_URL is another, or its port is taken', {
  timeout: 120_000,
}, async () => {
  const [database, another] = [await freshDatabase('sqlite'), await freshDatabase('sqlite')];
  const folder = mkdtempSync(join(tmpdir(), 'flux-node-'));
  const server = await startServer({}, another.dataDir);
  const start = async (env: Record<string, string>) => {
    const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: folder };
    const more = { FLUX_URL: server.baseUrl, FLUXGATE_DATA_DIR: database.dataDir };
    const child = spawn(process.execPath, [START], {
      env: { ...inherited, ...more, ...env } as NodeJS.ProcessEnv,
    });
    return await finished(child);
  };
  try {
    await finished(runFluxgate(['migrate'], { FLUXGATE_DATA_DIR: database.dataDir }, database.dataDir));
    const port = String(await freePort());
    const elsewhere = await start({ PORT: port });
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toMatch(/is not the Fluxgate of this checkout.*Set FLUX_SECRET_KEY/);
    expect(existsSync(join(folder, 'keys.json'))).toBe(false);
    const taken = new URL(server.baseUrl).port;
    const keys = { FLUX_SECRET_KEY: 'flux_sk_x', FLUX_PUBLISHABLE_KEY: 'flux_pk_x' };
    const second = await start({ ...keys, PORT: taken, HOST: '127.0.0.1' });
    expect([second.code, second.stderr]).toEqual([
      1,
      `flux-example: port ${taken} of 127.0.0.1 is taken. Set PORT to another one.\n`,
    ]);
  } finally {
    server.child.kill('SIGTERM');
    await server.exited;
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([database.drop(), another.drop()]);
  }
});
