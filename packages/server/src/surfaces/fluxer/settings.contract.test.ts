import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, PASSWORD, type World } from '../../testing/index.ts';

describe('settings that show on the wire', () => {
  let world: World;
  afterEach(() => world.close());

  async function cookieOf(env: Record<string, string>): Promise<string> {
    world = await createWorld({ dialect: 'sqlite', env });
    const { email } = await world.person();
    const reply = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    return reply.headers.get('set-cookie') ?? '';
  }

  it('keep the session cookie for as long as cookie.max_age says, in milliseconds', async () => {
    expect(await cookieOf({ FLUXGATE_COOKIE_MAX_AGE: '604800999' })).toMatch(
      /^fluxer_session=flx_\w+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('keep it for as long as an unused session lives otherwise', async () => {
    expect(await cookieOf({ FLUXGATE_SESSION_IDLE_HOURS: '2' })).toContain('; Max-Age=7200;');
  });

  it.each([
    ['on', '203.0.113.9'],
    ['off', '198.51.100.4'],
  ])('take CF-Connecting-IP from the proxy when it is %s [I08]', async (isOn, expected) => {
    world = await createWorld({
      dialect: 'sqlite',
      env: { FLUXGATE_PROXY_TRUST_CF_CONNECTING_IP: isOn },
    });
    const { email, userId } = await world.person();
    await world
      .client('198.51.100.4')
      .post('/v1/auth/login', { email, password: 'wrong password' }, { 'cf-connecting-ip': '203.0.113.9' });
    const record = await world.instance.storage.db
      .selectFrom('audit_record')
      .select('address')
      .where('event', '=', 'sign-in.refused')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    expect(record?.address).toBe(expected);
  });
});
