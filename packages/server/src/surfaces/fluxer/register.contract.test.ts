import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

describe.each(DIALECTS)('operation 1, register, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  async function countUsers(): Promise<number> {
    const rows = await world.instance.storage.db.selectFrom('user').select('id').execute();
    return rows.length;
  }

  async function registered(fields: Record<string, unknown>) {
    const client = world.client();
    const reply = await world.register(client, fields);
    client.token = decode.token(reply).token;
    return { client, email: reply.email, user: decode.user(await client.get('/v1/users/@me')) };
  }

  it('answers 200 with a session at once, and mails one link to confirm the address', async () => {
    const before = await countUsers();
    const { user, email } = await registered({ username: 'Ada_L', global_name: 'Ada' });
    expect(user).toMatchObject({ username: 'Ada_L', global_name: 'Ada', email, verified: false });
    expect(await countUsers()).toBe(before + 1);
    const mails = await world.mails(email);
    expect(mails.map(({ kind, to }) => [kind, to])).toEqual([['email_verification', email]]);
    expect(mails[0]?.token).toMatch(/^[0-9A-Za-z]{64}$/);
    expect(mails[0]?.links).toContain(`${world.baseUrl}/verify#token=${mails[0]?.token}`);
  });

  it.each([
    ['consent', { consent: undefined }, 'consent:INVALID_FORMAT'],
    ['consent as null', { consent: null }, 'consent:INVALID_FORMAT'],
    ['consent as text', { consent: 'true' }, 'consent:INVALID_FORMAT'],
    ['agreement', { consent: false }, 'consent:MUST_AGREE_TO_TOS_AND_PRIVACY_POLICY'],
    ['a birth date', { date_of_birth: undefined }, 'date_of_birth:INVALID_FORMAT'],
    ['a birth date of text', { date_of_birth: 19900517 }, 'date_of_birth:INVALID_FORMAT'],
    ['a day that exists', { date_of_birth: '1990-02-30' }, 'date_of_birth:INVALID_DATE_OF_BIRTH_FORMAT'],
    ['ten characters of date', { date_of_birth: '1990-2-3' }, 'date_of_birth:INVALID_DATE_OF_BIRTH_FORMAT'],
    ['a date alone', { date_of_birth: '1990-05-17T00:00:00Z' }, 'date_of_birth:INVALID_DATE_OF_BIRTH_FORMAT'],
    ['13 years', { date_of_birth: '2013-11-23' }, 'date_of_birth:MUST_BE_MINIMUM_AGE'],
    ['8 characters of password', { password: 'g7%kQz1' }, 'password:PASSWORD_LENGTH_INVALID'],
    [
      '257 characters of password or fewer',
      { password: 'ab3'.repeat(86) },
      'password:PASSWORD_LENGTH_INVALID',
    ],
    ['another password', { password: 'password123' }, 'password:PASSWORD_IS_TOO_COMMON'],
    ['a username in ASCII', { username: 'jörg' }, 'username:USERNAME_INVALID_CHARACTERS'],
    ['a username without blanks', { username: 'a b' }, 'username:USERNAME_INVALID_CHARACTERS'],
    ['a short username', { username: 'a'.repeat(33) }, 'username:USERNAME_LENGTH_INVALID'],
    ['a username not of everyone', { username: 'Everyone' }, 'username:USERNAME_RESERVED_VALUE'],
    ['a username not of here', { username: 'here' }, 'username:USERNAME_RESERVED_VALUE'],
    [
      'a username of no official',
      { username: 'xFLUXERx' },
      'username:USERNAME_CANNOT_CONTAIN_RESERVED_TERMS',
    ],
    ['a short name', { global_name: 'n'.repeat(33) }, 'global_name:GLOBAL_NAME_LENGTH_INVALID'],
    ['a name not of everyone', { global_name: 'everyone' }, 'global_name:GLOBAL_NAME_RESERVED_VALUE'],
    [
      'nor of everyone in disguise',
      { global_name: 'every\u200bone' },
      'global_name:GLOBAL_NAME_RESERVED_VALUE',
    ],
    ['a name that can be seen', { global_name: '\u200b\u2060' }, 'global_name:GLOBAL_NAME_LENGTH_INVALID'],
    [
      'a name of no official',
      { global_name: 'a System Message' },
      'global_name:GLOBAL_NAME_CANNOT_CONTAIN_RESERVED_TERMS',
    ],
    ['an address', { email: 'nobody' }, 'email:INVALID_EMAIL_FORMAT'],
    ['a plain local part', { email: '"a b"@example.com' }, 'email:INVALID_EMAIL_LOCAL_PART'],
    [
      'an address of 254 characters',
      { email: `${'a'.repeat(243)}@example.com` },
      'email:EMAIL_LENGTH_INVALID',
    ],
    ['a short invite code', { invite_code: 'x'.repeat(257) }, 'invite_code:STRING_LENGTH_INVALID'],
  ])('wants %s, and creates nothing without', async (_what, fields, items) => {
    const before = await countUsers();
    const email = newEmail();
    const reply = await world.register(world.client(), { email, ...fields });
    expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
    expect(reply.headers.has('set-cookie')).toBe(false);
    expect(await countUsers()).toBe(before);
    expect(await world.mails(email)).toEqual([]);
  });

  it('tells all problems of one body at once', async () => {
    const reply = await world.client().post('/v1/auth/register', { email: 'x', password: 'y', username: '' });
    expect(refusal(reply)).toBe(
      '400 INVALID_FORM_BODY consent:INVALID_FORMAT date_of_birth:INVALID_FORMAT email:INVALID_EMAIL_FORMAT password:PASSWORD_LENGTH_INVALID',
    );
  });

  it('looks at consent before age before password before the address', async () => {
    const { email } = await registered({});
    const worst = { email, consent: false, date_of_birth: '2020-01-01', password: 'password123' };
    const steps = [
      [{}, 'consent:MUST_AGREE_TO_TOS_AND_PRIVACY_POLICY'],
      [{ consent: true }, 'date_of_birth:MUST_BE_MINIMUM_AGE'],
      [{ consent: true, date_of_birth: '1990-01-01' }, 'password:PASSWORD_IS_TOO_COMMON'],
      [{ consent: true, date_of_birth: '1990-01-01', password: PASSWORD }, 'email:EMAIL_ALREADY_IN_USE'],
    ] as const;
    for (const [better, items] of steps) {
      const reply = await world.register(world.client(), { ...worst, ...better });
      expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
    }
  });

  it('takes somebody on the very 13th birthday, and tells adults by their 18th', async () => {
    const born = (date_of_birth: string) => registered({ date_of_birth });
    expect((await born('1899-12-31')).user.nsfw_allowed).toBe(true);
    expect((await born('2013-11-22')).user.nsfw_allowed).toBe(false);
    expect((await born('2008-11-23')).user.nsfw_allowed).toBe(false);
    expect((await born('2008-11-22')).user.nsfw_allowed).toBe(true);
  });

  it('has one account per address in whatever letter case, and mails nobody else about it [K01]', async () => {
    const { email } = await registered({});
    const before = await countUsers();
    for (const spelling of [email, email.toUpperCase(), ` ${email}\t`]) {
      const reply = await world.register(world.client(), { email: spelling });
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY email:EMAIL_ALREADY_IN_USE');
    }
    expect(await countUsers()).toBe(before);
    expect(await world.mails(email)).toHaveLength(1);
  });

  it('keeps the address as typed', async () => {
    const email = newEmail().replace('user', 'User');
    expect((await registered({ email })).user.email).toBe(email);
  });

  it.each([
    ['Ada Lovelace', 'Ada_Lovelace'],
    ['Ünïcode Näme-x.y', 'Unicode_Name_x_y'],
    ['x!!y', 'xy'],
  ])('makes of the name %j the username %s', async (global_name, username) => {
    const { user } = await registered({ global_name });
    expect(user).toMatchObject({ username, global_name });
  });

  it('makes up a username when there is nothing to make it of', async () => {
    for (const fields of [{}, { global_name: '🦊' }, { username: null, global_name: null }]) {
      expect((await registered(fields)).user.username).toMatch(/^[a-zA-Z0-9_]{1,32}$/);
    }
  });

  it('tells namesakes apart by four digits', async () => {
    const tags = new Set<string>();
    for (let round = 0; round < 5; round++) {
      tags.add((await registered({ username: 'Namesake' })).user.discriminator);
    }
    expect(tags.size).toBe(5);
  });

  it('makes an unclaimed account without address and password', async () => {
    const { user } = await registered({ email: null, password: null });
    expect(user).toMatchObject({ email: null, verified: false, password_last_changed_at: null });
  });

  it('lets nobody write what is not theirs to write [J03, bug 78]', async () => {
    const { user } = await registered({
      verified: true,
      email_verified: true,
      acls: ['*'],
      flags: 1,
      is_staff: true,
      id: '1',
      user_id: '1',
      project_id: 'proj_other',
      status: 'active',
      premium_type: 2,
      mfa_enabled: true,
      discriminator: '0001',
    });
    expect(user).toMatchObject({ verified: false, acls: [], flags: 0, is_staff: false, premium_type: null });
    expect(user).toMatchObject({ mfa_enabled: false });
    expect(user.id).not.toBe('1');
  });
});

describe.each(DIALECTS)('operation 21, username suggestions, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  it.each([
    ['Ada Lovelace', ['Ada_Lovelace']],
    ['Grace-Hopper.jr', ['Grace_Hopper_jr']],
    ['🦊', []],
  ])('suggests for %j %j', async (global_name, expected) => {
    const reply = await world.client().post('/v1/auth/username-suggestions', { global_name });
    expect(decode.suggestions(reply)).toEqual(expected);
  });

  it.each([
    [{}, 'global_name:INVALID_FORMAT'],
    [{ global_name: null }, 'global_name:INVALID_FORMAT'],
    [{ global_name: '' }, 'global_name:INVALID_FORMAT'],
    [{ global_name: 'n'.repeat(33) }, 'global_name:GLOBAL_NAME_LENGTH_INVALID'],
    [{ global_name: 'here' }, 'global_name:GLOBAL_NAME_RESERVED_VALUE'],
  ])('refuses %j', async (body, items) => {
    const reply = await world.client().post('/v1/auth/username-suggestions', body);
    expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
  });
});
