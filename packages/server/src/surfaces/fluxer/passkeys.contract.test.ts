import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Authenticator,
  type Client,
  type CreationOptions,
  createAuthenticator,
  createWorld,
  DIALECTS,
  type Reply,
  type Tampering,
  type World,
} from '../../testing/index.ts';

const CREDENTIALS = '/v1/users/@me/mfa/webauthn/credentials';
const MINUTE = 60_000;

interface Listed {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}
type Person = Awaited<ReturnType<World['person']>>;

describe.each(DIALECTS)("a person's own passkeys on %s", (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const authenticator = (options: object = {}): Authenticator =>
    createAuthenticator({ rpId: 'localhost', origin: world.baseUrl, ...options });

  async function optionsFor({ client, password }: Person): Promise<CreationOptions> {
    const reply = await client.post(`${CREDENTIALS}/registration-options`, { password });
    expect(reply.status).toBe(200);
    return reply.json;
  }

  async function register(
    person: Person,
    { with: device = authenticator(), name = 'Key', tampering = {} as Tampering } = {},
  ): Promise<Reply> {
    const options = await optionsFor(person);
    const response = device.register(options, tampering);
    const { challenge } = options;
    return await person.client.post(CREDENTIALS, { response, challenge, name, password: person.password });
  }

  async function list(client: Client): Promise<Listed[]> {
    const reply = await client.get(CREDENTIALS);
    expect(reply.status).toBe(200);
    return reply.json;
  }

  async function eventsOf(userId: string): Promise<string[]> {
    const rows = await world.instance.storage.db
      .selectFrom('audit_record')
      .select(['event', 'method', 'outcome'])
      .where('user_id', '=', userId)
      .where('event', 'like', 'factor.%')
      .orderBy('id')
      .execute();
    return rows.map(({ event, method, outcome }) => [event, method, outcome].filter(Boolean).join(' '));
  }

  const factorsOf = async ({ client }: Person) =>
    (await world.instance.sessions.find(client.token ?? '', 'fluxer'))?.factors;

  it('are made with the options of contract 4.6', async () => {
    const person = await world.person();
    const { profile } = (await world.instance.sessions.find(person.client.token ?? '', 'fluxer')) ?? {};
    const options = await optionsFor(person);
    const id = Buffer.from(person.userId).toString('base64url');
    const name = profile?.username;
    expect(options).toEqual({
      rp: { name: 'Fluxgate', id: 'localhost' },
      user: { id, name, displayName: name },
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      pubKeyCredParams: [
        { alg: -8, type: 'public-key' },
        { alg: -7, type: 'public-key' },
        { alg: -257, type: 'public-key' },
      ],
      timeout: 60_000,
      attestation: 'none',
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      extensions: { credProps: true },
      hints: [],
    });
    const device = authenticator();
    decode.empty(await register(person, { with: device }));
    expect(await optionsFor(person)).toMatchObject({
      excludeCredentials: [
        { id: device.credentials[0]?.id, type: 'public-key', transports: ['internal', 'hybrid'] },
      ],
    });
  });

  it('are listed, renamed and removed, and turn the second factor on and off', async () => {
    const person = await world.person();
    expect(await list(person.client)).toEqual([]);
    expect(await factorsOf(person)).toEqual([]);
    const made = new Date(world.clock.now()).toISOString();
    const device = authenticator();
    decode.empty(await register(person, { with: device, name: '  My key ' }));
    const id = device.credentials[0]?.id ?? '';
    expect(await list(person.client)).toEqual([{ id, name: 'My key', created_at: made, last_used_at: null }]);
    expect(await factorsOf(person)).toEqual(['passkey']);
    const { password } = person;
    decode.empty(
      await person.client.send(`${CREDENTIALS}/${id}`, {
        method: 'PATCH',
        body: { name: 'Other', password },
      }),
    );
    expect((await list(person.client))[0]?.name).toBe('Other');
    world.clock.advance(MINUTE);
    decode.empty(await register(person));
    decode.empty(await person.client.send(`${CREDENTIALS}/${id}`, { method: 'DELETE', body: { password } }));
    expect(await factorsOf(person)).toEqual(['passkey']);
    const [left, ...others] = await list(person.client);
    expect(others).toEqual([]);
    decode.empty(
      await person.client.send(`${CREDENTIALS}/${left?.id}`, { method: 'DELETE', body: { password } }),
    );
    expect(await factorsOf(person)).toEqual([]);
    expect(await list(person.client)).toEqual([]);
    expect(await eventsOf(person.userId)).toEqual([
      'factor.enrolled passkey',
      'factor.renamed passkey',
      'factor.enrolled passkey',
      'factor.removed passkey',
      'factor.removed passkey',
    ]);
  });

  it.each(['ES256', 'EdDSA', 'RS256'])('may have a key of %s', async (algorithm) => {
    const person = await world.person();
    decode.empty(await register(person, { with: authenticator({ algorithm }) }));
    expect(await list(person.client)).toHaveLength(1);
  });

  it('need a session, and a fresh proof for all but the list [D08, bug 13]', async () => {
    const person = await world.person();
    const device = authenticator();
    await register(person, { with: device });
    const id = device.credentials[0]?.id ?? '';
    const challenge = (await optionsFor(person)).challenge;
    const response = authenticator().register({ challenge, user: { id: 'x' } });
    const calls: [string, string, object][] = [
      ['POST', `${CREDENTIALS}/registration-options`, {}],
      ['POST', CREDENTIALS, { response, challenge, name: 'Sneaky' }],
      ['PATCH', `${CREDENTIALS}/${id}`, { name: 'Sneaky' }],
      ['DELETE', `${CREDENTIALS}/${id}`, {}],
    ];
    for (const [method, path, body] of calls) {
      expect(refusal(await world.client().send(path, { method, body }))).toBe('401 UNAUTHORIZED');
      expect(refusal(await person.client.send(path, { method, body }))).toBe('403 SUDO_MODE_REQUIRED');
      const wrong = { ...body, password: 'not the password' };
      expect(refusal(await person.client.send(path, { method, body: wrong }))).toMatch(/^400 .*password:/);
    }
    expect(refusal(await world.client().get(CREDENTIALS))).toBe('401 UNAUTHORIZED');
    expect(await list(person.client)).toMatchObject([{ id, name: 'Key' }]);
  });

  it('belong to their owner alone: nobody else lists, renames or removes them [C08, bug 77]', async () => {
    const [owner, stranger] = [await world.person(), await world.person()];
    const device = authenticator();
    await register(owner, { with: device });
    const path = `${CREDENTIALS}/${device.credentials[0]?.id}`;
    const { password, client } = stranger;
    expect(await list(client)).toEqual([]);
    expect(refusal(await client.send(path, { method: 'PATCH', body: { name: 'Mine', password } }))).toBe(
      '404 UNKNOWN_WEBAUTHN_CREDENTIAL',
    );
    expect(refusal(await client.send(path, { method: 'DELETE', body: { password } }))).toBe(
      '404 UNKNOWN_WEBAUTHN_CREDENTIAL',
    );
    expect(await list(owner.client)).toMatchObject([{ name: 'Key' }]);
    expect(await factorsOf(owner)).toEqual(['passkey']);
    expect(await eventsOf(stranger.userId)).toEqual([]);
  });

  it('have an id that no other user has [C05]', async () => {
    const [first, second] = [await world.person(), await world.person()];
    const credentialId = createHash('sha256').update(first.userId).digest();
    decode.empty(await register(first, { tampering: { credentialId } }));
    for (const person of [second, first]) {
      expect(refusal(await register(person, { name: 'Again', tampering: { credentialId } }))).toBe(
        '400 INVALID_WEBAUTHN_CREDENTIAL',
      );
    }
    expect(await list(second.client)).toEqual([]);
    expect(await factorsOf(second)).toEqual([]);
    expect(await list(first.client)).toMatchObject([{ name: 'Key' }]);
    expect(await eventsOf(second.userId)).toEqual(['factor.refused passkey taken']);
  });

  it.each([
    [15, '400 INVALID_WEBAUTHN_CREDENTIAL'],
    [16, 204],
    [1023, 204],
    [1024, '400 INVALID_WEBAUTHN_CREDENTIAL'],
  ])('take an id of %i bytes: %s [C05]', async (length, expected) => {
    const person = await world.person();
    const credentialId = Buffer.alloc(length, person.userId);
    const reply = await register(person, { tampering: { credentialId } });
    expect(reply.status === 204 ? 204 : refusal(reply)).toBe(expected);
    if (expected !== 204) return;
    const { password } = person;
    const path = `${CREDENTIALS}/${credentialId.toString('base64url')}`;
    decode.empty(await person.client.send(path, { method: 'DELETE', body: { password } }));
  });

  it('number ten at most, also when fifty are made at once', async () => {
    const person = await world.person();
    const { password } = person;
    const all = await Promise.all(Array.from({ length: 50 }, () => optionsFor(person)));
    const replies = await Promise.all(
      all.map((options) => {
        const response = authenticator().register(options);
        const { challenge } = options;
        return person.client.post(CREDENTIALS, { response, challenge, name: 'Key', password });
      }),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(10);
    for (const reply of replies.filter(({ status }) => status !== 204)) {
      expect(refusal(reply)).toBe('400 WEBAUTHN_CREDENTIAL_LIMIT_REACHED');
    }
    expect(await list(person.client)).toHaveLength(10);
    const refused = await person.client.post(`${CREDENTIALS}/registration-options`, { password });
    expect(refusal(refused)).toBe('400 WEBAUTHN_CREDENTIAL_LIMIT_REACHED');
  });

  it('come of one challenge once, in fifty hands at once [B02, C01]', async () => {
    const person = await world.person();
    const { client, password } = person;
    const options = await optionsFor(person);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => {
        const response = authenticator().register(options);
        return client.post(CREDENTIALS, { response, challenge: options.challenge, name: 'Key', password });
      }),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 204)) {
      expect(refusal(reply)).toBe('400 INVALID_WEBAUTHN_CREDENTIAL');
    }
    expect(await list(client)).toHaveLength(1);
  });

  it('come of no challenge that is old, spent, made up, or of another session or person [C01, bug 7]', async () => {
    const [person, other] = [await world.person(), await world.person()];
    const { client, email, password } = person;
    const send = (challenge: string, from = person) => {
      const response = authenticator().register({ challenge, user: { id: 'AA' } });
      return from.client.post(CREDENTIALS, { response, challenge, name: 'Key', password });
    };
    const expectRefused = (reply: Reply) => expect(refusal(reply)).toBe('400 INVALID_WEBAUTHN_CREDENTIAL');
    const { challenge } = await optionsFor(person);
    expectRefused(await send(challenge, other));
    const elsewhere = world.client();
    const again = await elsewhere.post('/v1/auth/login', { email, password });
    elsewhere.token = decode.token(again).token;
    expectRefused(await send(challenge, { ...person, client: elsewhere }));
    expectRefused(await send(Buffer.alloc(32, 7).toString('base64url')));
    decode.empty(await send(challenge));
    expectRefused(await send(challenge));
    const old = await optionsFor(person);
    world.clock.advance(5 * MINUTE);
    expectRefused(await send(old.challenge));
    const last = await optionsFor(person);
    world.clock.advance(5 * MINUTE - 1);
    decode.empty(await send(last.challenge));
    expect(await list(client)).toHaveLength(2);
    expect(await list(other.client)).toEqual([]);
  });

  it('are spent for a try that fails, whatever was wrong with it', async () => {
    const person = await world.person();
    const { client, password } = person;
    const options = await optionsFor(person);
    const { challenge } = options;
    const device = authenticator();
    const bad = device.register(options, { flags: { uv: false } });
    const good = device.register(options);
    for (const response of [bad, good]) {
      const reply = await client.post(CREDENTIALS, { response, challenge, name: 'Key', password });
      expect(refusal(reply)).toBe('400 INVALID_WEBAUTHN_CREDENTIAL');
    }
    expect(await list(client)).toEqual([]);
  });

  it.each([
    ['no name', { name: undefined }, 'name:INVALID_FORMAT'],
    ['an empty name', { name: '' }, 'name:INVALID_FORMAT'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name:STRING_LENGTH_INVALID'],
    ['no challenge', { challenge: undefined }, 'challenge:INVALID_FORMAT'],
    ['a challenge of 1,025 characters', { challenge: 'x'.repeat(1025) }, 'challenge:STRING_LENGTH_INVALID'],
    ['no response', { response: undefined }, 'response:INVALID_FORMAT'],
    ['a response that is a text', { response: 'x' }, 'response:INVALID_FORMAT'],
    ['a response that is a list', { response: [] }, 'response:INVALID_FORMAT'],
  ])('are not made with %s', async (_what, change, item) => {
    const person = await world.person();
    const { password } = person;
    const options = await optionsFor(person);
    const { challenge } = options;
    const body = { response: authenticator().register(options), challenge, name: 'Key', password, ...change };
    expect(refusal(await person.client.post(CREDENTIALS, body))).toBe(`400 INVALID_FORM_BODY ${item}`);
  });

  it('leave nothing of a session that was ended while one was made', async () => {
    const person = await world.person();
    const { client, email, password } = person;
    const session = await world.instance.sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('No session.');
    const options = await optionsFor(person);
    decode.empty(await world.client().post('/v1/auth/forgot', { email }));
    const { token } = await world.newestMail(email, 'password_reset');
    expect((await world.client().post('/v1/auth/reset', { token, password })).status).toBe(200);
    const origin = {
      address: '10.0.0.1',
      source: '10.0.0.1',
      network: '10.0.0.0',
      userAgent: null,
      isDesktop: false,
    };
    const { challenge } = options;
    const response = authenticator().register(options);
    await expect(
      world.instance.passkeys.register({ session, challenge, response, name: 'Key', origin }),
    ).rejects.toMatchObject({ code: 'not-signed-in' });
    expect(await world.instance.passkeys.list(person.userId)).toEqual([]);
  });
});
