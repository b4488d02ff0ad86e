import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, until } from '../testing/index.ts';
import { writeMmdb } from '../testing/mmdb.ts';
import { openGeo } from './index.ts';

const BERLIN = {
  city: { geoname_id: 2950159, names: { de: 'Berlin', en: 'Berlin' } },
  continent: { code: 'EU', names: { en: 'Europe' } },
  country: { iso_code: 'DE', is_in_european_union: true, names: { de: 'Deutschland', en: 'Germany' } },
  subdivisions: [{ iso_code: 'BE', names: { en: 'State of Berlin' } }],
};
const nowhere = { city: null, region: null, country: null, countryCode: null, regionCode: null };

describe('where an address is', () => {
  const clock = new ManualClock();
  let folder: string;
  let path: string;
  let problems: unknown[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fluxgate-geo-'));
    path = join(folder, 'places.mmdb');
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = () =>
    openGeo({ path, clock: clock.now, onBackgroundError: (error) => void problems.push(error) });

  it.each([
    [
      'GeoLite2 City',
      BERLIN,
      { city: 'Berlin', region: 'State of Berlin', country: 'Germany', countryCode: 'DE', regionCode: 'BE' },
    ],
    [
      'GeoLite2 Country',
      { country: { iso_code: 'DE', names: { en: 'Germany' } } },
      { ...nowhere, country: 'Germany', countryCode: 'DE' },
    ],
    [
      'DB-IP City Lite, whose regions have names alone',
      {
        city: { names: { en: 'Toronto (Old Toronto)' } },
        country: { iso_code: 'CA', names: { en: 'Canada' } },
        subdivisions: [{ names: { en: 'Ontario' } }],
      },
      {
        city: 'Toronto (Old Toronto)',
        region: 'Ontario',
        country: 'Canada',
        countryCode: 'CA',
        regionCode: null,
      },
    ],
    [
      'IPinfo Lite',
      { asn: 'AS3320', country: 'Germany', country_code: 'DE', continent_code: 'EU' },
      { ...nowhere, country: 'Germany', countryCode: 'DE' },
    ],
    [
      'IPinfo Location',
      { city: 'Berlin', region: 'State of Berlin', country: 'DE', lat: '52.52', timezone: 'Europe/Berlin' },
      { city: 'Berlin', region: 'State of Berlin', country: 'DE', countryCode: 'DE', regionCode: null },
    ],
    [
      "IPinfo's older country file",
      { country: 'DE', country_name: 'Germany', continent: 'EU' },
      { ...nowhere, country: 'Germany', countryCode: 'DE' },
    ],
    ['a record that names no country', { continent: { code: 'EU', names: { en: 'Europe' } } }, null],
    ['a record of another kind', { autonomous_system_number: 3320 }, null],
    ['a record of wrong types', { country: { iso_code: 7, names: ['x'] }, city: 'Berlin' }, null],
  ])('is read from %s', async (_layout, record, expected) => {
    writeFileSync(path, writeMmdb({ records: { '203.0.113.0/24': record } }));
    const geo = await open();
    expect(geo.find('203.0.113.9')).toEqual(expected);
    expect(geo.find('198.51.100.1')).toBeNull();
    expect(problems).toEqual([]);
  });

  it('is found for IPv6 too, and not in a file of IPv4 alone', async () => {
    writeFileSync(path, writeMmdb({ records: { '2001:db8::/32': BERLIN, '203.0.113.0/24': BERLIN } }));
    const both = await open();
    expect(both.find('2001:db8:1::7')?.city).toBe('Berlin');
    expect(both.find('2001:db9::7')).toBeNull();
    writeFileSync(path, writeMmdb({ records: { '32.0.0.0/8': BERLIN }, ipVersion: 4 }));
    const old = await open();
    expect(old.find('32.1.2.3')?.city).toBe('Berlin');
    // Its first bits are those of 32.0.0.0/8.
    expect(old.find('2001:db8::1')).toBeNull();
  });

  it('is unknown without a file, whatever is asked', async () => {
    const geo = await openGeo({ path: '', clock: clock.now, onBackgroundError: () => undefined });
    expect(geo.find('203.0.113.9')).toBeNull();
  });

  it.each([
    ['is not there', null],
    ['is empty', Buffer.alloc(0)],
    ['is something else', Buffer.from('city,country\nBerlin,DE\n'.repeat(40))],
    ['is cut off', writeMmdb({ records: { '203.0.113.0/24': BERLIN } }).subarray(0, 200)],
    ['is of a later version', writeMmdb({ records: {}, formatVersion: 3 })],
  ])('stops the start, naming the setting, when the file %s', async (_problem, content) => {
    if (content) writeFileSync(path, content);
    await expect(open()).rejects.toThrow(
      /^geoip\.maxmind_db_path names .*places\.mmdb, which cannot be read/,
    );
  });

  it('is read from the new file once it was replaced, a minute later and only when asked', async () => {
    writeFileSync(path, writeMmdb({ records: { '203.0.113.0/24': BERLIN } }));
    const geo = await open();
    const moved = { ...BERLIN, city: { names: { en: 'Potsdam' } }, subdivisions: [] };
    writeFileSync(path, writeMmdb({ records: { '203.0.113.0/24': moved } }));
    clock.advance(59_000);
    expect(geo.find('203.0.113.9')?.city).toBe('Berlin');
    clock.advance(1_000);
    await until(() => geo.find('203.0.113.9')?.city === 'Potsdam');
    expect(problems).toEqual([]);
  });

  it('stays what it was when the new file is broken, and the operator is told', async () => {
    writeFileSync(path, writeMmdb({ records: { '203.0.113.0/24': BERLIN } }));
    const geo = await open();
    writeFileSync(path, 'half a file');
    clock.advance(60_000);
    geo.find('203.0.113.9');
    await until(() => problems.length > 0);
    expect(String(problems[0])).toContain('geoip.maxmind_db_path');
    expect(geo.find('203.0.113.9')?.city).toBe('Berlin');
  });
});
