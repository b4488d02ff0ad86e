import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxPasskeys,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxPasskeys,
  type FluxProject,
  handed,
  type Reply,
  type Tampering,
  type World,
} from '../../testing/index.ts';

const ON = { methods: { passkey: true } };
const MINUTE = 60_000;
const refusal = (reply: Reply) => `${reply.status} ${codeOf(reply)}`;

/** What is wrong with an answer, of a sign-in as well as of a registration. */
const FORGED: [string, Tampering][] = [
  ['of another page', { clientData: { origin: 'https://evil.example' } }],
  ['of a page whose address begins like ours', { clientData: { origin: 'http://localhost.evil.example' } }],
  ['of a page of another port', { clientData: { origin: 'http://localhost:1' } }],
  ['of no page', { clientData: { origin: 'null' } }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['for no relying party', { rpId: '' }],
  ['to a challenge of nobody’s', { clientData: { challenge: Buffer.alloc(32, 7).toString('base64url') } }],
  ['without a challenge', { clientData: { challenge: undefined } }],
  ['without its owner’s finger', { flags: { uv: false } }],
  ['without anybody there', { flags: { up: false } }],
  ['from a frame of another page', { clientData: { crossOrigin: true } }],
  ['from below another page', { clientData: { topOrigin: 'https://evil.example' } }],
  ['with client data that is no JSON', { clientDataText: '{' }],
  ['with client data of NULs', { clientDataText: '\0\0' }],
  ['with authenticator data cut short', { authenticatorData: (bytes) => bytes.subarray(0, 36) }],
  ['under another name', { answer: (json) => Object.assign(json, { id: 'A'.repeat(43) }) }],
];

/** Of a sign-in alone. */
const FORGED_SIGNATURES: [string, Tampering][] = [
  ['with a signature that is not its own', { signature: (bytes) => bytes.fill(1, bytes.length - 8) }],
  ['without a signature', { signature: () => Buffer.alloc(1) }],
  ['of a registration', { clientData: { type: 'webauthn.create' } }],
  ['with authenticator data changed afterwards', { answer: flipped }],
  [
    'in the name of somebody else',
    { answer: ({ response }) => Object.assign(response, { userHandle: 'MTIz' }) },
  ],
  ['with a counter that has been', { counter: 0 }],
];

function flipped(json: { response: Record<string, unknown> }): void {
  const data = Buffer.from(String(json.response['authenticatorData']), 'base64url');
  data.writeUInt32BE(4_000_000_000, 33);
  json.response['authenticatorData'] = data.toString('base64url');
}

/** Bodies that are nothing any route takes. */
const HOSTILE = [
  '{',
  '[]',
  'null',
  '"x"',
  '7',
  '{}',
  '{"response":1}',
  '{"response":null}',
  '{"response":[]}',
  '{"response":"x"}',
  '{"response":{},"response":{}}',
  '{"name":"x"}',
];

describe.each(DIALECTS)("forged passkeys at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  let kit: FluxPasskeys;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: ON });
    kit = createFluxPasskeys(world, flux);
  });
  afterAll(() => world.close());

  const sessions = async () =>
    (await world.instance.storage.db.selectFrom('session').select('id').execute()).length;
  const passkeys = async () =>
    (await world.instance.storage.db.selectFrom('passkey').select('credential_id').execute()).length;

  it('sign nobody in, whatever is wrong with the answer [FX-21, C02, C03, C04, C05]', async () => {
    const { device } = await kit.person();
    handed(await kit.signIn(device));
    const before = await sessions();
    for (const [name, tampering] of [...FORGED, ...FORGED_SIGNATURES])
      expect(refusal(await kit.signIn(device, tampering)), name).toBe('401 invalid_credentials');
    expect(await sessions()).toBe(before);
    handed(await kit.signIn(device));
  });

  it('are not kept, whatever is wrong with what was made [FX-21, C02, C03]', async () => {
    const { token } = await flux.signUp();
    const before = await passkeys();
    const made: [string, Tampering][] = [
      ...FORGED,
      ['of a sign-in', { clientData: { type: 'webauthn.get' } }],
      ['without a key', { flags: { at: false } }],
      ['with a name too short', { credentialId: Buffer.alloc(8, 1) }],
      ['with a key of no kind', { publicKey: (key) => void key.set(3, -65_535) }],
    ];
    for (const [name, tampering] of made)
      expect(refusal(await kit.register(token, kit.device(), tampering)), name).toBe('422 passkey_refused');
    expect(await passkeys()).toBe(before);
    expect(handed(await flux.verify(token)).session.mfa_verified).toBe(false);
    expect((await kit.register(token, kit.device())).status).toBe(200);
  });

  it('answer each challenge once, in its time, and where it was made [FX-21, C01]', async () => {
    const { device } = await kit.person();
    const once = await kit.ask();
    handed(await kit.finish(device.assert(once)));
    expect(refusal(await kit.finish(device.assert(once)))).toBe('401 invalid_credentials');
    // Also spent by an answer that was wrong.
    const spent = await kit.ask();
    await kit.finish(device.assert(spent, { flags: { uv: false } }));
    expect(refusal(await kit.finish(device.assert(spent)))).toBe('401 invalid_credentials');
    const late = await kit.ask();
    world.clock.advance(5 * MINUTE);
    expect(refusal(await kit.finish(device.assert(late)))).toBe('401 invalid_credentials');

    const { token } = await flux.signUp();
    const creation = await kit.creationOptions(token);
    expect(refusal(await kit.finish(device.assert(creation)))).toBe('401 invalid_credentials');
    const asked = { ...(await kit.ask()), user: { id: 'MTIz' } };
    expect(refusal(await kit.keep(token, kit.device().register(asked)))).toBe('422 passkey_refused');
    const stranger = await flux.signUp();
    const made = kit.device().register(await kit.creationOptions(token));
    expect(refusal(await kit.keep(stranger.token, made))).toBe('422 passkey_refused');
  });

  it('pay nothing that a session owes, whatever is wrong and whosever they are [FX-21, FX-48, C01, C06]', async () => {
    const { user, device } = await kit.person();
    const stranger = await kit.person();
    const owing = async () => (await flux.signIn(user.email)).token;
    const [token, other] = [await owing(), await owing()];
    const wrong: [string, () => Promise<Reply>][] = [
      ...[...FORGED, ...FORGED_SIGNATURES].map(([name, tampering]): [string, () => Promise<Reply>] => [
        name,
        async () => kit.showAgain(token, device.assert(await kit.askAgain(token), tampering)),
      ]),
      ['a challenge of a sign-in', async () => kit.showAgain(token, device.assert(await kit.ask()))],
      [
        'a challenge of another session of the same user',
        async () => kit.showAgain(token, device.assert(await kit.askAgain(other))),
      ],
      [
        'the passkey of somebody else',
        async () => {
          const { challenge } = await kit.askAgain(token);
          return await kit.showAgain(token, stranger.device.assert({ challenge }));
        },
      ],
    ];
    for (const [name, answer] of wrong) {
      expect(refusal(await answer()), name).toBe('401 invalid_credentials');
      world.clock.advance(20 * MINUTE);
    }
    const owed = device.assert(await kit.askAgain(token));
    expect(refusal(await kit.finish(owed))).toBe('401 invalid_credentials');
    for (const each of [token, other])
      expect(handed(await flux.verify(each)).session.mfa_verified).toBe(false);
    const good = device.assert(await kit.askAgain(token));
    const replies = await Promise.all(Array.from({ length: 50 }, () => kit.showAgain(token, good)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    // Who has none is asked for none.
    const { token: without } = await flux.signUp();
    const none = await kit.act('POST', '/mfa/passkey/start', { token: without });
    expect([none.status, codeOf(none)]).toEqual([404, 'not_found']);
  });

  it('of another project open nothing, at the same host and by the same browser [FX-05, FX-21]', async () => {
    const other = await createFluxProject(world, { settings: ON });
    const theirs = createFluxPasskeys(world, other);
    const { device } = await theirs.person();
    expect(refusal(await kit.signIn(device))).toBe('401 invalid_credentials');
    const foreign = device.assert(await theirs.ask());
    expect(refusal(await kit.finish(foreign))).toBe('401 invalid_credentials');
    // Nor was it spent there.
    handed(await theirs.finish(foreign));
    const { token } = await kit.person();
    for (const path of ['/passkeys', '/passkeys/register/start']) {
      const method = path === '/passkeys' ? 'GET' : 'POST';
      expect(refusal(await theirs.act(method, path, { token })), path).toBe('401 invalid_session');
    }
  });

  it('of somebody else are not kept a second time [C06]', async () => {
    const { device } = await kit.person();
    const { token } = await flux.signUp();
    const credentialId = Buffer.from(device.credentials[0]?.id ?? '', 'base64url');
    const made = await kit.register(token, kit.device(), { credentialId });
    expect(refusal(made)).toBe('422 passkey_refused');
  });

  it('are refused as bodies that no route takes, and are no mistake of ours [L01, M05]', async () => {
    const { token } = await kit.person();
    const before = await passkeys();
    const deep = `{"response":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`;
    for (const body of [...HOSTILE, deep, `{"response":{"a":"${'x'.repeat(70_000)}"}}`])
      for (const path of ['/passkeys/authenticate/finish', '/passkeys/register/finish']) {
        const reply = path.includes('register')
          ? await kit.act('POST', path, { token, body })
          : await flux.page(path, body);
        expect([400, 401, 413, 422], `${path} ${body.slice(0, 40)}`).toContain(reply.status);
      }
    for (const response of [
      {},
      { id: 'x' },
      { id: '+', response: {} },
      { response: { clientDataJSON: [] } },
    ]) {
      expect(refusal(await kit.finish(response))).toBe('401 invalid_credentials');
      expect(refusal(await kit.keep(token, response))).toBe('422 passkey_refused');
    }
    for (const name of ['', ' ', 'x'.repeat(101), 'a\0b', 'a\nb', 7, null]) {
      const body = { response: {}, name };
      expect(refusal(await kit.act('POST', '/passkeys/register/finish', { token, body }))).toBe(
        '400 invalid_request',
      );
    }
    for (const id of ['x', 'A'.repeat(1_364), "'--", '..%2f..', '%F0%9F%92%A9'])
      for (const method of ['PATCH', 'DELETE'] as const) {
        const reply = await kit.act(method, `/passkeys/${id}`, { token, body: { name: 'x' } });
        expect(refusal(reply), id).toBe('404 not_found');
      }
    expect(await passkeys()).toBe(before);
    expect(world.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});
