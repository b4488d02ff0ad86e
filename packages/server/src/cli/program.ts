import { Command, CommanderError } from 'commander';
import type { Chance } from '../chance.ts';
import { type Config, loadConfig } from '../config/index.ts';
import { openInstance, storageFor } from '../instance.ts';
import { migrations } from '../migrations.ts';
import { hasDatabase, migrate } from '../storage/index.ts';
import { VERSION } from '../version.ts';
import { showConfig } from './config-show.ts';
import { diagnose } from './doctor.ts';
import { type Doors, projectCommands } from './project-commands.ts';
import { tokenCommands } from './token-commands.ts';
import { userCommands } from './user-commands.ts';

/** What only `command-line.ts` may do, and the commands need done. */
export interface Terminal extends Chance {
  env: Record<string, string | undefined>;
  cwd: string;
  write(text: string): void;
  writeError(text: string): void;
  /** What was piped in or typed, without the end of its line; so that no secret stands in a list of processes. */
  readSecret(): Promise<string>;
  /** Resolves once the server answers. */
  serve(config: Config): Promise<void>;
}

/** Does what the arguments say, `start` without any; resolves with the exit code, and what went wrong was written. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  const program = commandLine(terminal, () => {
    code = 1;
  });
  // Else it would be taken for an argument of `start`, which runs when no command is named.
  const [named] = args;
  const isKnown = program.commands.some((command) => command.name() === named);
  try {
    if (named && !/^(-|help$)/.test(named) && !isKnown) program.error(`error: unknown command '${named}'`);
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Has been written by the library.
    if (error instanceof CommanderError) return error.exitCode;
    const cause = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : '';
    terminal.writeError(`fluxgate: ${error instanceof Error ? error.message : String(error)}${cause}\n`);
    return 1;
  }
}

function commandLine(terminal: Terminal, onBroken: () => void): Command {
  const { clock, random } = terminal;
  const print = (text: string) => terminal.write(`${text}\n`);
  const note = (text: string) => terminal.writeError(`${text}\n`);
  const report = (error: unknown) => note(error instanceof Error ? error.message : String(error));
  const configuration = () => loadConfig({ env: terminal.env, cwd: terminal.cwd });

  const withInstance: Doors['withInstance'] = async (work, { makesDatabase = false } = {}) => {
    const config = configuration();
    // A misspelt folder would else become a new instance, which has nothing of what was asked for.
    if (!makesDatabase && !hasDatabase(config))
      throw new Error(
        `There is no database in ${config.dataDir}. Set FLUXGATE_DATA_DIR to the folder it is in, or make one: npm run fluxgate -- migrate`,
      );
    const instance = await openInstance(config, {
      clock,
      random,
      onBackgroundError: report,
      onDeliveryFailure: () => undefined,
      onCaptchaFailure: () => undefined,
      systemClock: clock,
      onSsoFailure: () => undefined,
    });
    try {
      await work(instance, config);
    } finally {
      await instance.close();
    }
  };

  const program = new Command('fluxgate')
    .exitOverride()
    .configureOutput({ writeOut: terminal.write, writeErr: terminal.writeError })
    .description('One self-hosted authentication server for Fluxer, Flecto and Flux clients.')
    .version(VERSION)
    .showHelpAfterError();

  program
    .command('start', { isDefault: true })
    .description('migrate the database and serve')
    .action(() => terminal.serve(configuration()));

  program
    .command('migrate')
    .description('bring the database to this release and stop')
    .action(async () => {
      const storage = await storageFor(configuration(), { random, onBackgroundError: report });
      try {
        const applied = await migrate(storage, migrations, clock);
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
      const findings = await diagnose(configuration(), random);
      for (const { level, text } of findings) print(`${{ ok: '✓', unfit: '!', broken: '✗' }[level]} ${text}`);
      const unfit = findings.filter(({ level }) => level !== 'ok').length;
      print(unfit === 0 ? 'Fit for production.' : `${unfit} to mend before production.`);
      if (findings.some(({ level }) => level === 'broken')) onBroken();
    });

  const doors = { withInstance, print, note, readSecret: terminal.readSecret };
  userCommands(program, doors);
  projectCommands(program, doors);
  tokenCommands(program, doors);

  program
    .command('config')
    .description('settings')
    .command('show')
    .description('every setting in force and where it comes from, secrets masked')
    .action(() => print(showConfig(configuration())));

  return program;
}
