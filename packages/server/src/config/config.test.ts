import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showConfig } from '../cli/index.ts';
import { loadConfig } from './index.ts';

describe('the configuration', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'fluxgate-config-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd });

  it('needs nothing at all', () => {
    const config = load();
    expect(config.publicUrl).toBe('http://localhost:8080');
    expect(config.dataDir).toBe(join(cwd, 'data'));
    expect(config.rateLimits).toBe(true);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes the file, and lets a variable win over it', () => {
    writeFileSync(
      join(cwd, 'fluxgate.yaml'),
      'port: 9000\nsession:\n  idle_hours: 5\ntrusted_proxies: [loopback]\n',
    );
    const config = load({ FLUXGATE_PORT: '9100' });
    expect(config.port).toBe(9100);
    expect(config.sessionIdleHours).toBe(5);
    expect(config.trustedProxies).toEqual(['loopback']);
    expect(config.origins).toMatchObject({
      port: 'FLUXGATE_PORT',
      sessionIdleHours: '"session.idle_hours" in the file',
    });
  });

  it('takes a secret from the file its variable names', () => {
    writeFileSync(join(cwd, 'url'), 'smtp://mail.example:25\n');
    expect(load({ FLUXGATE_SMTP_URL_FILE: 'url' }).smtpUrl).toBe('smtp://mail.example:25');
  });

  it.each([
    [{ FLUXGATE_PORTS: '80' }, /FLUXGATE_PORTS is no setting.*FLUXGATE_PORT/],
    [{ FLUXGATE_PORT: 'eighty' }, /FLUXGATE_PORT: .*whole number/],
    [{ FLUXGATE_PORT: '99999' }, /FLUXGATE_PORT: use 65535 or less/],
    [{ FLUXGATE_RATE_LIMITS: 'maybe' }, /FLUXGATE_RATE_LIMITS: use on or off/],
    [{ FLUXGATE_DATABASE_URL: 'mysql://x' }, /FLUXGATE_DATABASE_URL: use postgres:/],
    [{ FLUXGATE_PUBLIC_URL: 'login.example.com' }, /FLUXGATE_PUBLIC_URL: use a URL/],
    [{ FLUXGATE_SMTP_URL: 'x', FLUXGATE_SMTP_URL_FILE: 'y' }, /both set/],
    [{ FLUXGATE_SMTP_URL_FILE: 'nowhere' }, /nowhere, which is not there/],
    [{ FLUXGATE_CONFIG: 'nowhere.yaml' }, /FLUXGATE_CONFIG names .*nowhere\.yaml/],
    [{ FLUXGATE_MAIL_FROM: 'a@b\r\nBcc: c@d' }, /FLUXGATE_MAIL_FROM/],
  ])('refuses %j and names the setting and the fix [M01]', (env, problem) => {
    expect(() => load(env)).toThrow(problem);
  });

  it.each([
    ['prot: 80\n', /"prot", which is no setting/],
    ['session:\n  idle: 3\n', /"session\.idle", which is no setting/],
    ['- a\n', /cannot be read/],
    ['port: [1\n', /cannot be read/],
  ])('refuses the file %j', (text, problem) => {
    writeFileSync(join(cwd, 'fluxgate.yaml'), text);
    expect(() => load()).toThrow(problem);
  });

  it.each([
    ['FLUXGATE_PORT', ''],
    ['FLUXGATE_PORT', '0x4653'],
    ['FLUXGATE_PORT', '1e3'],
    ['FLUXGATE_PORT', '8080.5'],
    ['FLUXGATE_PORT', '-1'],
    ['FLUXGATE_PORT', '65536'],
    ['FLUXGATE_MINIMUM_AGE_YEARS', ''],
    ['FLUXGATE_MINIMUM_AGE_YEARS', ' '],
    ['FLUXGATE_DELETION_GRACE_PERIOD_HOURS', ''],
    ['FLUXGATE_HOST', ''],
    ['FLUXGATE_DATA_DIR', ''],
    ['FLUXGATE_SITE_NAME', ''],
    ['FLUXGATE_SITE_NAME', 'x'.repeat(61)],
    ['FLUXGATE_INSTANCE_KEY', ''],
    ['FLUXGATE_INSTANCE_KEY', 'changeme'],
    ['FLUXGATE_TRUSTED_PROXIES', 'nginx'],
    ['FLUXGATE_TRUSTED_PROXIES', 'loopback, 10.0.0.0/33'],
  ])('refuses %s=%j in words of its own: what is empty is never taken for 0', (variable, value) => {
    expect(() => load({ [variable]: value })).toThrow(`${variable}: `);
    expect(() => load({ [variable]: value })).not.toThrow(/Too small|Too big|Invalid|expected/);
  });

  it('refuses a number without a value in the file', () => {
    writeFileSync(join(cwd, 'fluxgate.yaml'), 'minimum_age_years:\n');
    expect(() => load()).toThrow(/use a whole number/);
  });

  it('names a secret that cannot be read, and what is the matter with it', () => {
    const secretIn = (path: string) => () => load({ FLUXGATE_INTERNAL_SECRET_FILE: path });
    expect(secretIn('nowhere')).toThrow(/FLUXGATE_INTERNAL_SECRET_FILE names .*nowhere, which is not there/);
    expect(secretIn('.')).toThrow(/FLUXGATE_INTERNAL_SECRET_FILE names .*, which is a folder/);
  });

  it('tells all problems at once', () => {
    expect(() => load({ FLUXGATE_PORT: 'x', FLUXGATE_RATE_LIMITS: 'y' })).toThrow(/PORT[\s\S]*RATE_LIMITS/);
  });

  it('is shown without its secrets [M04]', () => {
    const shown = showConfig(
      load({
        FLUXGATE_DATABASE_URL: 'postgres://u:hunter2@db/x',
        FLUXGATE_INSTANCE_KEY: 'pV3kkkkq9Zt1xY7mLs0aWb4cD8eF2gH6jN5oR7uTiXw',
      }),
    );
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain('kkkk');
    expect(shown).toMatch(/database_url +\*{8} +FLUXGATE_DATABASE_URL/);
    expect(shown).toMatch(/port +8080 +default/);
    expect(shown).toMatch(/auth\.sudo_mode_secret +\(empty\) +default/);
    expect(shown).toMatch(/auth\.bluesky\.keys +\(empty\) +default/);
  });
});
