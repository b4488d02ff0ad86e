import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { type Client, createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

/** `required` and `optional` texts are cleaned before they are judged (contract 0.3); passwords never. */
type Kind =
  | 'required'
  | 'optional'
  | 'password'
  | 'boolean'
  | 'required-boolean'
  | 'number'
  | 'list'
  | 'tag'
  | 'refused';

interface Route {
  method: 'POST' | 'PATCH';
  path: string;
  needsSession?: true;
  /** A body that would be taken. */
  good(): Record<string, unknown>;
  fields: Record<string, Kind>;
}

const SWITCHES = [
  'premium_badge_hidden',
  'premium_badge_masked',
  'premium_badge_timestamp_hidden',
  'premium_badge_sequence_hidden',
  'premium_enabled_override',
  'has_dismissed_premium_onboarding',
  'has_unread_gift_inventory',
  'used_mobile_client',
];

const ROUTES: Route[] = [
  {
    method: 'POST',
    path: '/v1/auth/register',
    good: () => ({ email: newEmail(), password: PASSWORD, date_of_birth: '1990-05-17', consent: true }),
    fields: {
      email: 'optional',
      username: 'optional',
      global_name: 'optional',
      password: 'password',
      date_of_birth: 'required',
      consent: 'required-boolean',
      invite_code: 'optional',
    },
  },
  {
    method: 'POST',
    path: '/v1/auth/login',
    good: () => ({ email: newEmail(), password: PASSWORD }),
    fields: { email: 'required', login: 'optional', password: 'password', invite_code: 'optional' },
  },
  {
    method: 'POST',
    path: '/v1/auth/forgot',
    good: () => ({ email: newEmail() }),
    fields: { email: 'required' },
  },
  {
    method: 'POST',
    path: '/v1/auth/reset',
    good: () => ({ token: 'a'.repeat(64), password: PASSWORD }),
    fields: { token: 'required', password: 'password' },
  },
  {
    method: 'POST',
    path: '/v1/auth/verify',
    good: () => ({ token: 'a'.repeat(64) }),
    fields: { token: 'required' },
  },
  {
    method: 'POST',
    path: '/v1/auth/username-suggestions',
    good: () => ({ global_name: 'Ada' }),
    fields: { global_name: 'required' },
  },
  {
    method: 'POST',
    path: '/v1/auth/sessions/logout',
    needsSession: true,
    good: () => ({ session_id_hashes: ['a'], password: PASSWORD }),
    fields: { session_id_hashes: 'list', session_ids: 'list', password: 'password' },
  },
  {
    method: 'POST',
    path: '/v1/auth/email-revert',
    good: () => ({ token: 'a'.repeat(64), password: PASSWORD }),
    fields: { token: 'required', password: 'password' },
  },
  {
    method: 'POST',
    path: '/v1/users/@me/email-change/request-new',
    needsSession: true,
    good: () => ({ ticket: 'a', original_proof: 'a', new_email: newEmail() }),
    fields: { ticket: 'required', original_proof: 'required', new_email: 'required' },
  },
  {
    method: 'POST',
    path: '/v1/users/@me/email-change/verify-new',
    needsSession: true,
    good: () => ({ ticket: 'a', original_proof: 'a', code: 'a' }),
    fields: { ticket: 'required', original_proof: 'required', code: 'required' },
  },
  {
    method: 'POST',
    path: '/v1/users/@me/email-change/verify-original',
    needsSession: true,
    good: () => ({ ticket: 'a', code: 'a' }),
    fields: { ticket: 'required', code: 'required' },
  },
  {
    method: 'POST',
    path: '/v1/users/@me/password-change/complete',
    needsSession: true,
    good: () => ({ ticket: 'a', verification_proof: 'a', new_password: PASSWORD }),
    fields: { ticket: 'required', verification_proof: 'required', new_password: 'password' },
  },
  {
    method: 'PATCH',
    path: '/v1/users/@me',
    needsSession: true,
    good: () => ({ pronouns: 'they' }),
    fields: {
      username: 'optional',
      discriminator: 'tag',
      global_name: 'optional',
      email: 'refused',
      new_password: 'password',
      email_token: 'optional',
      password: 'password',
      bio: 'optional',
      accent_color: 'number',
      avatar: 'optional',
      banner: 'optional',
      ...Object.fromEntries(SWITCHES.map((name) => [name, 'boolean' as const])),
    },
  },
];

const TEXTS = {
  'a long text': 'x'.repeat(100_000),
  'a lone surrogate': 'abc\ud800defgh',
  'NUL among letters': 'abc\u0000def ghi jkl',
  'NUL alone': '\u0000',
  'a right-to-left override': '\u202e',
};

const PROBES: Record<string, unknown> = {
  'a number': 7,
  'a fraction': 0.5,
  'a number beyond 2^53': '@@12345678901234567890@@',
  'a boolean': true,
  'a list': ['x'],
  'an empty list': [],
  'an object': { length: 64, a: 'x' },
  ...TEXTS,
};

/** Cleaned to nothing, or to something harmless: then it is as if it had not been sent, or sent clean. */
function mayPass(kind: Kind, probe: string): boolean {
  const cleaned = probe === 'a right-to-left override' || probe === 'NUL alone';
  if (probe === 'NUL among letters') return kind === 'optional' || kind === 'required';
  if (kind === 'optional') return cleaned;
  if (kind === 'boolean' || kind === 'required-boolean')
    return probe === 'a boolean' || (kind === 'boolean' && cleaned);
  if (kind === 'number') return probe === 'a number' || cleaned;
  if (kind === 'tag') return probe === 'a number' || cleaned;
  if (kind === 'list') return probe === 'a list' || probe === 'an empty list' || cleaned;
  if (kind === 'refused') return cleaned;
  return false;
}

const CASES = ROUTES.flatMap((route) =>
  Object.entries(route.fields).flatMap(([field, kind]) =>
    Object.keys(PROBES).map((probe) => ({ route, field, kind, probe, path: route.path })),
  ),
);

describe.each(DIALECTS)('a wrong value in any field on %s', (dialect) => {
  let world: World;
  let client: Client;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    ({ client } = await world.person());
  });
  afterAll(() => world.close());

  const count = async (table: 'user' | 'session' | 'link_token' | 'contact') => {
    const { db } = world.instance.storage;
    const { total } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return Number(total);
  };
  const everything = async () =>
    await Promise.all([count('user'), count('session'), count('link_token'), count('contact')]);

  async function send({ route, field, probe }: { route: Route; field: string; probe: string }) {
    const body = JSON.stringify({ ...route.good(), [field]: PROBES[probe] }).replace(/"@@(\d+)@@"/, '$1');
    const sender = route.needsSession ? client : world.client();
    return await sender.send(route.path, { method: route.method, body });
  }

  it.each(CASES.filter(({ kind, probe }) => !mayPass(kind, probe)))(
    'is refused by name and creates nothing: $path, $field, $probe [M06]',
    async (one) => {
      const before = await everything();
      const reply = await send(one);
      expect(refusal(reply)).toMatch(/^(400|413) INVALID_FORM_BODY/);
      const { errors } = reply.json as { errors: { path: string }[] };
      expect(errors.some(({ path }) => path === one.field || path.startsWith(`${one.field}.`))).toBe(true);
      expect(await everything()).toEqual(before);
    },
  );

  it.each(CASES.filter(({ kind, probe }) => mayPass(kind, probe)))(
    'is clean before it is taken: $path, $field, $probe',
    async (one) => {
      const reply = await send(one);
      if (reply.status >= 400) {
        expect(refusal(reply)).toMatch(/^(400 INVALID_FORM_BODY|403 SUDO_MODE_REQUIRED)/);
        return;
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come back.
      expect(reply.text).not.toMatch(/[\u0000\u202e]|\\u0000|\\u202e/);
    },
  );

  it('leaves the account as it was: able to sign out', async () => {
    decode.user(await client.get('/v1/users/@me'));
    decode.empty(await client.post('/v1/auth/logout'));
  });
});
