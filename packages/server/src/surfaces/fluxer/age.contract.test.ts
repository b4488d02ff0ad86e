import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, ManualClock, type World } from '../../testing/index.ts';
import { writeMmdb } from '../../testing/mmdb.ts';

const GERMANY = '203.0.113.9';
const KOREA = '198.51.100.9';
const NOWHERE = '192.0.2.9';

describe.each(DIALECTS)('who is old enough where, contract 1.2, on %s', (dialect) => {
  const clock = new ManualClock();
  const { path, drop } = placesFile();
  let world: World;
  beforeAll(async () => {
    const env = { FLUXGATE_GEOIP_MAXMIND_DB_PATH: path, FLUXGATE_RATE_LIMITS: 'off' };
    world = await createWorld({ dialect, clock, env });
  });
  afterAll(async () => {
    await world.close();
    drop();
  });

  /** The birth date of somebody who is so old today, or will be tomorrow. */
  function bornFor(years: number, isTomorrow = false): string {
    const date = new Date(clock.now());
    date.setUTCFullYear(date.getUTCFullYear() - years);
    if (isTomorrow) date.setUTCDate(date.getUTCDate() + 1);
    return date.toISOString().slice(0, 10);
  }

  it.each([
    ['Germany', GERMANY, 16],
    ['Korea', KOREA, 14],
    ['a place the file does not know', NOWHERE, 13],
  ])('in %s', async (_place, address, years) => {
    const young = await world.register(world.client(address), { date_of_birth: bornFor(years, true) });
    expect(refusal(young)).toBe('400 INVALID_FORM_BODY date_of_birth:MUST_BE_MINIMUM_AGE');
    decode.token(await world.register(world.client(address), { date_of_birth: bornFor(years) }));
  });
});

function placesFile() {
  const folder = mkdtempSync(join(tmpdir(), 'fluxgate-places-'));
  const path = join(folder, 'places.mmdb');
  const country = (code: string) => ({ country: { iso_code: code, names: { en: code } } });
  const records = { [`${GERMANY}/32`]: country('DE'), [`${KOREA}/32`]: country('KR') };
  writeFileSync(path, writeMmdb({ records }));
  return { path, drop: () => rmSync(folder, { recursive: true, force: true }) };
}
