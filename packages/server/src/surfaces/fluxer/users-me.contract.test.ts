import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  ManualClock,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const NEW_PASSWORD = 'staple battery horse correct';
const HOUR = 3_600_000;
const NO_USER = {
  suspended_reason: null,
  suspended_until: null,
  password_changed_at: null,
  last_seen_at: null,
  delete_at: null,
};
const NO_PROFILE = {
  global_name: null,
  bio: null,
  pronouns: null,
  accent_color: null,
  avatar: null,
  banner: null,
  date_of_birth: null,
};
const SWITCHES = [
  'premium_badge_hidden',
  'premium_badge_masked',
  'premium_badge_timestamp_hidden',
  'premium_badge_sequence_hidden',
  'premium_enabled_override',
  'has_dismissed_premium_onboarding',
  'has_unread_gift_inventory',
  'used_mobile_client',
] as const;

describe.each(DIALECTS)('GET and PATCH /users/@me on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock });
  });
  afterAll(() => world.close());

  const me = async (client: Client) => decode.user(await client.get('/v1/users/@me'));
  const change = (client: Client, body: unknown) => client.patch('/v1/users/@me', body);

  it('serves nobody who is not signed in', async () => {
    expect(refusal(await world.client().get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    expect(refusal(await change(world.client(), { bio: 7 }))).toBe('401 UNAUTHORIZED');
  });

  it('tells every key that clients insist on', async () => {
    const { client, email, userId } = await world.person({ username: 'Complete', global_name: 'All of it' });
    expect(await me(client)).toMatchObject({
      id: userId,
      username: 'Complete',
      global_name: 'All of it',
      email,
      verified: true,
      required_actions: [],
      authenticator_types: [],
      email_bounced: false,
      mfa_enabled: false,
      nsfw_allowed: true,
      password_last_changed_at: new Date(clock.now()).toISOString(),
    });
  });

  it.each([
    ['global_name', 'Ada 🦊', null],
    ['bio', 'Counts\nloudly', null],
    ['pronouns', 'she/her', null],
    ['accent_color', 0xffffff, null],
  ])('changes %s, keeps it when it is not named, and clears it by null', async (field, value, empty) => {
    const { client } = await world.person();
    expect(decode.user(await change(client, { [field]: value }))[field]).toBe(value);
    expect(decode.user(await change(client, {}))[field]).toBe(value);
    expect((await me(client))[field]).toBe(value);
    expect(decode.user(await change(client, { [field]: null }))[field]).toBe(empty);
    expect((await me(client))[field]).toBe(empty);
  });

  it.each(['global_name', 'bio', 'pronouns'])('takes an empty %s as null', async (field) => {
    const { client } = await world.person({ global_name: 'Ada' });
    decode.user(await change(client, { [field]: 'something' }));
    expect(decode.user(await change(client, { [field]: '' }))[field]).toBe(null);
  });

  it('remembers each switch', async () => {
    const { client } = await world.person();
    const all = (value: boolean) => Object.fromEntries(SWITCHES.map((name) => [name, value]));
    expect(decode.user(await change(client, all(true)))).toMatchObject(all(true));
    expect(await me(client)).toMatchObject(all(true));
    const one = { ...all(true), used_mobile_client: false };
    expect(decode.user(await change(client, { used_mobile_client: false }))).toMatchObject(one);
  });

  it.each([
    [{ email: 'other@example.com' }, 'email:EMAIL_MUST_BE_CHANGED_VIA_TOKEN'],
    [{ email: 'other@example.com', bio: 7 }, 'bio:INVALID_FORMAT email:EMAIL_MUST_BE_CHANGED_VIA_TOKEN'],
    [{ bio: 'b'.repeat(321) }, 'bio:STRING_LENGTH_INVALID'],
    [{ pronouns: 'p'.repeat(41) }, 'pronouns:STRING_LENGTH_INVALID'],
    [{ accent_color: -1 }, 'accent_color:VALUE_MUST_BE_INTEGER_IN_RANGE'],
    [{ accent_color: 16_777_216 }, 'accent_color:VALUE_MUST_BE_INTEGER_IN_RANGE'],
    [{ accent_color: 1.5 }, 'accent_color:VALUE_MUST_BE_INTEGER_IN_RANGE'],
    [{ accent_color: 'red' }, 'accent_color:INVALID_FORMAT'],
    [{ accent_color: true }, 'accent_color:INVALID_FORMAT'],
    [{ global_name: 'here' }, 'global_name:GLOBAL_NAME_RESERVED_VALUE'],
    [{ username: 'fluxer_team' }, 'username:USERNAME_CANNOT_CONTAIN_RESERVED_TERMS'],
    [{ username: 'no blanks' }, 'username:USERNAME_INVALID_CHARACTERS'],
    [{ discriminator: '12345' }, 'discriminator:DISCRIMINATOR_INVALID_FORMAT'],
    [{ discriminator: 12_345 }, 'discriminator:DISCRIMINATOR_OUT_OF_RANGE'],
    [{ discriminator: -1 }, 'discriminator:DISCRIMINATOR_OUT_OF_RANGE'],
    [{ discriminator: 1.5 }, 'discriminator:DISCRIMINATOR_INVALID_FORMAT'],
    [{ discriminator: true }, 'discriminator:INVALID_FORMAT'],
    [{ discriminator: ['1'] }, 'discriminator:INVALID_FORMAT'],
    [{ used_mobile_client: 'yes' }, 'used_mobile_client:INVALID_FORMAT'],
    [{ new_password: 'short', password: PASSWORD }, 'new_password:PASSWORD_LENGTH_INVALID'],
    [{ new_password: NEW_PASSWORD }, 'password:PASSWORD_NOT_SET'],
    [{ new_password: NEW_PASSWORD, password: 'not the right one' }, 'password:INVALID_PASSWORD'],
    [{ username: 'Other', password: 'not the right one' }, 'password:INVALID_PASSWORD'],
  ])('refuses %j and changes nothing', async (body, items) => {
    const { client } = await world.person({ username: 'Before' });
    const before = await me(client);
    expect(refusal(await change(client, { global_name: 'After', ...body }))).toBe(
      `400 INVALID_FORM_BODY ${items}`,
    );
    expect(await me(client)).toEqual(before);
  });

  it('lets nobody write what is not theirs to write [J03, bug 78]', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client)).token;
    const before = await me(client);
    const wished = {
      id: '1',
      verified: true,
      acls: ['*'],
      flags: 1,
      is_staff: true,
      premium_type: 2,
      traits: ['sso'],
      mfa_enabled: true,
      phone: '+4912345',
      required_actions: ['X'],
      status: 'suspended',
    };
    expect(decode.user(await change(client, wished))).toEqual(before);
  });

  it('asks for the password before the username changes', async () => {
    const { client } = await world.person({ username: 'Before' });
    const reply = await change(client, { username: 'After' });
    expect(refusal(reply)).toBe('403 SUDO_MODE_REQUIRED');
    expect(reply.json).toMatchObject({ has_mfa: false });
    expect((await me(client)).username).toBe('Before');
  });

  it('takes the username that is there already for no change', async () => {
    const { client } = await world.person({ username: 'Same' });
    const before = await me(client);
    expect(
      decode.user(await change(client, { username: 'Same', discriminator: before.discriminator })),
    ).toEqual(before);
  });

  it('changes the username with the password, and keeps session and address', async () => {
    const { client, email } = await world.person({ username: 'Before' });
    const user = decode.user(await change(client, { username: 'After', password: PASSWORD }));
    expect(user).toMatchObject({ username: 'After', email });
    expect(await me(client)).toEqual(user);
  });

  it('changes a username five times an hour, and letter case as often as one likes', async () => {
    const { client } = await world.person({ username: 'Name0' });
    const rename = (username: string) => change(client, { username, password: PASSWORD });
    for (const username of ['NAME0', 'name0', 'Name0']) {
      const before = (await me(client)).discriminator;
      expect(decode.user(await rename(username))).toMatchObject({ username, discriminator: before });
    }
    for (let round = 1; round <= 5; round++) decode.user(await rename(`Name${round}`));
    expect(refusal(await rename('Name6'))).toBe(
      '400 INVALID_FORM_BODY username:USERNAME_CHANGED_TOO_MANY_TIMES',
    );
    expect((await me(client)).username).toBe('Name5');
    decode.user(await rename('NAME5'));
    clock.advance(HOUR + 1);
    expect(decode.user(await rename('Name7')).username).toBe('Name7');
  });

  it('says so when all 9,999 people of a name are there already', async () => {
    const { client } = await world.person({ username: 'Before' });
    const { storage, project } = world.instance;
    const others = Array.from({ length: 9_999 }, (_, index) => String(index + 1));
    await storage.transaction(async (tx) => {
      const user = {
        project_id: project.id,
        status: 'active' as const,
        created_at: 0,
        factors: '',
        suspicion: 0,
        mfa_required: 0,
      };
      const profile = {
        project_id: project.id,
        username: 'Full',
        username_normal: 'full',
        preferences: '{}',
      };
      for (let from = 0; from < others.length; from += 1_000) {
        const ids = others.slice(from, from + 1_000);
        await tx
          .insertInto('user')
          .values(ids.map((id) => ({ ...NO_USER, ...user, id })))
          .execute();
        await tx
          .insertInto('profile')
          .values(ids.map((id) => ({ ...NO_PROFILE, ...profile, user_id: id, discriminator: Number(id) })))
          .execute();
      }
    });
    expect(refusal(await change(client, { username: 'FULL', password: PASSWORD }))).toBe(
      '400 INVALID_FORM_BODY username:TOO_MANY_USERS_WITH_USERNAME_TRY_DIFFERENT',
    );
    expect((await me(client)).username).toBe('Before');
    expect(refusal(await world.register(world.client(), { username: 'full' }))).toBe(
      '400 INVALID_FORM_BODY username:TOO_MANY_USERS_WITH_THIS_USERNAME',
    );
  });

  it('lets nobody choose a discriminator', async () => {
    const { client } = await world.person();
    const { discriminator } = await me(client);
    const wished = discriminator === '0001' ? '0002' : '0001';
    const reply = await change(client, { discriminator: wished, password: PASSWORD });
    expect(refusal(reply)).toBe(
      '400 INVALID_FORM_BODY discriminator:CHANGING_DISCRIMINATOR_REQUIRES_PREMIUM',
    );
  });

  it('changes the password, ends every session and hands out the one that replaces mine [D05, A07]', async () => {
    const { client, email } = await world.person();
    const other = world.client();
    other.token = decode.token(await other.post('/v1/auth/login', { email, password: PASSWORD })).token;
    const reply = await change(client, { new_password: NEW_PASSWORD, password: PASSWORD });
    decode.user(reply);
    const token = reply.headers.get('x-fluxer-session-token');
    expect(token).toMatch(/^flx_[0-9A-Za-z]{36}$/);
    expect(token).not.toBe(client.token);
    for (const old of [client, other])
      expect(refusal(await old.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    client.token = token;
    expect(decode.sessions(await client.get('/v1/auth/sessions'))).toHaveLength(1);
    const login = (password: string) => world.client().post('/v1/auth/login', { email, password });
    expect((await login(PASSWORD)).status).toBe(400);
    decode.token(await login(NEW_PASSWORD));
  });

  it('refuses a common new password and keeps the sessions', async () => {
    const { client } = await world.person();
    const reply = await change(client, { new_password: 'password123', password: PASSWORD });
    expect(refusal(reply)).toBe('400 INVALID_FORM_BODY new_password:PASSWORD_IS_TOO_COMMON');
    expect(reply.headers.has('x-fluxer-session-token')).toBe(false);
    await me(client);
  });

  it('claims an unclaimed account with a password, and leaves its owner signed in', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client, { email: null, password: null })).token;
    expect((await me(client)).email).toBe(null);
    expect(decode.user(await change(client, { username: 'Unclaimed' })).username).toBe('Unclaimed');
    const reply = await change(client, { new_password: NEW_PASSWORD });
    expect(decode.user(reply).password_last_changed_at).not.toBe(null);
    client.token = reply.headers.get('x-fluxer-session-token') ?? client.token;
    expect(refusal(await change(client, { username: 'Claimed' }))).toBe('403 SUDO_MODE_REQUIRED');
    expect(decode.user(await change(client, { username: 'Claimed', password: NEW_PASSWORD }))).toMatchObject({
      username: 'Claimed',
    });
  });

  it('lets an unclaimed account change nothing but name and password', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client, { email: null, password: null })).token;
    const before = await me(client);
    for (const [key, value] of Object.entries({
      bio: 'x',
      global_name: 'x',
      accent_color: 1,
      pronouns: 'x',
    })) {
      expect(refusal(await change(client, { [key]: value }))).toBe(
        `400 INVALID_FORM_BODY ${key}:UNCLAIMED_ACCOUNTS_CAN_ONLY_SET_EMAIL_VIA_TOKEN`,
      );
    }
    expect(await me(client)).toEqual(before);
  });
});
