import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, DIALECTS, finished, freshDatabase, runFluxgate, startServer } from '../testing/index.ts';

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
  const run = (...args: string[]) => finished(runFluxgate(args, settings(), database.dataDir));

  it('get keys that a running server takes and lets go of, and the next signing key [FX-01, FX-02, E08]', {
    timeout: 60_000,
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

    const made = await run('project', 'key', 'create', 'shop', '--kind', 'secret');
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
    expect(await keys()).toContain(id);

    const set = await run('project', 'set', 'shop', '{"methods":{"passkey":true}}');
    expect(set.stdout).toBe('Changed project shop.\n');
    expect((await shown(key)).json).toMatchObject({ methods: { password: true, passkey: true } });
    const wrong = await run('project', 'set', 'shop', '{"methods":{"passkey":1},"other":{}}');
    expect(wrong.stderr).toMatch(/methods\.passkey: .*boolean[\s\S]*other/);
    expect((await run('project', 'set', 'shop', '{')).stderr).toMatch(/no JSON/);
    expect((await run('project', 'set', 'none', '{}')).stderr).toMatch(/no project none/);

    await run('project', 'key', 'revoke', 'shop', listed.split('\t')[0] ?? '');
    expect((await shown(key)).status).toBe(401);
    server.child.kill('SIGTERM');
    await server.exited;
  });
});
