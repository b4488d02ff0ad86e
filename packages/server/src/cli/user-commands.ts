import type { Command } from 'commander';
import type { Doors } from './project-commands.ts';
import { createUser, listAllUsers, promoteUser, suspendUser } from './users.ts';

/** `fluxgate user …`. */
export function userCommands(program: Command, { withInstance, print }: Doors): void {
  const user = program.command('user').description('accounts');

  user
    .command('create')
    .description('make an account; prints the link on which its owner chooses a password')
    .option('--email <address>', 'their e-mail address')
    .option('--login-name <name>', 'what they sign in by, beside the address or in its place')
    .option('--admin', 'an administrator', false)
    .action(async (options: { email?: string; loginName?: string; admin: boolean }) => {
      const { email = null, loginName = null, admin } = options;
      await withInstance(
        async (instance, { publicUrl }) =>
          print(await createUser(instance, { email, loginName, isAdministrator: admin, publicUrl })),
        { makesDatabase: true },
      );
    });

  user
    .command('list')
    .description('id, status, tag and address of every user')
    .argument('[query]', 'beginning of an address or username, or an id', '')
    .action(async (query: string) => {
      await withInstance(async (instance) => {
        for await (const line of listAllUsers(instance, query)) print(line);
      });
    });

  user
    .command('suspend')
    .description('end all sessions and refuse sign-in')
    .argument('<who>', 'id, login name or e-mail address')
    .option('--reason <text>', 'noted in the audit trail')
    .action(async (who: string, { reason }: { reason?: string }) => {
      await withInstance(async (instance) => {
        print(await suspendUser(instance, { who, reason: reason ?? null }));
      });
    });

  user
    .command('promote')
    .description('make somebody an administrator of everything')
    .argument('<who>', 'id, login name or e-mail address')
    .action(async (who: string) => {
      await withInstance(async (instance) => {
        print(await promoteUser(instance, who));
      });
    });
}
