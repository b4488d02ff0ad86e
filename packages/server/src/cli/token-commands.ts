import type { Command } from 'commander';
import type { Doors } from './project-commands.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

const gathered = (value: string, before: string[]) => [...before, value];

/** `fluxgate token …`. */
export function tokenCommands(program: Command, { withInstance, print, note }: Doors): void {
  const token = program.command('token').description('API tokens');

  token
    .command('create')
    .description('make an API token; prints it, this once, and nothing else, on standard output')
    .requiredOption('--name <name>', 'letters, digits, _ and -')
    .option('--expires <instant>', 'such as 2030-01-31T12:00:00Z; never, without')
    .option('--allow <row>', "'namespace/project redirect:read'; may be repeated, * for all", gathered, [])
    .option('--admin <row>', 'users:read; may be repeated, * for all', gathered, [])
    .action(async (options: { name: string; expires?: string; allow: string[]; admin: string[] }) => {
      await withInstance(async (instance) => {
        const made = await createToken(instance, { ...options, expires: options.expires ?? null });
        note(made.note);
        print(made.plain);
      });
    });

  token
    .command('list')
    .description('name, preview, expiry, last use and permissions of every token')
    .action(async () => {
      await withInstance(async (instance) => {
        for await (const line of listTokens(instance)) print(line);
      });
    });

  token
    .command('revoke')
    .description('delete a token; it opens nothing from now on')
    .argument('<name>')
    .action(async (name: string) => {
      await withInstance(async (instance) => {
        print(await revokeToken(instance, name));
      });
    });
}
