import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { createMinimumAge } from './minimum-age.ts';

const contract = loadConfig({ cwd: '/nowhere', env: {} }).minimumAgeByCountry;

describe('how old somebody must be, contract 1.2', () => {
  it.each([
    ['US', 13],
    ['GB', 13],
    [null, 13],
    ...['KR', 'AT', 'BG', 'CY', 'IT', 'LT', 'ES', 'CL', 'CO', 'PE', 'VE'].map(
      (country) => [country, 14] as const,
    ),
    ...['VN', 'CZ', 'FR', 'GR', 'RS'].map((country) => [country, 15] as const),
    ...['AW', 'BQ', 'CW', 'SX', 'HR', 'DE', 'HU', 'IE', 'LU', 'NL', 'PL', 'RO', 'SM', 'SK', 'SI'].map(
      (country) => [country, 16] as const,
    ),
  ] as const)('in %s: %i', (country, years) => {
    const minimumAgeAt = createMinimumAge(
      { minimumAgeYears: 13, minimumAgeByCountry: contract },
      () => country,
    );
    expect(minimumAgeAt('203.0.113.7')).toBe(years);
  });

  it('is never less than what holds for everybody, and only that without a table', () => {
    const ask = (minimumAgeYears: number, minimumAgeByCountry: string[]) =>
      createMinimumAge({ minimumAgeYears, minimumAgeByCountry }, () => 'DE')('203.0.113.7');
    expect(ask(18, ['DE=16'])).toBe(18);
    expect(ask(13, [])).toBe(13);
    expect(ask(0, ['DE=16'])).toBe(16);
  });

  it.each(['de=16', 'DE', 'DE=', 'DEU=16', 'DE=16,DE=14', 'DE=-1', 'DE=1e2'])('is not set by %j', (text) => {
    const load = () => loadConfig({ cwd: '/nowhere', env: { FLUXGATE_MINIMUM_AGE_BY_COUNTRY: text } });
    expect(load).toThrow(/MINIMUM_AGE_BY_COUNTRY/);
  });
});
