import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createHostileProvider,
  createWorld,
  type HostileProvider,
  openidBrowser,
  somebody,
  type World,
  whither,
} from '../../testing/index.ts';

type Mischief = Parameters<HostileProvider['play']>[0];

const AUTH_FAILED = { path: '/login', query: { error: 'auth_failed' } };
const SIGNED_IN = { path: '/login/callback' };
const STRANGERS: Mischief = { compact: (_, { parts, signWith, stranger }) => signWith(parts, stranger) };
const UNKNOWN: Mischief = { token: ({ header }) => Object.assign(header, { kid: 'unknown' }) };

describe('a provider that changes its keys', () => {
  let world: World;
  let provider: HostileProvider;

  beforeEach(async () => {
    provider = await createHostileProvider({ clock: () => world.clock.now() });
    world = await createWorld({
      dialect: 'sqlite',
      env: { ...provider.settings, FLUXGATE_RATE_LIMITS: 'off' },
    });
  });

  afterEach(async () => {
    await world.close();
    await provider.close();
  });

  async function signIn(mischief: Mischief = {}): Promise<ReturnType<typeof whither>> {
    const browser = openidBrowser(world);
    const { authUrl } = await browser.begin();
    provider.play(mischief);
    return whither(await browser.comeBack(provider.approve(authUrl, somebody())));
  }
  const askedAt = (where: string) => provider.asked.filter(({ path }) => path === where).length;

  it.each([
    ['another name', 'newer', 'own'],
    ['the same name', 'own', 'own'],
    ['no name', undefined, undefined],
    ['a name for the first time', 'newer', undefined],
  ])('signs people in by the new ones at once, under %s', async (_, name, before) => {
    if (before === undefined) provider.changeKey(before);
    expect(await signIn()).toMatchObject(SIGNED_IN);
    provider.changeKey(name);
    expect(await signIn()).toMatchObject(SIGNED_IN);
    expect(await signIn()).toMatchObject(SIGNED_IN);
    expect([askedAt('/keys'), askedAt('/token')]).toEqual([2, 3]);
  });

  it('signs in all who come at the same time, and is asked for keys a few times at most', async () => {
    expect(await signIn()).toMatchObject(SIGNED_IN);
    provider.changeKey('newer');
    for (const one of await Promise.all(Array.from({ length: 8 }, () => signIn())))
      expect(one).toMatchObject(SIGNED_IN);
    expect(askedAt('/keys')).toBeLessThanOrEqual(4);
  });

  it.each([
    ['are signed by somebody else', STRANGERS],
    ['name a key that nobody has', UNKNOWN],
  ])('is asked for keys a few times a minute at most, however many tokens %s', async (_, mischief) => {
    expect(await signIn()).toMatchObject(SIGNED_IN);
    for (let tries = 0; tries < 6; tries++) expect(await signIn(mischief)).toMatchObject(AUTH_FAILED);
    expect(askedAt('/keys')).toBe(1 + 3);
    expect(await signIn()).toMatchObject(SIGNED_IN);
    expect(askedAt('/keys')).toBe(1 + 3);
    world.clock.advance(61_000);
    expect(await signIn(mischief)).toMatchObject(AUTH_FAILED);
    expect(askedAt('/keys')).toBe(1 + 4);
  });

  it('is believed by the keys that are known while it shows none, whatever else came in between', async () => {
    expect(await signIn()).toMatchObject(SIGNED_IN);
    const hidden: Mischief = {
      answer(path, response) {
        if (path === '/keys') response.writeHead(503).end();
        return path === '/keys';
      },
    };
    expect(await signIn({ ...STRANGERS, ...hidden })).toMatchObject(AUTH_FAILED);
    expect(await signIn(hidden)).toMatchObject(SIGNED_IN);
  });

  it('is not asked again for what any other claim decides', async () => {
    expect(await signIn()).toMatchObject(SIGNED_IN);
    const wrong: Mischief = { token: ({ claims }) => Object.assign(claims, { aud: 'another-client' }) };
    expect(await signIn({ ...wrong, ...STRANGERS })).toMatchObject(AUTH_FAILED);
    expect(askedAt('/keys')).toBe(1);
  });
});
