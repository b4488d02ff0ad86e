import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWireServer, installPackage, oldNode, type WireServer } from './testing/index.ts';

const HOME = join(dirname(fileURLToPath(import.meta.url)), '..');
const KEY = 'your-api-key';

/** Seed 001, as written. */
const SEED = `
import Flux from '@flux/sdk';
const flux = Flux.init('your-api-key');
const user = await flux.auth.verifySession(token);
console.log(\`Authenticated: \${user.email} (\${user.id})\`);
`;

let server: WireServer;
/** An app of its own, that has nothing installed but the built package. */
let app: string;
let token: string;

beforeAll(async () => {
  server = await createWireServer({ secretKey: KEY });
  ({ token } = server.person());
  app = installPackage();
});

afterAll(async () => {
  rmSync(app, { recursive: true, force: true });
  await server.close();
});

function run(args: string[]): Promise<{ code: number | null; output: string }> {
  const env = { PATH: process.env['PATH'], FLUX_URL: server.baseUrl, FLUX_KEY: KEY, TOKEN: token };
  const child = spawn(oldNode(), args, { cwd: app, env, timeout: 30_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

describe('the built package', () => {
  it('runs the lines of seed 001 as written (FX-35)', async () => {
    writeFileSync(join(app, 'seed.mjs'), SEED.replace('(token)', '(process.env.TOKEN)'));
    expect(await run(['seed.mjs'])).toEqual({ code: 0, output: 'Authenticated: a@example.com (1)\n' });
  });

  it('passes its smoke test under the oldest Node it is for, and lets the process end', async () => {
    cpSync(join(HOME, 'smoke/smoke.mjs'), join(app, 'smoke.mjs'));
    const { code, output } = await run(['--test', 'smoke.mjs']);
    expect(output).toMatch(/pass 4\b/);
    expect(code).toBe(0);
    expect(server.count('/events')).toBeGreaterThan(0);
  });

  it('needs no other package', () => {
    const manifest = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as Record<string, object>;
    const named = Object.keys(manifest).filter((name) => /ependencies$/.test(name));
    expect(named).toEqual([]);
    expect(manifest['sideEffects']).toBe(false);
  });

  it('has everything that its manifest names, and its license', () => {
    const { exports, main, types } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as {
      exports: object;
      main: string;
      types: string;
    };
    const leaves = (part: object | string): string[] =>
      typeof part === 'string' ? [part] : Object.values(part).flatMap(leaves);
    const named = [...leaves(exports), main, types];
    expect(named.length).toBeGreaterThan(20);
    const installed = join(app, 'node_modules/@flux/sdk');
    expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
    const license = (folder: string) => readFileSync(join(folder, 'LICENSE'), 'utf8');
    expect(license(HOME)).toBe(license(join(HOME, '../..')));
  });

  it("brings a page none of the server's part", async () => {
    writeFileSync(
      join(app, 'page.mjs'),
      "import Flux from '@flux/sdk';\nexport const flux = Flux.init('flux_pk_x', { baseUrl: 'https://auth.example.com' });\n",
    );
    const bundled = await build({
      root: app,
      configFile: false,
      logLevel: 'silent',
      build: { write: false, lib: { entry: 'page.mjs', formats: ['es'] } },
    });
    const [first] = [bundled].flat() as { output: { code: string }[] }[];
    const code = first?.output.map((part) => part.code).join('') ?? '';
    process.stdout.write(`a page that signs in carries ${(code.length / 1024).toFixed(1)} KB of @flux/sdk\n`);
    expect(code).toContain('/flux/v1/sign_in/password');
    expect(code).not.toMatch(/node:|verifySession|last-event-id|sessions\/verify|jwks/);
    expect(code.length).toBeLessThan(28 * 1024);
  });
});
