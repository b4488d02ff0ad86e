import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from './client.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** It takes about a second, and many times that while all tests share two cores. */
const STARTED_WITHIN_MS = 60_000;

/** The built command line, as an operator runs it, with only the given settings. */
export function runFluxgate(args: readonly string[], env: Record<string, string>, cwd: string): ChildProcess {
  if (!existsSync(MAIN)) throw new Error('The server is not built: run npm test, which builds it first.');
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('FLUXGATE_') && !/^NODE_|^VITEST/.test(name),
    ),
  );
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...inherited, ...env } as NodeJS.ProcessEnv,
  });
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
  });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export interface ServerProcess {
  child: ChildProcess;
  baseUrl: string;
  client(): Client;
  /** What it has printed so far. */
  output(): string;
  exited: Promise<Finished>;
}

/** A server in a process of its own, ready to answer. */
export async function startServer(env: Record<string, string>, cwd: string): Promise<ServerProcess> {
  const port = env['FLUXGATE_PORT'] ?? String(await freePort());
  const child = runFluxgate(['start'], { FLUXGATE_PORT: port, FLUXGATE_DATA_DIR: cwd, ...env }, cwd);
  let output = '';
  child.stdout?.on('data', (bytes) => {
    output += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    output += bytes;
  });
  const exited = finished(child);
  const baseUrl = `http://localhost:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`The server ended: ${output}`);
    return await fetch(`${baseUrl}/readyz`).then(
      (reply) => reply.ok,
      () => false,
    );
  }, STARTED_WITHIN_MS);
  return { child, baseUrl, client: () => new Client(baseUrl), output: () => output, exited };
}
