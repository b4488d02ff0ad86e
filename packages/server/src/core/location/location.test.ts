import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Geo, Located } from '../../geo/index.ts';
import { createWorld, DIALECTS, ManualClock, type World } from '../../testing/index.ts';
import { createAuditor } from '../audit/index.ts';
import type { Origin } from '../origin.ts';
import { createPlaces, type Places } from './index.ts';

const MINUTE = 60_000;
const BERLIN: Located = {
  city: 'Berlin',
  region: 'State of Berlin',
  country: 'Germany',
  countryCode: 'DE',
  regionCode: 'BE',
};
const NAMED: Located = { ...BERLIN, city: 'Bad/Ort', countryCode: null, regionCode: null };
const COUNTRY: Located = { ...BERLIN, city: null, region: null, regionCode: null };

function at(address: string, network = address.replace(/\.\d+$/, '.0/24')): Origin {
  return { address, source: address, network, userAgent: null, isDesktop: false };
}

describe.each(DIALECTS)('places on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  let plain: Places;
  let mapped: Places;
  let userId: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const { storage } = world.instance;
    const audit = createAuditor({ clock: clock.now, random: randomBytes });
    const withGeo = (geo: Geo) =>
      createPlaces({ storage, clock: clock.now, geo, audit, areAskedAbout: true });
    plain = withGeo({ find: () => null });
    const known: Record<string, Located> = {
      '203.0.113.9': BERLIN,
      '198.51.100.4': { ...BERLIN, region: 'Land Berlin', country: 'Deutschland' },
      '192.0.2.1': NAMED,
      '192.0.2.2': COUNTRY,
    };
    mapped = withGeo({ find: (address) => known[address] ?? null });
  });
  afterAll(() => world.close());

  const newUser = async () => {
    userId = (await world.person()).userId;
    await world.instance.storage.transaction((tx) => plain.forget(tx, userId));
    return userId;
  };
  const authorise = (places: Places, origin: Origin) =>
    world.instance.storage.transaction((tx) => places.authorise(tx, userId, origin));
  const isAuthorised = (places: Places, origin: Origin, who = userId) =>
    places.isAuthorised(world.instance.storage.db, who, origin);

  it('are networks while no file is named: the /24, or the /64 of IPv6 [D12]', async () => {
    const v6 = at('2001:db8::1', '2001:db8::/64');
    expect(plain.placeOf(at('203.0.113.9'))).toEqual({ key: '203.0.113.0/24', label: null });
    expect(plain.placeOf(v6)).toEqual({ key: '2001:db8::/64', label: null });
    await newUser();
    await authorise(plain, at('203.0.113.9'));
    await authorise(plain, v6);
    expect(await isAuthorised(plain, at('203.0.113.200'))).toBe(true);
    expect(await isAuthorised(plain, at('203.0.114.9'))).toBe(false);
    expect(await isAuthorised(plain, at('2001:db8:0:1::1', '2001:db8:0:1::/64'))).toBe(false);
    expect(await isAuthorised(plain, at('2001:db8::ffff', '2001:db8::/64'))).toBe(true);
  });

  it('are geography with a file, as coarse as the file tells, and networks where it does not know', () => {
    expect(mapped.placeOf(at('203.0.113.9'))).toEqual({
      key: 'geo:DE/BE/Berlin',
      label: { city: 'Berlin', region: 'State of Berlin', country: 'Germany' },
    });
    expect(mapped.placeOf(at('192.0.2.1')).key).toBe('geo:Germany/State%20of%20Berlin/Bad%2FOrt');
    expect(mapped.placeOf(at('192.0.2.2'))).toEqual({
      key: 'geo:DE//',
      label: { city: null, region: null, country: 'Germany' },
    });
    expect(mapped.placeOf(at('10.0.0.1'))).toEqual({ key: '10.0.0.0/24', label: null });
  });

  it('reach as far as the city, whatever the network, and no further', async () => {
    await newUser();
    await authorise(mapped, at('203.0.113.9'));
    expect(await isAuthorised(mapped, at('198.51.100.4'))).toBe(true);
    expect(await isAuthorised(mapped, at('192.0.2.2'))).toBe(false);
    expect(await isAuthorised(mapped, at('10.0.0.1'))).toBe(false);
  });

  it('that were approved as networks stay approved once a file is named', async () => {
    await newUser();
    await authorise(plain, at('203.0.113.9'));
    expect(await isAuthorised(mapped, at('203.0.113.9'))).toBe(true);
    // It is the network that was approved, not the city it is in.
    expect(await isAuthorised(mapped, at('198.51.100.4'))).toBe(false);
  });

  it('belong to one user alone', async () => {
    const stranger = await newUser();
    await newUser();
    await authorise(plain, at('203.0.113.9'));
    expect(await isAuthorised(plain, at('203.0.113.9'))).toBe(true);
    expect(await isAuthorised(plain, at('203.0.113.9'), stranger)).toBe(false);
    expect(await plain.list(stranger)).toEqual([]);
  });

  it('are listed once each, the newest use first, and forgotten one by one or together', async () => {
    const { storage } = world.instance;
    await newUser();
    const begin = clock.now();
    await authorise(mapped, at('203.0.113.9'));
    clock.advance(MINUTE);
    await authorise(plain, at('10.0.0.1'));
    clock.advance(MINUTE);
    await authorise(mapped, at('203.0.113.9'));
    expect(await plain.list(userId)).toEqual([
      {
        key: 'geo:DE/BE/Berlin',
        label: { city: 'Berlin', region: 'State of Berlin', country: 'Germany' },
        createdAt: begin,
        lastUsedAt: begin + 2 * MINUTE,
      },
      { key: '10.0.0.0/24', label: null, createdAt: begin + MINUTE, lastUsedAt: begin + MINUTE },
    ]);
    expect(await storage.transaction((tx) => plain.forget(tx, userId, '10.0.0.0/24'))).toBe(1);
    expect((await plain.list(userId)).map(({ key }) => key)).toEqual(['geo:DE/BE/Berlin']);
    expect(await storage.transaction((tx) => plain.forget(tx, userId))).toBe(1);
    expect(await storage.transaction((tx) => plain.forget(tx, userId))).toBe(0);
    expect(await isAuthorised(mapped, at('203.0.113.9'))).toBe(false);
  });

  it('take any number of approvals at once', async () => {
    await newUser();
    await Promise.all(Array.from({ length: 20 }, () => authorise(plain, at('203.0.113.9'))));
    expect(await plain.list(userId)).toHaveLength(1);
  });

  it('go with the user they belong to', async () => {
    const { db } = world.instance.storage;
    await newUser();
    await authorise(plain, at('203.0.113.9'));
    await db.deleteFrom('user').where('id', '=', userId).execute();
    const left = await db.selectFrom('authorised_place').selectAll().where('user_id', '=', userId).execute();
    expect(left).toEqual([]);
  });
});
