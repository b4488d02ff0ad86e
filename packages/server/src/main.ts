#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=8
/** The command line: the only place that reads the environment, prints, and ends the process. */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import {
  createToken,
  createUser,
  diagnose,
  listAllUsers,
  listTokens,
  projectCommands,
  promoteUser,
  revokeToken,
  showConfig,
  suspendUser,
} from './cli/index.ts';
import { type Config, loadConfig } from './config/index.ts';
import { type Instance, openInstance, storageFor } from './instance.ts';
import { createLogger } from './logger.ts';
import { migrations } from './migrations.ts';
import { createServer } from './server.ts';
import { migrate } from './storage/index.ts';
import { VERSION } from './version.ts';

/** Longer than any request may take, shorter than what supervisors wait before they kill. */
const STOP_WITHIN_MS = 9_000;

const program = new Command('fluxgate')
  .description('One self-hosted authentication server for Fluxer, Flecto and Flux clients.')
  .version(VERSION)
  .showHelpAfterError();

program
  .command('start', { isDefault: true })
  .description('migrate the database and serve')
  .action(() => start(configuration()));

program
  .command('migrate')
  .description('bring the database to this release and stop')
  .action(async () => {
    const storage = await storageFor(configuration(), { random: randomBytes, onBackgroundError: report });
    try {
      const applied = await migrate(storage, migrations, Date.now);
      print(
        applied.length === 0
          ? 'The database is up to date.'
          : `Applied ${applied.length}:\n${applied.join('\n')}`,
      );
    } finally {
      await storage.close();
    }
  });

program
  .command('doctor')
  .description('say what is not fit for production')
  .action(async () => {
    const findings = await diagnose(configuration(), randomBytes);
    for (const { level, text } of findings) print(`${{ ok: '✓', unfit: '!', broken: '✗' }[level]} ${text}`);
    const unfit = findings.filter(({ level }) => level !== 'ok').length;
    print(unfit === 0 ? 'Fit for production.' : `${unfit} to mend before production.`);
    if (findings.some(({ level }) => level === 'broken')) process.exitCode = 1;
  });

const user = program.command('user').description('accounts');

user
  .command('create')
  .description('make an account; prints the link on which its owner chooses a password')
  .option('--email <address>', 'their e-mail address')
  .option('--login-name <name>', 'what they sign in by, beside the address or in its place')
  .option('--admin', 'an administrator', false)
  .action(async (options: { email?: string; loginName?: string; admin: boolean }) => {
    const { email = null, loginName = null, admin } = options;
    const { publicUrl } = configuration();
    await withInstance(configuration(), async (instance) => {
      print(await createUser(instance, { email, loginName, isAdministrator: admin, publicUrl }));
    });
  });

user
  .command('list')
  .description('id, status, tag and address of every user')
  .argument('[query]', 'beginning of an address or username, or an id', '')
  .action(async (query: string) => {
    await withInstance(configuration(), async (instance) => {
      for await (const line of listAllUsers(instance, query)) print(line);
    });
  });

user
  .command('suspend')
  .description('end all sessions and refuse sign-in')
  .argument('<who>', 'id, login name or e-mail address')
  .option('--reason <text>', 'noted in the audit trail')
  .action(async (who: string, { reason }: { reason?: string }) => {
    await withInstance(configuration(), async (instance) => {
      print(await suspendUser(instance, { who, reason: reason ?? null }));
    });
  });

user
  .command('promote')
  .description('make somebody an administrator of everything')
  .argument('<who>', 'id, login name or e-mail address')
  .action(async (who: string) => {
    await withInstance(configuration(), async (instance) => {
      print(await promoteUser(instance, who));
    });
  });

projectCommands(program, {
  withInstance: (work) => withInstance(configuration(), work),
  print,
  note: (text) => void process.stderr.write(`${text}\n`),
  readSecret,
});

const token = program.command('token').description('API tokens');
const gathered = (value: string, before: string[]) => [...before, value];

token
  .command('create')
  .description('make an API token; prints it, this once, and nothing else, on standard output')
  .requiredOption('--name <name>', 'letters, digits, _ and -')
  .option('--expires <instant>', 'such as 2030-01-31T12:00:00Z; never, without')
  .option('--allow <row>', "'namespace/project redirect:read'; may be repeated, * for all", gathered, [])
  .option('--admin <row>', 'users:read; may be repeated, * for all', gathered, [])
  .action(async (options: { name: string; expires?: string; allow: string[]; admin: string[] }) => {
    await withInstance(configuration(), async (instance) => {
      const made = await createToken(instance, { ...options, expires: options.expires ?? null });
      process.stderr.write(`${made.note}\n`);
      print(made.plain);
    });
  });

token
  .command('list')
  .description('name, preview, expiry, last use and permissions of every token')
  .action(async () => {
    await withInstance(configuration(), async (instance) => {
      for await (const line of listTokens(instance)) print(line);
    });
  });

token
  .command('revoke')
  .description('delete a token; it opens nothing from now on')
  .argument('<name>')
  .action(async (name: string) => {
    await withInstance(configuration(), async (instance) => {
      print(await revokeToken(instance, name));
    });
  });

program
  .command('config')
  .description('settings')
  .command('show')
  .description('every setting in force and where it comes from, secrets masked')
  .action(() => print(showConfig(configuration())));

function configuration(): Config {
  return loadConfig({ env: process.env, cwd: process.cwd() });
}

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
    ...(config.smtpUrl === '' ? [`  Mail      ${config.publicUrl}/dev/mailbox`] : []),
    `  Database  ${storage.dialect === 'sqlite' ? `SQLite in ${config.dataDir}` : 'PostgreSQL'}`,
    '',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

async function withInstance(config: Config, work: (instance: Instance) => Promise<void>): Promise<void> {
  const instance = await openInstance(config, {
    clock: Date.now,
    random: randomBytes,
    onBackgroundError: report,
    onDeliveryFailure: () => undefined,
    onCaptchaFailure: () => undefined,
    systemClock: Date.now,
    onSsoFailure: () => undefined,
  });
  try {
    await work(instance);
  } finally {
    await instance.close();
  }
}

/** What was piped in or typed, without the end of its line; so that no secret stands in a list of processes. */
async function readSecret(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  return text.replace(/\r?\n$/, '');
}

function report(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Who reads through `head` has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.on('unhandledRejection', (error) => {
  report(error);
  process.exit(1);
});

// Else it would be taken for an argument of `start`, which runs when no command is named.
const [named] = process.argv.slice(2);
if (named && !/^(-|help$)/.test(named) && !program.commands.some((command) => command.name() === named))
  program.error(`error: unknown command '${named}'`);

program.parseAsync().catch((error: unknown) => {
  const cause = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : '';
  process.stderr.write(`fluxgate: ${error instanceof Error ? error.message : String(error)}${cause}\n`);
  process.exit(1);
});
