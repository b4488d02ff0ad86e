/** The command line: with `main.ts` the only place that reads the environment, prints, and ends the process. */
import { randomBytes } from 'node:crypto';
import { runCommandLine } from './cli/index.ts';
import type { Config } from './config/index.ts';
import { isLocalHost } from './http/index.ts';
import type { Instance } from './instance.ts';
import { createLogger } from './logger.ts';
import { createServer } from './server.ts';
import { VERSION } from './version.ts';

/** Longer than any request may take, shorter than what supervisors wait before they kill. */
const STOP_WITHIN_MS = 9_000;

async function start(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const server = await createServer({ config, logger });
  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    // Requests that do not end by themselves must not keep a supervisor waiting.
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  // Heard for good: a terminal and a supervisor may both send one, and the second must not cut the stop short.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
  try {
    await server.listen();
  } catch (error) {
    await server.stop();
    throw unheard(error as NodeJS.ErrnoException, config);
  }
  await greet(config, server.instance);
}

/** Why nobody can be listened to, with the setting to change. */
function unheard(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(`Port ${port} on ${host} is taken. Set FLUXGATE_PORT to another one.`);
    case 'EACCES':
      return new Error(`This user may not listen on port ${port}. Set FLUXGATE_PORT to 1024 or more.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Error(
        `${host} is no address of this machine. Set FLUXGATE_HOST to one, such as 127.0.0.1, or 0.0.0.0 for all.`,
      );
    default:
      return error;
  }
}

/** What the operator sees first. The link is the only way to the first administrator. */
async function greet(config: Config, { setup, project, storage }: Instance): Promise<void> {
  const link = await setup.issueLink(project.id);
  const { hostname, protocol, port } = new URL(config.publicUrl);
  const isLocal = isLocalHost(hostname);
  const named = Number(port || 80);
  const lines = [
    '',
    `  Fluxgate ${VERSION} is ready at ${config.publicUrl}`,
    '',
    link
      ? `  Make the first administrator (this link works once):\n  ${config.publicUrl}/setup#token=${link}`
      : `  Console   ${config.publicUrl}/console/`,
    '',
    `  Sign-up   ${config.publicUrl}/register`,
    `  API       ${config.publicUrl}/docs`,
    ...(config.smtpUrl === ''
      ? [`  Mail      ${config.publicUrl}/dev/mailbox${isLocal ? '' : ' (administrators alone)'}`]
      : []),
    `  Database  ${storage.dialect === 'sqlite' ? `SQLite in ${config.dataDir}` : 'PostgreSQL'}`,
    ...(isLocal && protocol === 'http:' && named !== config.port
      ? [
          '',
          `  FLUXGATE_PUBLIC_URL names port ${named}, but this server listens on ${config.port}. Unless something passes requests on, make them the same.`,
        ]
      : []),
    '',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** What was piped in or typed, without the end of its line; so that no secret stands in a list of processes. */
async function readSecret(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  return text.replace(/\r?\n$/, '');
}

// Who reads through `head` has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.on('unhandledRejection', (error) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

const code = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  clock: Date.now,
  random: randomBytes,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  readSecret,
  serve: start,
});
if (code !== 0) process.exit(code);
