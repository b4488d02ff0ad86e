import type { Command } from 'commander';
import type { Config } from '../config/index.ts';
import type { Instance } from '../instance.ts';
import { createProjectKey, listProjectKeys, revokeProjectKey, rotateProjectKey } from './project-keys.ts';
import { removeProvider, setProject, setProvider, showProject } from './project-settings.ts';
import { createProject, listAllProjects, rotateSigningKey } from './projects.ts';

/** What a command comes to its work by. */
export interface Doors {
  /** Throws where there is no database yet, but for what is asked of a fresh one. */
  withInstance(
    work: (instance: Instance, config: Config) => Promise<void>,
    options?: { makesDatabase?: boolean },
  ): Promise<void>;
  print(text: string): void;
  /** Beside what is printed, so that a script gets nothing but the secret. */
  note(text: string): void;
  readSecret(): Promise<string>;
}

/** `fluxgate project …`, and `fluxgate key …` for `fluxgate project key …`. */
export function projectCommands(program: Command, doors: Doors): void {
  const { withInstance, print } = doors;
  const project = program.command('project').description("Flux's projects, and the keys that select them");

  project
    .command('create')
    .description('make a project with users of its own')
    .argument('<slug>', 'letters in lower case, digits and hyphens')
    .option('--name <name>', 'what people call it; the slug, without')
    .action((slug: string, { name = slug }: { name?: string }) =>
      withInstance(async (instance) => print(await createProject(instance, { slug, name })), {
        makesDatabase: true,
      }),
    );

  project
    .command('list')
    .description('slug, id and name of every project')
    .action(() =>
      withInstance(async (instance) => {
        for await (const line of listAllProjects(instance)) print(line);
      }),
    );

  project
    .command('settings')
    .description('every setting of a project, as `project set` takes it')
    .argument('<slug>', 'the first project is called default')
    .action((slug: string) =>
      withInstance(async (instance) => {
        for await (const line of showProject(instance, slug)) print(line);
      }),
    );

  project
    .command('set')
    .description('change settings of a project; they hold at once')
    .argument('<slug>', 'of the project')
    .argument(
      '<change...>',
      'session.ttl_seconds=3600, allowed_origins=https://a.example,https://b.example, or JSON',
    )
    .action((slug: string, changes: string[]) =>
      withInstance(async (instance) => print(await setProject(instance, { project: slug, changes }))),
    );

  project
    .command('rotate-signing-key')
    .description('publish the next key that signs session tokens, of all projects; nobody is signed out')
    .action(() => withInstance(async (instance) => print(await rotateSigningKey(instance))));

  providerCommands(project, doors);
  keyCommands(project.command('key').description('the keys of a project'), doors);
  keyCommands(program.command('key').description('the same as `project key`'), doors);
}

interface ProviderOptions {
  clientId: string;
  keepSecret: boolean;
  issuer?: string;
  tenant?: string;
  webUrl?: string;
  apiUrl?: string;
}

function providerCommands(project: Command, { withInstance, print, readSecret }: Doors): void {
  const provider = project.command('provider').description('Google, GitHub and Microsoft as ways to sign in');

  provider
    .command('set')
    .description('say what a provider knows the project by; the client secret is read from standard input')
    .argument('<slug>', 'of the project')
    .argument('<provider>', 'google, github or microsoft')
    .requiredOption('--client-id <id>', 'as the provider gave it')
    .option('--keep-secret', 'read none; the secret that is there stays', false)
    .option('--issuer <url>', 'of Google or Microsoft, where it is another')
    .option('--tenant <tenant>', 'of Microsoft; common, without')
    .option('--web-url <url>', 'of a GitHub of your own')
    .option('--api-url <url>', 'of a GitHub of your own')
    .action(async (slug: string, name: string, given: ProviderOptions) => {
      const { clientId: client_id, keepSecret, webUrl: web_url, apiUrl: api_url, ...others } = given;
      const options = { client_id, ...others, ...(web_url && { web_url }), ...(api_url && { api_url }) };
      const secret = keepSecret ? null : await readSecret();
      const wanted = { project: slug, provider: name, secret, options };
      await withInstance(async (instance) => print(await setProvider(instance, wanted)));
    });

  provider
    .command('remove')
    .description('forget what a provider knows the project by')
    .argument('<slug>', 'of the project')
    .argument('<provider>', 'google, github or microsoft')
    .action((slug: string, name: string) =>
      withInstance(async (instance) =>
        print(await removeProvider(instance, { project: slug, provider: name })),
      ),
    );
}

function keyCommands(key: Command, { withInstance, print, note }: Doors): void {
  key
    .command('create')
    .description('make a key; prints it, this once, and nothing else, on standard output')
    .argument('<project>', 'slug; the first project is called default')
    .requiredOption('--kind <kind>', 'secret (for servers) or publishable (for browsers)')
    .option('--name <name>', 'what it is for', 'command line')
    .option('--expires <instant>', 'such as 2030-01-31T12:00:00Z; never, without')
    .action((project: string, given: { kind: string; name: string; expires?: string }) =>
      withInstance(async (instance) => {
        const { expires = null } = given;
        const made = await createProjectKey(instance, { ...given, expires, project });
        note(made.note);
        print(made.plain);
      }),
    );

  key
    .command('list')
    .description('id, kind, preview and name of every key of a project, and when it ends')
    .argument('<project>', 'slug')
    .action((project: string) =>
      withInstance(async (instance) => {
        for await (const line of listProjectKeys(instance, project)) print(line);
      }),
    );

  key
    .command('rotate')
    .description('make a key in place of another; prints it, this once, and nothing else, on standard output')
    .argument('<project>', 'slug')
    .argument('<key>', 'id')
    .option('--grace <seconds>', 'for how long the old key still works', '0')
    .action((project: string, id: string, { grace }: { grace: string }) =>
      withInstance(async (instance) => {
        const made = await rotateProjectKey(instance, { project, key: id, grace });
        note(made.note);
        print(made.plain);
      }),
    );

  key
    .command('revoke')
    .description('end a key; it selects nothing from now on')
    .argument('<project>', 'slug')
    .argument('<key>', 'id')
    .action((project: string, id: string) =>
      withInstance(async (instance) => print(await revokeProjectKey(instance, { project, key: id }))),
    );
}
