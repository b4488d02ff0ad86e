import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Client,
  DIALECTS,
  finished,
  freshDatabase,
  PASSWORD,
  runFluxgate,
  runInProcess,
  startServer,
  until,
} from '../testing/index.ts';

describe.each(DIALECTS)('the command line on %s', (dialect) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeEach(async () => {
    database = await freshDatabase(dialect);
  });
  afterEach(() => database.drop());

  const settings = () => ({
    FLUXGATE_DATA_DIR: database.dataDir,
    FLUXGATE_DATABASE_URL: database.databaseUrl,
    FLUXGATE_LOG_LEVEL: 'silent',
  });
  const run = (args: string[], env: Record<string, string> = {}) =>
    finished(runFluxgate(args, { ...settings(), ...env }, database.dataDir));

  it('migrates once and says so', async () => {
    expect((await run(['migrate'])).stdout).toMatch(/^Applied \d+:/);
    expect((await run(['migrate'])).stdout).toBe('The database is up to date.\n');
  });

  it('makes, lists and suspends users; the link it prints lets the owner in [A10, B11]', async () => {
    const server = await startServer(settings(), database.dataDir);
    const made = await run(['user', 'create', '--email', 'Ada@Example.com', '--admin']);
    expect(made.code).toBe(0);
    expect(made.stdout).not.toMatch(/password: /i);
    const token = /#token=([0-9A-Za-z]{64})/.exec(made.stdout)?.[1];
    const client = new Client(server.baseUrl);
    expect((await client.post('/v1/auth/reset', { token, password: PASSWORD })).status).toBe(200);
    expect(
      (await client.post('/v1/auth/login', { email: 'ada@example.com', password: PASSWORD })).status,
    ).toBe(200);
    const again = await run(['user', 'create', '--email', 'ada@example.com']);
    expect([again.code, again.stderr]).toEqual([1, 'fluxgate: ada@example.com already has an account.\n']);
    expect((await run(['user', 'list'])).stdout).toMatch(/^\d+\tactive\t\w+#\d{4}\tAda@Example\.com\n$/);
    expect((await run(['user', 'list', 'ada@'])).stdout).toContain('Ada@Example.com');
    expect((await run(['user', 'list', 'bob'])).stdout).toBe('');
    expect((await run(['user', 'suspend', 'ada@example.com'])).stderr).toMatch(/is the last administrator/);
    await run(['user', 'create', '--email', 'second@example.com', '--admin']);
    expect((await run(['user', 'suspend', 'ada@example.com', '--reason', 'left'])).stdout).toMatch(
      /^Suspended user \d+/,
    );
    const refused = await client.post('/v1/auth/login', { email: 'ada@example.com', password: PASSWORD });
    expect(refused.status).toBe(403);
    expect((await run(['user', 'suspend', 'nobody@example.com'])).code).toBe(1);
    server.child.kill('SIGTERM');
    await server.exited;
  });

  it('prints a set-up link until there is an administrator, a new one each time [A10]', async () => {
    const links: string[] = [];
    for (let start = 0; start < 2; start++) {
      const server = await startServer(settings(), database.dataDir);
      await until(() => server.output().includes('/setup#token='));
      links.push(/\/setup#token=([0-9A-Za-z]{64})/.exec(server.output())?.[1] ?? '');
      server.child.kill('SIGTERM');
      await server.exited;
    }
    expect(new Set(links).size).toBe(2);
    expect((await run(['user', 'create', '--email', 'ada@example.com', '--admin'])).code).toBe(0);
    const server = await startServer(settings(), database.dataDir);
    await until(() => server.output().includes('Console '));
    expect(server.output()).not.toContain('/setup#');
    server.child.kill('SIGTERM');
    await server.exited;
  });

  it('says where to look when the public address is not where it listens, or not on this machine', async () => {
    for (const [env, told] of [
      [
        { FLUXGATE_PUBLIC_URL: 'http://localhost:1' },
        /FLUXGATE_PUBLIC_URL names port 1, but this server listens on/,
      ],
      [{ FLUXGATE_PUBLIC_URL: 'https://login.example.com' }, /dev\/mailbox \(administrators alone\)/],
    ] as const) {
      const server = await startServer({ ...settings(), ...env }, database.dataDir);
      await until(() => server.output().includes('Database '));
      expect(server.output()).toMatch(told);
      server.child.kill('SIGTERM');
      await server.exited;
    }
    const server = await startServer(settings(), database.dataDir);
    await until(() => server.output().includes('Database '));
    expect(server.output()).not.toMatch(/names port|administrators alone/);
    server.child.kill('SIGTERM');
    await server.exited;
  });

  it('says what is unfit for production', async () => {
    const trial = await run(['doctor'], {
      FLUXGATE_RATE_LIMITS: 'off',
      FLUXGATE_AUTH_PASSKEYS_RP_ID: 'elsewhere.example',
    });
    expect(trial.code).toBe(0);
    expect(trial.stdout).toMatch(/Rate limits are off/);
    expect(trial.stdout).toMatch(/No mail server/);
    expect(trial.stdout).toMatch(/elsewhere\.example.*Unset FLUXGATE_AUTH_PASSKEYS_RP_ID/);
    const fit = await run(['doctor'], {
      FLUXGATE_PUBLIC_URL: 'https://login.example.com',
      FLUXGATE_TRUSTED_PROXIES: 'loopback',
      FLUXGATE_SMTP_URL: 'smtp://127.0.0.1:25',
      FLUXGATE_MAIL_FROM: 'login@example.com',
    });
    expect(fit.stdout).toMatch(/Fit for production\.\n$/);
  });

  it('says of a proxy that nobody trusts, wherever it stands [I08]', async () => {
    const settings = { FLUXGATE_PUBLIC_URL: 'https://login.example.com' };
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const { stdout } = await run(['doctor'], { ...settings, FLUXGATE_HOST: host });
      expect(stdout).toMatch(/! No proxy is trusted.*FLUXGATE_TRUSTED_PROXIES/);
    }
    const trusted = await run(['doctor'], { ...settings, FLUXGATE_TRUSTED_PROXIES: 'loopback' });
    expect(trusted.stdout).not.toContain('No proxy is trusted');
  });

  it('judges what would keep the server from starting: a lost or another key, a project that is not there', async () => {
    expect((await run(['user', 'create', '--email', 'ada@example.com'])).code).toBe(0);
    const missing = await run(['doctor'], { FLUXGATE_FLUXER_PROJECT: 'nope' });
    expect(missing.code).toBe(1);
    expect(missing.stdout).toMatch(/✗ fluxer\.project.*no project "nope"/);
    const key = join(database.dataDir, 'instance.key');
    const kept = readFileSync(key);
    rmSync(key);
    const lost = await run(['doctor']);
    expect(lost.code).toBe(1);
    expect(lost.stdout).toMatch(/✗ This database belongs to an instance key that is not here/);
    expect(existsSync(key)).toBe(false);
    writeFileSync(key, 'pV3xkkwq9Zt1xY7mLs0aWb4cD8eF2gH6jN5oR7uTiXw\n');
    const other = await run(['doctor']);
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/✗ This database belongs to another instance key/);
    writeFileSync(key, kept);
    expect((await run(['doctor'])).stdout).toMatch(/✓ The database answers \(\w+\) and is up to date/);
  });

  it.each([
    [{ FLUXGATE_INSTANCE_KEY: '' }, /FLUXGATE_INSTANCE_KEY: is set but empty/],
    [{ FLUXGATE_INSTANCE_KEY: 'changeme-changeme-changeme-changeme' }, /sample value/],
    [{ FLUXGATE_PROT: '1' }, /FLUXGATE_PROT is no setting/],
    [{ FLUXGATE_TRUSTED_PROXIES: 'nonsense' }, /FLUXGATE_TRUSTED_PROXIES.*"nonsense" is neither/],
    [{ FLUXGATE_HOST: '192.0.2.77' }, /192\.0\.2\.77 is no address of this machine\. Set FLUXGATE_HOST/],
  ])('does not start with %j: exit 1, and the message names it [M01]', async (env, message) => {
    const { code, stderr } = await run(['start'], { FLUXGATE_PORT: '0', ...env });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*\.js:/);
  });

  it('says of a command that there is none, and not that `start` wants no argument', async () => {
    const { code, stderr } = await run(['strat']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: unknown command .strat.\n.*Commands:.*doctor/s);
  });

  it('ends quietly when nobody reads on', async () => {
    const child = runFluxgate(['config', 'show'], settings(), database.dataDir);
    child.stdout?.destroy();
    const { code, stderr } = await finished(child);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('names the taken port and the setting that changes it', async () => {
    const blocker = createServer();
    const port = await new Promise<number>((taken) => {
      blocker.listen(0, '127.0.0.1', () => taken((blocker.address() as { port: number }).port));
    });
    const { code, stderr } = await run(['start'], { FLUXGATE_PORT: String(port) });
    blocker.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is taken. Set FLUXGATE_PORT`);
  });

  it('refuses a database that belongs to another instance key, and says how to get the right one', async () => {
    await run(['user', 'create', '--email', 'ada@example.com'], {
      FLUXGATE_INSTANCE_KEY: 'k3y-of-the-first-node-0123456789abcdef',
    });
    const { code, stderr } = await run(['start'], {
      FLUXGATE_INSTANCE_KEY: 'k3y-of-another-node-0123456789abcdef',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/another instance key.*copy instance\.key/);
  });
});

describe('a database that is not there', () => {
  it('keeps the server from starting, says so, and never prints its password [M04]', async () => {
    const database = await freshDatabase('sqlite');
    const env = {
      FLUXGATE_DATA_DIR: database.dataDir,
      FLUXGATE_DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x',
    };
    const { code, stderr, stdout } = await finished(runFluxgate(['start'], env, database.dataDir));
    expect(code).toBe(1);
    expect(stderr).toMatch(/FLUXGATE_DATABASE_URL.*ECONNREFUSED/);
    const judged = await finished(runFluxgate(['doctor'], env, database.dataDir));
    expect(judged.code).toBe(1);
    expect(judged.stdout).toMatch(/FLUXGATE_DATABASE_URL.*ECONNREFUSED/);
    expect(stderr + stdout + judged.stderr + judged.stdout).not.toContain('hunter2');
    await database.drop();
  });

  it('is not made by looking for it: the doctor and the lists leave a misspelt folder as it was', async () => {
    const database = await freshDatabase('sqlite');
    const elsewhere = join(database.dataDir, 'elsewhere');
    const env = { FLUXGATE_DATA_DIR: elsewhere };
    const doctor = await runInProcess(['doctor'], env, database.dataDir);
    expect(doctor.code).toBe(0);
    expect(doctor.stdout).toMatch(/There is no database in .*elsewhere yet/);
    const wanting = await runInProcess(
      ['doctor'],
      { ...env, FLUXGATE_FLUXER_PROJECT: 'shop' },
      database.dataDir,
    );
    expect(wanting.code).toBe(1);
    expect(wanting.stdout).toMatch(/✗ fluxer\.project.*no project "shop"/);
    const made = await runInProcess(
      ['doctor'],
      { ...env, FLUXGATE_FLUXER_PROJECT: 'default' },
      database.dataDir,
    );
    expect(made.code).toBe(0);
    for (const args of [
      ['user', 'list'],
      ['project', 'list'],
      ['token', 'list'],
      ['user', 'suspend', 'x@y.example'],
    ]) {
      const { code, stderr, stdout } = await runInProcess(args, env, database.dataDir);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/no database in .*elsewhere\. Set FLUXGATE_DATA_DIR/);
    }
    expect(existsSync(elsewhere)).toBe(false);
    expect(
      (await runInProcess(['user', 'create', '--email', 'a@example.com'], env, database.dataDir)).code,
    ).toBe(0);
    expect((await runInProcess(['user', 'list'], env, database.dataDir)).stdout).toContain('a@example.com');
    await database.drop();
  });

  it('is no SQLite file: the message names the folder and its setting', async () => {
    const database = await freshDatabase('sqlite');
    mkdirSync(database.dataDir, { recursive: true });
    writeFileSync(
      join(database.dataDir, 'fluxgate.db'),
      'a letter to grandmother, much longer than a header\n',
    );
    const env = { FLUXGATE_DATA_DIR: database.dataDir };
    const { code, stderr } = await finished(runFluxgate(['start'], env, database.dataDir));
    expect(code).toBe(1);
    expect(stderr).toContain(database.dataDir);
    expect(stderr).toMatch(/FLUXGATE_DATA_DIR.*not a database/);
    await database.drop();
  });
});
