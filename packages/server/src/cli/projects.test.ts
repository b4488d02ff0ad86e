import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Client,
  DIALECTS,
  finished,
  freshDatabase,
  runFluxgate,
  runInProcess,
  startServer,
  withinASecond,
} from '../testing/index.ts';

/** Each runs the command line a dozen times, on a machine that may be busy with much else. */
const WITHIN_MS = 240_000;

describe.each(DIALECTS)("the command line's projects on %s", (dialect) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    database = await freshDatabase(dialect);
  });
  afterAll(() => database.drop());

  const settings = () => ({
    FLUXGATE_DATA_DIR: database.dataDir,
    FLUXGATE_DATABASE_URL: database.databaseUrl,
    FLUXGATE_LOG_LEVEL: 'silent',
  });
  const run = (...args: string[]) => runInProcess(args, settings(), database.dataDir);
  /** In a process of its own, where what reaches the terminal is to be shown. */
  const runAlone = (...args: string[]) => finished(runFluxgate(args, settings(), database.dataDir));

  it('get keys that a running server takes and lets go of, and the next signing key [FX-01, FX-02, E08]', {
    timeout: WITHIN_MS,
  }, async () => {
    const server = await startServer(settings(), database.dataDir);
    const client = new Client(server.baseUrl);
    const shown = async (key: string) =>
      await client.get('/flux/v1/settings', { authorization: `Bearer ${key}` });
    expect((await run('project', 'create', 'shop', '--name', 'The shop')).stdout).toMatch(
      /^Made project shop \(proj_\w+\)\.\n$/,
    );
    expect((await run('project', 'create', 'shop')).stderr).toMatch(/a project shop already/);
    expect((await run('project', 'list')).stdout).toMatch(
      /^default\tproj_\w+\tDefault\nshop\tproj_\w+\tThe shop\n$/,
    );

    const made = await runAlone('project', 'key', 'create', 'shop', '--kind', 'secret');
    const key = made.stdout.trim();
    expect(key).toMatch(/^flux_sk_[0-9A-Za-z]{49}$/);
    expect(made.stderr).not.toContain(key);
    expect((await shown(key)).json).toMatchObject({ project: { name: 'The shop' } });
    const listed = (await run('project', 'key', 'list', 'shop')).stdout;
    expect(listed).toMatch(/^pkey_\w+\tsecret\tflux_sk_\w{4}\.\.\.\w{4}\tcommand line\n$/);
    expect((await run('project', 'key', 'list', 'none')).stderr).toMatch(/no project none/);
    expect((await run('project', 'key', 'create', 'shop', '--kind', 'open')).stderr).toMatch(
      /no kind of key/,
    );

    const keys = async () => (await client.get('/flux/v1/.well-known/jwks.json')).text;
    const before = await keys();
    const rotated = (await run('project', 'rotate-signing-key')).stdout;
    const [, id = ''] = /key (sig_\w+)\./.exec(rotated) ?? [];
    expect(before).not.toContain(id);
    expect(id).not.toBe('');
    await withinASecond(async () => (await keys()).includes(id));

    const set = await run('project', 'set', 'shop', '{"methods":{"passkey":true}}');
    expect(set.stdout).toBe('Changed project shop.\n');
    const methods = async () => ((await shown(key)).json as { methods: Record<string, boolean> }).methods;
    await withinASecond(async () => (await methods())['passkey'] === true);
    expect(await methods()).toMatchObject({ password: true, passkey: true });
    const wrong = await runAlone('project', 'set', 'shop', '{"methods":{"passkey":1},"other":{}}');
    expect(wrong.stderr).toMatch(/methods\.passkey: Write true or false[\s\S]*other/);
    expect((await run('project', 'set', 'shop', '{')).stderr).toMatch(/no JSON/);
    expect((await run('project', 'set', 'none', '{}')).stderr).toMatch(/no project none/);

    await run('project', 'key', 'revoke', 'shop', listed.split('\t')[0] ?? '');
    await withinASecond(async () => (await shown(key)).status === 401);
    expect((await run('key', 'list', 'shop')).stdout).toMatch(/\tcommand line\trevoked\n$/);
    expect((await run('key', 'revoke', 'shop', listed.split('\t')[0] ?? '')).stderr).toMatch(/no key/);
    server.child.kill('SIGTERM');
    await server.exited;
  });

  it('are set line by line, as they are shown, all of it or nothing [FX-06]', {
    timeout: WITHIN_MS,
  }, async () => {
    await run('project', 'create', 'lines');
    const shownLines = async () => (await run('project', 'settings', 'lines')).stdout.trimEnd().split('\n');
    const before = await shownLines();
    expect(before).toContain('session.ttl_seconds=604800');
    expect(before).toContain('methods.magic-link=false');
    expect(before).toContain('allowed_origins=');
    const changes = [
      'name=Lines and more',
      'methods.magic-link=true',
      'methods.passkey=on',
      'session.ttl_seconds=3600',
      'session.idle_seconds=1800',
      'allowed_origins=https://a.example, https://b.example',
      'branding.color=#ff0000',
    ];
    expect((await run('project', 'set', 'lines', ...changes)).stdout).toBe('Changed project lines.\n');
    const after = await shownLines();
    for (const line of changes.filter((one) => !/ https|=on/.test(one))) expect(after).toContain(line);
    expect(after).toContain('allowed_origins=https://a.example,https://b.example');
    // What is shown can be given back as it is.
    expect((await run('project', 'set', 'lines', ...after)).stdout).toBe('Changed project lines.\n');
    expect(await shownLines()).toEqual(after);

    for (const [change, told] of [
      ['session.ttl_seconds=soon', /^fluxgate: session\.ttl_seconds: /],
      ['session.ttl=1', /session\.ttl: There is no such setting/],
      ['nothing', /no setting/],
      ['methods.google=perhaps', /methods\.google: /],
    ] as const)
      expect((await run('project', 'set', 'lines', 'name=Not this', change)).stderr).toMatch(told);
    expect(await shownLines()).toEqual(after);
  });

  it('are told of providers, with a secret that is read and never shown [M02]', {
    timeout: WITHIN_MS,
  }, async () => {
    await run('project', 'create', 'social');
    const command = ['project', 'provider', 'set', 'social'];
    const piped = (secret: string, ...args: string[]) =>
      runInProcess([...command, ...args], settings(), database.dataDir, secret);
    const pipedAlone = async (secret: string, ...args: string[]) => {
      const child = runFluxgate([...command, ...args], settings(), database.dataDir);
      child.stdin?.end(secret);
      return await finished(child);
    };
    const set = await pipedAlone('a secret of GitHub\n', 'github', '--client-id', 'Iv1.a');
    expect(set.stdout).toMatch(/^Set github of project social\./);
    const lines = (await run('project', 'settings', 'social')).stdout;
    expect(lines).toContain('providers.github.client_id=Iv1.a\nproviders.github.client_secret=(set)\n');
    expect(lines + set.stdout + set.stderr).not.toContain('a secret of GitHub');
    const kept = await piped('', 'github', '--client-id', 'Iv1.b', '--keep-secret');
    expect(kept.code).toBe(0);
    expect((await pipedAlone('', 'github', '--client-id', 'Iv1.c')).stderr).toMatch(/client_secret: /);
    expect((await piped('x', 'gitlab', '--client-id', 'Iv1.c')).stderr).toMatch(/no provider/);
    expect((await run('project', 'settings', 'social')).stdout).toContain('client_id=Iv1.b');
    await run('project', 'provider', 'remove', 'social', 'github');
    expect((await run('project', 'settings', 'social')).stdout).not.toContain('providers');
  });

  it('have keys that end when it was said, and are rotated with a grace [FX-01]', {
    timeout: WITHIN_MS,
  }, async () => {
    await run('project', 'create', 'rotated');
    const made = await run('key', 'create', 'rotated', '--kind', 'secret', '--expires', '2999-01-31');
    expect(made.stdout).toMatch(/^flux_sk_/);
    const id = async () => (await run('key', 'list', 'rotated')).stdout.split('\t')[0] ?? '';
    const first = await id();
    expect((await run('key', 'list', 'rotated')).stdout).toMatch(/\tuntil 2999-01-31T23:59:59.999Z\n$/);
    const next = await run('project', 'key', 'rotate', 'rotated', first, '--grace', '3600');
    expect(next.stdout).toMatch(/^flux_sk_[0-9A-Za-z]{49}\n$/);
    expect(next.stderr).toMatch(/works for 3600 seconds more/);
    expect((await run('key', 'rotate', 'rotated', first)).stderr).toMatch(/no key/);
    for (const grace of ['2592001', '-1', 'long'])
      expect((await run('key', 'rotate', 'rotated', await id(), `--grace=${grace}`)).stderr).toMatch(
        /no time of grace/,
      );
    expect((await run('key', 'list', 'rotated')).stdout.trimEnd().split('\n')).toHaveLength(2);
    const past = await run('key', 'create', 'rotated', '--kind', 'secret', '--expires', 'soon');
    expect(past.stderr).toMatch(/no instant/);
  });
});
