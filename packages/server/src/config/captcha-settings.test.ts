import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { diagnose, showConfig } from '../cli/index.ts';
import { freshFolder } from '../testing/index.ts';
import { loadConfig } from './index.ts';

const folder = freshFolder();
const KEYS = 'FLUXGATE_INTEGRATIONS_CAPTCHA';
const SITE = 'https://login.example.com';

const load = (env: Record<string, string> = {}) =>
  loadConfig({ env: { FLUXGATE_DATA_DIR: folder(), ...env }, cwd: folder() });

const findings = async (env: Record<string, string>) =>
  (await diagnose(load(env), randomBytes)).map(({ text }) => text).filter((text) => /captcha/i.test(text));

describe('the CAPTCHA', () => {
  it('is off until somebody chooses one, and needs nothing but the choice to be a proof of work', () => {
    expect(load().captcha).toBe('off');
    expect(load({ FLUXGATE_CAPTCHA: 'off' }).captcha).toBe('off');
    expect(load({ FLUXGATE_CAPTCHA: 'pow' })).toMatchObject({ captcha: 'pow', captchaPowIterations: 1_000 });
  });

  it.each([
    [{ FLUXGATE_CAPTCHA: 'recaptcha' }, /FLUXGATE_CAPTCHA: use off, pow, hcaptcha or turnstile/],
    [{ FLUXGATE_CAPTCHA: '' }, /FLUXGATE_CAPTCHA: use off, pow, hcaptcha or turnstile/],
    [{ FLUXGATE_CAPTCHA: 'pow', FLUXGATE_CAPTCHA_POW_ITERATIONS: '7' }, /ITERATIONS: use 100 or more/],
    [{ [`${KEYS}_HCAPTCHA_SITE_KEY`]: '' }, /is set but empty/],
    [{ [`${KEYS}_HCAPTCHA_SECRET_KEY`]: 'your-secret-key' }, /is a sample value/],
  ])('refuses %j', (env, problem) => {
    expect(() => load(env)).toThrow(problem);
  });

  it.each(['hcaptcha', 'turnstile'])(
    'of %s does not start without its keys, and says which are missing and what else would do',
    (name) => {
      const keys = `${KEYS}_${name.toUpperCase()}`;
      const chosen = { FLUXGATE_CAPTCHA: name };
      const other = name === 'hcaptcha' ? 'TURNSTILE' : 'HCAPTCHA';
      expect(() => load(chosen)).toThrow(
        `FLUXGATE_CAPTCHA is ${name}, but ${keys}_SITE_KEY and ${keys}_SECRET_KEY is not set.`,
      );
      expect(() => load(chosen)).toThrow(/set FLUXGATE_CAPTCHA to pow, which needs no keys, or to off/);
      expect(() => load({ ...chosen, [`${keys}_SITE_KEY`]: 'a1' })).toThrow(
        `but ${keys}_SECRET_KEY is not set`,
      );
      expect(() =>
        load({ ...chosen, [`${KEYS}_${other}_SITE_KEY`]: 'a1', [`${KEYS}_${other}_SECRET_KEY`]: 'b2' }),
      ).toThrow(`${keys}_SITE_KEY`);
      const config = load({ ...chosen, [`${keys}_SITE_KEY`]: 'a1', [`${keys}_SECRET_KEY`]: '0xb2c3d4e5' });
      expect(config.captcha).toBe(name);
      expect(showConfig(config)).not.toContain('0xb2c3d4e5');
    },
  );
});

describe('the doctor', () => {
  it('finds nothing wrong with a proof of work where browsers can do it', async () => {
    expect(await findings({ FLUXGATE_CAPTCHA: 'pow', FLUXGATE_PUBLIC_URL: SITE })).toEqual([]);
    expect(await findings({ FLUXGATE_CAPTCHA: 'pow' })).toEqual([]);
    expect(await findings({})).toEqual([]);
  });

  it('finds a proof of work that no browser would do', async () => {
    const found = await findings({
      FLUXGATE_CAPTCHA: 'pow',
      FLUXGATE_PUBLIC_URL: 'http://login.example.com',
    });
    expect(found).toEqual([expect.stringMatching(/only under https.*FLUXGATE_CAPTCHA=off/)]);
  });

  it.each([
    ['hcaptcha', '10000000-ffff-ffff-ffff-000000000001', '0xa1b2c3d4'],
    ['hcaptcha', 'f3a9-site', '0x0000000000000000000000000000000000000000'],
    ['turnstile', '1x00000000000000000000AA', '0x4AAAAAAA1b2c3'],
    ['turnstile', '0x4AAAAAAAkey', '2x0000000000000000000000000000000AA'],
  ])('finds keys of %s that were published for trials: %s %s', async (name, siteKey, secretKey) => {
    const keys = `${KEYS}_${name.toUpperCase()}`;
    const env = { FLUXGATE_CAPTCHA: name, FLUXGATE_PUBLIC_URL: SITE };
    const found = await findings({
      ...env,
      [`${keys}_SITE_KEY`]: siteKey,
      [`${keys}_SECRET_KEY`]: secretKey,
    });
    expect(found).toEqual([expect.stringContaining(`Set ${keys}_SITE_KEY and ${keys}_SECRET_KEY`)]);
    const own = { [`${keys}_SITE_KEY`]: '0x4AAAAAAAkey', [`${keys}_SECRET_KEY`]: '0x4AAAAAAA1b2c3' };
    expect(await findings({ ...env, ...own })).toEqual([]);
  });
});
