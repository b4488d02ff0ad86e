import { createECDH } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshFolder } from '../testing/index.ts';
import { type Config, loadConfig, type SettingName } from './index.ts';

const folder = freshFolder();
const A = 'hT3vQm0bXo9Zr2LkP7sWcE5uYdA8nJfG1iRqN6xKtVw';
const B = 'Zq8Wn2Xe5Rb7Tc9Yv1Um3Io4Pl6Ak0Sj-DhFgGfHdJs';

function loadFile(content: string | object): Config {
  writeFileSync(
    join(folder(), 'fluxgate.yaml'),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  return loadConfig({ env: { FLUXGATE_PUBLIC_URL: 'https://login.example.com' }, cwd: folder() });
}

/** `a.b` and a value as nested blocks, several of them as one. */
function blocks(...entries: (readonly [path: string, value: unknown])[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let block = root;
    for (const key of keys) {
      block[key] ??= {};
      block = block[key] as Record<string, unknown>;
    }
    block[last] = value;
  }
  return root;
}

function pushPair(): { publicKey: string; privateKey: string } {
  const curve = createECDH('prime256v1');
  const publicKey = curve.generateKeys().toString('base64url');
  const privateKey = Buffer.alloc(32);
  const drawn = curve.getPrivateKey();
  drawn.copy(privateKey, 32 - drawn.length);
  return { publicKey, privateKey: privateKey.toString('base64url') };
}

const PAIR = pushPair();

/** Each key of seed 000's two blocks: its spelling there, ours, a value, the setting, and what comes of it. */
const KEYS: [camel: string, snake: string, value: unknown, name: SettingName, read?: unknown][] = [
  ['auth.sudoModeSecret', 'auth.sudo_mode_secret', A, 'sudoModeSecret'],
  ['auth.connectionInitiationSecret', 'auth.connection_initiation_secret', B, 'connectionInitiationSecret'],
  ['auth.passkeys.rpName', 'auth.passkeys.rp_name', 'Acme', 'passkeyRpName'],
  ['auth.passkeys.rpId', 'auth.passkeys.rp_id', 'example.com', 'passkeyRpId'],
  [
    'auth.passkeys.allowedOrigins',
    'auth.passkeys.additional_allowed_origins',
    ['https://app.example.com'],
    'passkeyOrigins',
    ['https://login.example.com', 'https://app.example.com'],
  ],
  ['auth.vapid.publicKey', 'auth.vapid.public_key', PAIR.publicKey, 'vapidPublicKey'],
  ['auth.vapid.privateKey', 'auth.vapid.private_key', PAIR.privateKey, 'vapidPrivateKey'],
  ['auth.vapid.email', 'auth.vapid.email', 'ops@example.com', 'vapidEmail'],
  ['auth.bluesky.clientId', 'auth.bluesky.client_id', 'id', 'blueskyClientId'],
  ['auth.bluesky.clientSecret', 'auth.bluesky.client_secret', B, 'blueskyClientSecret'],
  ['auth.bluesky.redirectUri', 'auth.bluesky.redirect_uri', 'https://a.example/b', 'blueskyRedirectUri'],
  ['cookie.domain', 'cookie.domain', 'example.com', 'cookieDomain'],
  ['cookie.secure', 'cookie.secure', true, 'cookieSecure'],
  ['cookie.httpOnly', 'cookie.http_only', true, 'cookieHttpOnly'],
  ['cookie.sameSite', 'cookie.same_site', 'Lax', 'cookieSameSite'],
  ['cookie.maxAge', 'cookie.max_age', 604_800_000, 'cookieMaxAgeMs'],
];

/** What a key cannot be without. */
const companions: Partial<Record<SettingName, readonly [string, unknown]>> = {
  vapidPublicKey: ['auth.vapid.privateKey', PAIR.privateKey],
  vapidPrivateKey: ['auth.vapid.publicKey', PAIR.publicKey],
};

describe("seed 000's blocks in the file", () => {
  it.each(KEYS)('take %s, also as %s', (camel, snake, value, name, read = value) => {
    const companion = companions[name] ? [companions[name]] : [];
    for (const path of new Set([camel, snake])) {
      const config = loadFile(blocks([path, value], ...companion));
      expect(config[name], path).toEqual(read);
      expect(config.origins[name]).toBe(`"${path}" in the file`);
    }
  });

  it.each(KEYS.filter(([camel, snake]) => camel !== snake))(
    'refuse %s beside %s, even with one value',
    (camel, snake, value) => {
      expect(() => loadFile(blocks([camel, value], [snake, value]))).toThrow(
        `The file has "${camel}" and "${snake}", two spellings of one setting. Keep one.`,
      );
    },
  );

  it('are taken whole, as seed 000 writes them', () => {
    const config = loadFile(`
auth: {
  sudoModeSecret: "${A}",
  connectionInitiationSecret: "${B}",
  passkeys: { rpName: "Acme", rpId: "example.com", allowedOrigins: ["https://app.example.com"] },
  vapid: { publicKey: "${PAIR.publicKey}", privateKey: "${PAIR.privateKey}", email: "ops@example.com" },
  bluesky: { clientId: "id", clientSecret: "${B}", redirectUri: "https://a.example/b" }
}
cookie: { domain: "example.com", secure: true, httpOnly: true, sameSite: 'Lax', maxAge: 604800000 }
`);
    for (const [, , value, name, read = value] of KEYS) expect(config[name], name).toEqual(read);
  });

  it.each([
    [['auth.sudoModeSecret', ''], /"auth\.sudoModeSecret" in the file: is set but empty/],
    [['auth.sudoModeSecret', 'secret'], /"auth\.sudoModeSecret" in the file: is too short/],
    [['auth.vapid.privateKey', 'x'], /"auth\.vapid\.privateKey" in the file: use 32 bytes/],
    [['cookie.httpOnly', false], /"cookie\.httpOnly" in the file: only on/],
    [['cookie.sameSite', 'None'], /"cookie\.sameSite" in the file: only Lax/],
    [['cookie.secure', false], /cookie\.secure is off, but public_url is https/],
    [['auth.sudomodesecret', A], /"auth\.sudomodesecret", which is no setting/],
    [['auth.passkeys.allowed_origins', []], /"auth\.passkeys\.allowed_origins", which is no setting/],
    [['publicUrl', 'https://a.example'], /"publicUrl", which is no setting/],
  ] as const)('refuse %j and name the key as it was written [M01]', (entry, problem) => {
    expect(() => loadFile(blocks(entry))).toThrow(problem);
  });

  it('refuse a key that is there twice, once with dots', () => {
    expect(() => loadFile(`auth: { sudoModeSecret: ${A} }\n"auth.sudoModeSecret": ${A}\n`)).toThrow(
      /"auth\.sudoModeSecret" twice/,
    );
  });

  it('may have nothing in them', () => {
    expect(loadFile('auth:\n  passkeys:\ncookie:\n').passkeyRpId).toBe('login.example.com');
    expect(() => loadFile('autho:\n')).toThrow(/"autho", which is no setting/);
  });
});

describe("a Fluxer server's file", () => {
  const smtp = { host: 'mail.example.com', username: 'us@er', password: 'p:a/s s' };
  const email = (fields: object) => ({ integrations: { email: fields } });

  it('says its mail server and sender in its own words', () => {
    const config = loadFile(
      email({ enabled: true, provider: 'smtp', from_email: 'no-reply@example.com', smtp }),
    );
    expect(config.smtpUrl).toBe('smtp://us%40er:p%3Aa%2Fs%20s@mail.example.com:587');
    expect(config.mailFrom).toBe('"Fluxgate" <no-reply@example.com>');
    expect(config.origins).toMatchObject({
      smtpUrl: '"integrations.email.smtp.host" in the file',
      mailFrom: '"integrations.email.from_email" in the file',
    });
  });

  it.each([
    [{ host: 'mail.example.com' }, 'smtp://mail.example.com:587'],
    [{ host: 'mail.example.com', port: 2525 }, 'smtp://mail.example.com:2525'],
    [{ host: 'mail.example.com', secure: true }, 'smtps://mail.example.com:465'],
    [{ host: '[::1]', secure: true, port: 4650 }, 'smtps://[::1]:4650'],
  ])('reads the server %j as %s', (fields, url) => {
    expect(loadFile(email({ smtp: fields })).smtpUrl).toBe(url);
  });

  it.each([{ enabled: false }, { provider: 'none' }])('switches mail off by %j', (fields) => {
    expect(loadFile(email({ ...fields, smtp })).smtpUrl).toBe('');
  });

  it('names the sender', () => {
    const config = loadFile(email({ from_email: 'a@example.com', from_name: 'Acme, Inc.' }));
    expect(config.mailFrom).toBe('"Acme, Inc." <a@example.com>');
  });

  it.each([
    [{ smtp_url: 'smtp://a', ...email({ smtp }) }, /both name a mail server/],
    [{ smtp_url: 'smtp://a', ...email({ enabled: false }) }, /switches mail off/],
    [email({ enabled: true }), /no mail server is named/],
    [email({ enabled: true, provider: 'none', smtp }), /no mail server is named/],
    [email({ smtp: { username: 'a', password: 'bc' } }), /no host/],
    [email({ smtp: { host: 'a', username: 'b' } }), /go together/],
    [email({ smtp: { host: 'smtp://a' } }), /without scheme and port/],
    [email({ smtp: { ...smtp, password: '' } }), /set but empty/],
    [{ mail_from: 'a@b.example', ...email({ from_email: 'c@d.example' }) }, /both name a sender/],
    [email({ from_name: 'Acme' }), /from_name has no address/],
    [email({ from_email: 'a@b.example', from_name: 'A" <c@d.example>' }), /without quotes/],
    [{ dev: { disable_rate_limits: true } }, /"dev\.disable_rate_limits".*Use rate_limits: off/],
    [{ dev: { test_mode_enabled: true } }, /"dev\.test_mode_enabled".*There is no test mode/],
    [{ domain: { base_domain: 'example.com' } }, /"domain\.base_domain".*Use public_url/],
    [{ instance: { auto_join_invite_code: 'x' } }, /"instance\.auto_join_invite_code".*leave it out/],
    [{ instance: { self_hosted: false } }, /only on/],
  ])('is refused with %j, and told what to do', (content, problem) => {
    expect(() => loadFile(content)).toThrow(problem);
  });

  it('is taken with the keys that are the same here', () => {
    const config = loadFile({
      instance: { self_hosted: true },
      deletion_grace_period_hours: 24,
      proxy: { trust_cf_connecting_ip: true },
      auth: {
        bluesky: { enabled: true, client_name: 'Acme', keys: [{ kid: '1', private_key_path: 'a.pem' }] },
      },
    });
    expect(config).toMatchObject({
      deletionGracePeriodHours: 24,
      trustCfConnectingIp: true,
      blueskyEnabled: true,
    });
  });
});
