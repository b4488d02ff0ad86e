import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Client,
  DIALECTS,
  finished,
  freshDatabase,
  PASSWORD,
  runFluxgate,
  runInProcess,
  startServer,
  withinASecond,
} from '../testing/index.ts';

describe.each(DIALECTS)('tokens and login names on the command line, on %s', (dialect) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    database = await freshDatabase(dialect);
    server = await startServer(settings(), database.dataDir);
  });
  afterAll(async () => {
    server.child.kill('SIGTERM');
    await server.exited;
    await database.drop();
  });

  const settings = () => ({
    FLUXGATE_DATA_DIR: database.dataDir,
    FLUXGATE_DATABASE_URL: database.databaseUrl,
    FLUXGATE_LOG_LEVEL: 'silent',
  });
  const run = (...args: string[]) => runInProcess(args, settings(), database.dataDir);
  /** In a process of its own, where what reaches the terminal is to be shown. */
  const runAlone = (...args: string[]) => finished(runFluxgate(args, settings(), database.dataDir));
  const statusOf = async (plain: string) => {
    const headers = { authorization: `Bearer ${plain}` };
    return (await new Client(server.baseUrl).get('/admin/v1/users', headers)).status;
  };

  it.each([
    [['--name', 'a b'], /no name for a token/],
    [['--name', 'x', '--allow', 'ns redirect:read'], /Write --allow 'namespace\/project redirect:read'/],
    [['--name', 'x', '--allow', 'ns/p redirect'], /Write --allow/],
    [['--name', 'x', '--allow', 'ns/p any:read'], /means nothing/],
    [['--name', 'x', '--admin', 'users'], /Write --admin users:read/],
    [['--name', 'x', '--admin', 'everything:read'], /means nothing/],
    [['--name', 'x', '--expires', 'tomorrow'], /Write --expires 2030/],
    [['--name', 'x', '--expires', '2030-02-31T25:00:00Z'], /Write --expires 2030/],
    [[], /--name/],
  ])('make none of %j, and say what to write', async (args, message) => {
    const { code, stdout, stderr } = await run('token', 'create', ...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  it('make a token that works at once and is printed alone, list it by its preview, and revoke it [E09]', async () => {
    const rows = ['--allow', 'ns/p redirect:read', '--allow', '*/* page:*', '--admin', 'users:read'];
    const made = await runAlone(
      'token',
      'create',
      '--name',
      'ci',
      '--expires',
      '2099-01-31T12:00:00Z',
      ...rows,
    );
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toMatch(/^flecto_[A-Za-z0-9_-]{43}\n$/);
    const plain = made.stdout.trim();
    expect(made.stderr).toMatch(/^Made token ci \(3 permissions, expires 2099-01-31T12:00:00\.000Z\)/);
    expect(made.stderr).not.toContain(plain);
    expect(await statusOf(plain)).toBe(200);

    const listed = await run('token', 'list');
    const preview = `${plain.slice(0, 11)}...${plain.slice(-4)}`;
    expect(listed.stdout).toContain(`ci\t${preview}\t2099-01-31T12:00:00.000Z\t`);
    expect(listed.stdout).toContain('*/* page:*, ns/p redirect:read, users:read');
    expect(listed.stdout + listed.stderr).not.toContain(plain);

    expect((await run('token', 'revoke', 'ci')).stdout).toBe('Revoked token ci.\n');
    // A running server hears of what another process changes within a second.
    await withinASecond(async () => (await statusOf(plain)) === 401);
    // Nor has any of those above left one.
    expect((await run('token', 'list')).stdout).toBe('');
    const again = await runAlone('token', 'revoke', 'ci');
    expect([again.code, again.stderr]).toEqual([1, 'fluxgate: There is no token ci.\n']);
  });

  it('make a token without rights and end, unless told otherwise', async () => {
    const made = await run('token', 'create', '--name', 'bare');
    expect(made.stderr).toMatch(/0 permissions, never expires/);
    expect(await statusOf(made.stdout.trim())).toBe(403);
    const again = await run('token', 'create', '--name', 'bare');
    expect([again.code, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toBe('fluxgate: There is a token bare already.\n');
    await run('token', 'revoke', 'bare');
  });

  it('make an account of a login name alone, whose owner chooses a password by the printed link [B11]', async () => {
    const made = await run('user', 'create', '--login-name', 'Ada-L');
    expect(made.code, made.stderr).toBe(0);
    const token = /#token=([0-9A-Za-z]{64})/.exec(made.stdout)?.[1];
    const client = new Client(server.baseUrl);
    expect((await client.post('/v1/auth/reset', { token, password: PASSWORD })).status).toBe(200);
    expect((await client.post('/v1/auth/reset', { token, password: PASSWORD })).status).toBe(400);
    const signedIn = await client.form('/login', { email: 'ada-l', password: PASSWORD });
    expect(signedIn.status).toBe(303);
    expect((await run('user', 'list', 'ADA')).stdout).toMatch(/^\d+\tactive\t\w+#\d{4}\tAda-L\n$/);
    const again = await run('user', 'create', '--login-name', 'ADA-l', '--email', 'ada@example.com');
    expect([again.code, again.stderr]).toEqual([1, "fluxgate: ADA-l already is somebody's name.\n"]);
    expect((await run('user', 'create')).stderr).toMatch(/Give --email, --login-name, or both/);
    expect((await run('user', 'create', '--login-name', 'a b')).stderr).toMatch(/is no login name/);
  });

  it('promote and suspend by login name, but never suspend the last administrator', async () => {
    await run('user', 'create', '--login-name', 'Grace');
    expect((await run('user', 'promote', 'GRACE')).stdout).toMatch(/^User \d+ may do everything now\.\n$/);
    const last = await run('user', 'suspend', 'grace');
    expect(last.stderr).toBe('fluxgate: grace is the last administrator. Make somebody else one first.\n');
    await run('user', 'create', '--login-name', 'second', '--admin');
    expect((await run('user', 'suspend', 'grace')).stdout).toMatch(/^Suspended user \d+/);
    expect((await run('user', 'promote', 'nobody')).stderr).toBe('fluxgate: There is no user nobody.\n');
  });
});
