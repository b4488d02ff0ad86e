import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  createWorld,
  DIALECTS,
  type RequestOptions,
  type Tampering,
  type World,
} from '../../testing/index.ts';
import { CREDENTIALS, createPasskeyClient, type Elevated, SUDO } from '../../testing/passkey-client.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)("a person's own passkeys on %s", (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createPasskeyClient>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createPasskeyClient(world);
  });
  afterAll(() => world.close());

  const factorsOf = async ({ client }: Elevated) =>
    (await world.instance.sessions.find(client.token ?? '', 'fluxer'))?.factors;

  it('are made with the options of contract 4.6', async () => {
    const person = await kit.newPerson();
    const { profile } = (await world.instance.sessions.find(person.client.token ?? '', 'fluxer')) ?? {};
    const options = await kit.optionsFor(person);
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
    const device = kit.authenticator();
    decode.empty(await kit.register(person, { with: device }));
    expect(await kit.optionsFor(person)).toMatchObject({
      excludeCredentials: [
        { id: device.credentials[0]?.id, type: 'public-key', transports: ['internal', 'hybrid'] },
      ],
    });
  });

  it('are listed, renamed and removed, and turn the second factor on and off', async () => {
    const person = await kit.newPerson();
    const { client, email, userId } = person;
    expect(await kit.list(client)).toEqual([]);
    expect(await factorsOf(person)).toEqual([]);
    const made = new Date(world.clock.now()).toISOString();
    const device = kit.authenticator();
    decode.empty(await kit.register(person, { with: device, name: '  My key ' }));
    const id = device.credentials[0]?.id ?? '';
    expect(await kit.list(client)).toEqual([{ id, name: 'My key', created_at: made, last_used_at: null }]);
    expect(await factorsOf(person)).toEqual(['passkey']);
    decode.empty(await kit.send(person, 'PATCH', `${CREDENTIALS}/${id}`, { name: 'Other' }));
    expect((await kit.list(client))[0]?.name).toBe('Other');
    world.clock.advance(MINUTE);
    decode.empty(await kit.register(person));
    decode.empty(await kit.send(person, 'DELETE', `${CREDENTIALS}/${id}`));
    expect(await factorsOf(person)).toEqual(['passkey']);
    const [left, ...others] = await kit.list(client);
    expect(others).toEqual([]);
    decode.empty(await kit.send(person, 'DELETE', `${CREDENTIALS}/${left?.id}`));
    expect(await factorsOf(person)).toEqual([]);
    expect(await kit.list(client)).toEqual([]);
    expect(await kit.eventsOf(userId)).toEqual([
      'factor.enrolled passkey',
      'factor.renamed passkey',
      'factor.enrolled passkey',
      'factor.removed passkey',
      'factor.removed passkey',
    ]);
    const told = (await world.mails(email))
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith('factor'));
    expect(told.sort()).toEqual(['factor_enrolled', 'factor_enrolled', 'factor_removed', 'factor_removed']);
  });

  it.each(['ES256', 'EdDSA', 'RS256'])('may have a key of %s', async (algorithm) => {
    const person = await kit.newPerson();
    decode.empty(await kit.register(person, { with: kit.authenticator({ algorithm }) }));
    expect(await kit.list(person.client)).toHaveLength(1);
  });

  it('need a session, and a fresh proof for all but the list [D08, bug 13]', async () => {
    const person = await kit.newPerson();
    const { client, password } = person;
    const device = kit.authenticator();
    const options = await kit.optionsFor(person);
    const response = device.register(options);
    const { challenge } = options;
    const making: [string, string, object][] = [
      ['POST', `${CREDENTIALS}/registration-options`, {}],
      ['POST', CREDENTIALS, { response, challenge, name: 'Sneaky' }],
    ];
    const refusedFor = async (calls: typeof making, proof: object, expected: string) => {
      for (const [method, path, body] of calls) {
        const reply = await client.send(path, { method, body: { ...body, ...proof } });
        expect(refusal(reply)).toBe(expected);
        expect(reply.headers.has(SUDO)).toBe(false);
      }
    };
    await refusedFor(making, {}, '403 SUDO_MODE_REQUIRED');
    await refusedFor(
      making,
      { password: 'not the password' },
      '400 INVALID_FORM_BODY password:INVALID_PASSWORD',
    );
    expect(await kit.list(client)).toEqual([]);
    decode.empty(await client.post(CREDENTIALS, { response, challenge, name: 'Key', password }));
    const id = device.credentials[0]?.id ?? '';
    const all: typeof making = [
      ...making,
      ['PATCH', `${CREDENTIALS}/${id}`, { name: 'Sneaky' }],
      ['DELETE', `${CREDENTIALS}/${id}`, {}],
    ];
    // From the first passkey on a password alone is not enough.
    await refusedFor(all, {}, '403 SUDO_MODE_REQUIRED');
    await refusedFor(all, { password }, '403 SUDO_MODE_REQUIRED');
    const forged = { mfa_method: 'webauthn', webauthn_response: device.assert({ challenge }) };
    await refusedFor(all, forged, '400 INVALID_FORM_BODY mfa_code:INVALID_MFA_CODE');
    for (const [method, path, body] of all) {
      expect(refusal(await world.client().send(path, { method, body }))).toBe('401 UNAUTHORIZED');
    }
    expect(refusal(await world.client().get(CREDENTIALS))).toBe('401 UNAUTHORIZED');
    expect(await kit.list(client)).toMatchObject([{ id, name: 'Key' }]);
  });

  it('are the fresh proof for changing them, once a challenge [C01, D08]', async () => {
    const person = await kit.newPerson();
    const { client } = person;
    const device = kit.authenticator();
    await kit.register(person, { with: device });
    const path = `${CREDENTIALS}/${device.credentials[0]?.id}`;
    const asked = await client.post('/v1/users/@me/sudo/webauthn/authentication-options');
    expect(asked.json).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    const options = asked.json as RequestOptions;
    const proof = {
      mfa_method: 'webauthn',
      webauthn_response: device.assert(options),
      webauthn_challenge: options.challenge,
    };
    const renamed = await client.send(path, { method: 'PATCH', body: { name: 'Mine', ...proof } });
    decode.empty(renamed);
    const again = await client.send(path, { method: 'PATCH', body: { name: 'Replayed', ...proof } });
    expect(refusal(again)).toBe('400 INVALID_FORM_BODY mfa_code:INVALID_MFA_CODE');
    expect(await kit.list(client)).toMatchObject([
      { name: 'Mine', last_used_at: new Date(world.clock.now()).toISOString() },
    ]);
    const sudo = { [SUDO]: renamed.headers.get(SUDO) ?? '' };
    decode.empty(await kit.send({ client, sudo }, 'DELETE', path));
  });

  it('belong to their owner alone: nobody else lists, renames or removes them [C08, bug 77]', async () => {
    const [owner, stranger] = [await kit.newPerson(), await kit.newPerson()];
    const device = kit.authenticator();
    await kit.register(owner, { with: device });
    const path = `${CREDENTIALS}/${device.credentials[0]?.id}`;
    expect(await kit.list(stranger.client)).toEqual([]);
    for (const [method, body] of [
      ['PATCH', { name: 'Mine' }],
      ['DELETE', {}],
    ] as const) {
      expect(refusal(await kit.send(stranger, method, path, body))).toBe('404 UNKNOWN_WEBAUTHN_CREDENTIAL');
      expect(refusal(await kit.send(stranger, method, `${CREDENTIALS}/AA`, body))).toBe(
        '404 UNKNOWN_WEBAUTHN_CREDENTIAL',
      );
    }
    expect(await kit.list(owner.client)).toMatchObject([{ name: 'Key' }]);
    expect(await factorsOf(owner)).toEqual(['passkey']);
    expect(await kit.eventsOf(stranger.userId)).toEqual([]);
    expect((await world.mails(stranger.email)).some(({ kind }) => kind.startsWith('factor'))).toBe(false);
  });

  it('have an id that no other user has [C05]', async () => {
    const [first, second] = [await kit.newPerson(), await kit.newPerson()];
    const credentialId = createHash('sha256').update(first.userId).digest();
    decode.empty(await kit.register(first, { tampering: { credentialId } }));
    for (const person of [second, first]) {
      expect(refusal(await kit.register(person, { name: 'Again', tampering: { credentialId } }))).toBe(
        '400 INVALID_WEBAUTHN_CREDENTIAL',
      );
    }
    expect(await kit.list(second.client)).toEqual([]);
    expect(await factorsOf(second)).toEqual([]);
    expect(await kit.list(first.client)).toMatchObject([{ name: 'Key' }]);
    expect(await kit.eventsOf(second.userId)).toEqual(['factor.refused passkey taken']);
  });

  it.each([
    [15, '400 INVALID_WEBAUTHN_CREDENTIAL'],
    [16, 204],
    [1023, 204],
    [1024, '400 INVALID_WEBAUTHN_CREDENTIAL'],
  ])('take an id of %i bytes: %s [C05]', async (length, expected) => {
    const person = await kit.newPerson();
    const credentialId = Buffer.alloc(length, person.userId);
    const reply = await kit.register(person, { tampering: { credentialId } });
    expect(reply.status === 204 ? 204 : refusal(reply)).toBe(expected);
    if (expected !== 204) return;
    const path = `${CREDENTIALS}/${credentialId.toString('base64url')}`;
    decode.empty(await kit.send(person, 'DELETE', path));
  });

  it('are refused with the code of their kind', async () => {
    const person = await kit.newPerson();
    const broken: Tampering = { publicKey: (key) => void key.set(-2, Buffer.alloc(32, 1)) };
    expect(refusal(await kit.register(person, { tampering: broken }))).toBe(
      '400 INVALID_WEBAUTHN_PUBLIC_KEY_FORMAT',
    );
    const shapeless: Tampering = { answer: (json) => void Object.assign(json, { response: { a: 1 } }) };
    expect(refusal(await kit.register(person, { tampering: shapeless }))).toBe(
      '400 INVALID_WEBAUTHN_CREDENTIAL',
    );
    expect(await kit.list(person.client)).toEqual([]);
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
    const person = await kit.newPerson();
    const options = await kit.optionsFor(person);
    const { challenge } = options;
    const body = { response: kit.authenticator().register(options), challenge, name: 'Key', ...change };
    expect(refusal(await kit.send(person, 'POST', CREDENTIALS, body))).toBe(`400 INVALID_FORM_BODY ${item}`);
  });
});
