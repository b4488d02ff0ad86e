import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

/** A request whose `Host` is chosen by the test, from the loopback address and without any header of a proxy. */
async function ask(world: World, path: string, headers: Record<string, string> = {}) {
  const { port } = new URL(world.baseUrl);
  return await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request({ host: 'localhost', port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.once('error', reject).end();
  });
}

const PATHS = ['/dev/mailbox', '/dev/mailbox.json'];

describe.each(DIALECTS)('the dev mailbox on %s', (dialect) => {
  let world: World;
  let email: string;
  let token: string;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    email = newEmail();
    await world.register(world.client(), { email });
    ({ token } = await world.newestMail(email, 'email_verification'));
  });
  afterAll(() => world.close());

  it.each(PATHS)('is open on the machine itself: %s', async (path) => {
    const { status, body } = await ask(world, path);
    expect(status).toBe(200);
    expect(body).toContain(token);
  });

  it('gives programs the mails of one address, in any spelling', async () => {
    await world.register(world.client());
    const { body } = await ask(world, `/dev/mailbox.json?to=${email.toUpperCase()}`);
    expect(JSON.parse(body)).toMatchObject([{ to: email, kind: 'email_verification', token }]);
  });

  const strangers: [string, Record<string, string>][] = [
    ['X-Forwarded-For', { 'x-forwarded-for': '127.0.0.1' }],
    ['an empty X-Forwarded-For', { 'x-forwarded-for': '' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'localhost' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'http' }],
    ['X-Real-IP', { 'x-real-ip': '127.0.0.1' }],
    ['Forwarded', { forwarded: 'for=127.0.0.1' }],
    ['Via', { via: '1.1 proxy' }],
    ['CF-Connecting-IP', { 'cf-connecting-ip': '127.0.0.1' }],
    ...[
      ...['X-Forwarded-Port', 'X-Forwarded-Server', 'X-Forwarded', 'X-Forwarded-Ssl', 'X-Forwarded-Scheme'],
      ...['X-Forwarded-Prefix', 'Forwarded-For', 'X-Original-Forwarded-For', 'X-Original-Host'],
      ...['True-Client-IP', 'X-Client-IP', 'X-Cluster-Client-IP', 'Fastly-Client-IP', 'CF-Ray', 'CDN-Loop'],
    ].map((name): [string, Record<string, string>] => [name, { [name]: '1' }]),
    ['Host evil.example', { host: 'evil.example' }],
    ['Host localhost.evil.example', { host: 'localhost.evil.example' }],
    ['Host 127.0.0.1.evil.example', { host: '127.0.0.1.evil.example:80' }],
    ['Host localhost@evil.example', { host: 'localhost@evil.example' }],
    ['Host evil.example#localhost', { host: 'evil.example#localhost' }],
    ['Host 0.0.0.0', { host: '0.0.0.0' }],
  ];

  it.each(strangers)(
    'is closed behind a proxy and to a page that renamed itself: %s [I08]',
    async (_, headers) => {
      for (const path of PATHS) {
        const { status, body } = await ask(world, path, headers);
        // A name that is no name at all does not even reach the page.
        expect([400, 403]).toContain(status);
        expect(body).not.toContain(token);
      }
    },
  );

  it('is closed to ordinary users and open to administrators from elsewhere', async () => {
    const elsewhere = { 'x-forwarded-for': '203.0.113.9' };
    const { email: ordinary } = await world.person();
    expect(
      (await ask(world, PATHS[1] ?? '', { ...elsewhere, cookie: await cookieOf(ordinary) })).status,
    ).toBe(403);

    const link = await world.instance.setup.issueLink(world.instance.project.id);
    const made = await world
      .client()
      .form('/setup', { token: link ?? '', email: newEmail(), password: PASSWORD });
    const cookie = made.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    for (const path of PATHS) {
      const { status, body } = await ask(world, path, { ...elsewhere, cookie });
      expect(status).toBe(200);
      expect(body).toContain(token);
    }
  });

  async function cookieOf(address: string): Promise<string> {
    const reply = await world.client().form('/login', { email: address, password: PASSWORD });
    return reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  }
});

describe.each(DIALECTS)('a server with another public address on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_PUBLIC_URL: 'https://login.example.com' } });
  });
  afterAll(() => world.close());

  it.each(PATHS)('keeps the dev mailbox closed even on the machine itself: %s', async (path) => {
    expect((await ask(world, path)).status).toBe(403);
    expect((await ask(world, path, { host: 'login.example.com' })).status).toBe(403);
  });

  it('builds the links of mails from the configured address alone [I08, L03, bug 64]', async () => {
    const email = newEmail();
    const poisoned = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    };
    const form = { email, password: PASSWORD, consent: 'yes' };
    const reply = await world
      .client()
      .form('/register', form, { ...poisoned, origin: 'https://login.example.com' });
    expect(reply.status).toBe(303);
    const mail = await world.newestMail(email, 'email_verification');
    expect(mail.links).toEqual([`https://login.example.com/verify#token=${mail.token}`]);
    expect(mail.text).not.toContain('evil.example');
  });
});

describe('a server that sends mail by SMTP', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_SMTP_URL: 'smtp://127.0.0.1:1' } });
  });
  afterAll(() => world.close());

  it('has no dev mailbox, and does not speak of one', async () => {
    for (const path of PATHS) expect((await ask(world, path)).status).toBe(404);
    expect((await world.client().get('/check-mail')).text).not.toContain('/dev/mailbox');
  });
});
