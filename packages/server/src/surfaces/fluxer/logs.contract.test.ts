import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announced, decode, rawRequest } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const NEW_PASSWORD = 'staple battery horse correct';
const INJECTION = 'x\r\n{"level":50,"msg":"forged"}\n\u001b[2J\u001b[31mred';
const forHeader = (text: string) => text.replace(/[\r\n]+/g, ' ').replaceAll('\u001b', '');

describe.each(DIALECTS)('the log on %s', (dialect) => {
  let world: World;
  const secrets = new Set<string>([PASSWORD, NEW_PASSWORD]);
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  async function walk(): Promise<void> {
    const { client, email } = await world.person({ global_name: 'Walker' });
    const remember = (text: string | null | undefined) => void (text && secrets.add(text));
    remember(client.token);
    const login = async (password: string) => {
      const reply = await world.client().post('/v1/auth/login', { email, password });
      if (reply.status === 200) remember(decode.token(reply).token);
      return reply;
    };
    secrets.add('a wrong one nobody may read');
    await login('a wrong one nobody may read');
    await login(PASSWORD);
    decode.empty(await world.client().post('/v1/auth/forgot', { email }));
    for (const { token } of await world.mails(email)) remember(token);
    const { token } = await world.newestMail(email, 'password_reset');
    await world.client().get(`/v1/auth/reset/${token}`);
    const reset = await world.client().post('/v1/auth/reset', { token, password: NEW_PASSWORD });
    client.token = decode.token(reset).token;
    remember(client.token);
    await world.client().get(`/v1/users/@me?token=${client.token}`);
    await world.client().get(`/v1/${client.token}`);
    await rawRequest(world.baseUrl, {
      path: '/v1/users/@me',
      headers: { cookie: `fluxer_session=${client.token}` },
    });
    const change = await client.patch('/v1/users/@me', { new_password: PASSWORD, password: NEW_PASSWORD });
    client.token = change.headers.get('x-fluxer-session-token');
    remember(client.token);
    await client.post('/v1/auth/logout');
  }

  async function inject(): Promise<void> {
    const { client } = await world.person({ global_name: INJECTION.slice(0, 4) });
    const headers = {
      'user-agent': forHeader(INJECTION),
      'x-request-id': forHeader(INJECTION),
      referer: forHeader(INJECTION),
    };
    for (const field of ['email', 'username', 'global_name', 'password', 'invite_code', 'date_of_birth']) {
      await world.client().post('/v1/auth/register', { [field]: INJECTION }, headers);
      await world.client().post('/v1/auth/login', { [field]: INJECTION }, headers);
    }
    await client.patch('/v1/users/@me', { bio: INJECTION, pronouns: INJECTION, global_name: INJECTION });
    await client.send('/v1/auth/verify', { method: 'POST', body: INJECTION, headers });
    await world.client().get(`/v1/${encodeURIComponent(INJECTION)}?x=${encodeURIComponent(INJECTION)}`);
    await rawRequest(world.baseUrl, {
      path: '/v1/users/@me',
      headers: {
        authorization: forHeader(INJECTION),
        'x-forwarded-for': forHeader(INJECTION),
        cookie: 'fluxer_session=%0a%1b[2J',
      },
    });
    await announced(world.baseUrl, '/v1/auth/login', { 'content-length': '99999999' });
  }

  it('has one JSON object a line whatever is sent, and nothing of it can break out [M05, bug 74]', async () => {
    const before = world.logLines.length;
    await inject();
    const lines = world.logLines.slice(before);
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(line).not.toContain('\u001b');
      expect(line).not.toContain('\r');
      const entry = JSON.parse(line) as Record<string, unknown>;
      expect(entry['msg']).not.toBe('forged');
      expect(typeof entry['time']).not.toBe('undefined');
    }
  });

  it('tells each answer without what was secret in it [M04, bug 21]', async () => {
    const before = world.logLines.length;
    await walk();
    const lines = world.logLines.slice(before);
    expect(lines.filter((line) => line.includes('"status":200')).length).toBeGreaterThan(3);
    const all = world.logLines.join('');
    expect(secrets.size).toBeGreaterThan(8);
    for (const secret of secrets) {
      expect(all).not.toContain(secret);
      expect(all).not.toContain(encodeURIComponent(secret));
    }
  });

  it('has no error of ours after all that [M06]', () => {
    const worst = world.logLines.map((line) => JSON.parse(line) as { level: unknown; msg: string });
    expect(worst.filter(({ level }) => level === 50 || level === 60 || level === 'error')).toEqual([]);
  });
});
