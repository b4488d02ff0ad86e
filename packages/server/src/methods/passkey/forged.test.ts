import { createECDH, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator, type Tampering } from '../../testing/index.ts';
import type { Passkey } from './passkey-store.ts';
import { authenticationResponse, registrationResponse } from './responses.ts';
import { verifyAssertion } from './verify-assertion.ts';
import { verifyRegistration } from './verify-registration.ts';

const RP_ID = 'example.org';
const ORIGIN = 'https://login.example.org';
const APP = 'android:apk-key-hash:sYUC8p5I9SxqFernBPHmDxz_YVZXmVJdW8S-m3RTTqY';
const relyingParty = { id: RP_ID, name: 'Example', origins: [ORIGIN, APP] };
const CHALLENGE = Buffer.alloc(32, 5).toString('base64url');
const USER_ID = '1234567890123456789';
const creation = { challenge: CHALLENGE, user: { id: Buffer.from(USER_ID).toString('base64url') } };
const request = { challenge: CHALLENGE };

/** Of 32 bytes, as all that the software makes. */
const OTHER_ID = Buffer.alloc(32, 1).toString('base64url');

type NewCredential = Exclude<Awaited<ReturnType<typeof verifyRegistration>>, string>;
type Case = [name: string, tampering: Tampering];
const elsewhere = (origin: unknown): Tampering => ({ clientData: { origin } });
const inField = (name: string, value: unknown): Tampering => ({
  answer: ({ response }) => void Object.assign(response, { [name]: value }),
});
const flipped = (bytes: Uint8Array, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
};
const flippedField = (name: string, at: number): Tampering => ({
  answer(json) {
    const bytes = Buffer.from(String(json.response[name]), 'base64url');
    json.response[name] = flipped(bytes, at < 0 ? bytes.length + at : at).toString('base64url');
  },
});

/** Wrong in either ceremony, whatever the signature says. */
const COMMON: Case[] = [
  ['a type of payments', { clientData: { type: 'payment.get' } }],
  ['no type', { clientData: { type: undefined } }],
  ['a type that is a list', { clientData: { type: ['webauthn.get', 'webauthn.create'] } }],
  ['another challenge', { clientData: { challenge: Buffer.alloc(32, 6).toString('base64url') } }],
  ['a padded challenge', { clientData: { challenge: `${CHALLENGE}=` } }],
  ['a challenge in a list', { clientData: { challenge: [CHALLENGE] } }],
  ['no challenge', { clientData: { challenge: undefined } }],
  ["another site's origin", elsewhere('https://evil.example')],
  ['our origin as the beginning of another', elsewhere(`${ORIGIN}.evil.example`)],
  ['our origin as the end of another', elsewhere('https://evil-login.example.org')],
  ['our origin as the user of another', elsewhere(`${ORIGIN}@evil.example`)],
  ['our origin without TLS', elsewhere('http://login.example.org')],
  ['our origin at another port', elsewhere(`${ORIGIN}:8443`)],
  ['our origin at its own port', elsewhere(`${ORIGIN}:443`)],
  ['our origin with a slash', elsewhere(`${ORIGIN}/`)],
  ['our origin in capitals', elsewhere('https://LOGIN.example.org')],
  ['our origin with a dot at its end', elsewhere(`${ORIGIN}.`)],
  ['the origin of the parent domain', elsewhere('https://example.org')],
  ['the origin of a child domain', elsewhere('https://a.login.example.org')],
  ['an origin with a letter that looks like ours', elsewhere('https://lоgin.example.org')],
  ['another app', elsewhere('android:apk-key-hash:AAAA8p5I9SxqFernBPHmDxz_YVZXmVJdW8S-m3RTTqY')],
  ['an opaque origin', elsewhere('null')],
  ['no origin', elsewhere(undefined)],
  ['our origin in a list', elsewhere([ORIGIN])],
  ['a frame of another site', { clientData: { crossOrigin: true } }],
  ['a frame, said in words', { clientData: { crossOrigin: 'true' } }],
  ['a frame, said in numbers', { clientData: { crossOrigin: 1 } }],
  ['no word on frames but null', { clientData: { crossOrigin: null } }],
  ['a top origin', { clientData: { crossOrigin: true, topOrigin: 'https://evil.example' } }],
  ['a top origin without a frame', { clientData: { topOrigin: 'https://evil.example' } }],
  ['our own top origin', { clientData: { crossOrigin: true, topOrigin: ORIGIN } }],
  ['an empty top origin', { clientData: { topOrigin: '' } }],
  ['a top origin of null', { clientData: { topOrigin: null } }],
  ['client data that is no JSON', { clientDataText: 'type=webauthn.get' }],
  ['client data that is a list', { clientDataText: '[]' }],
  ['client data that is null', { clientDataText: 'null' }],
  ['client data that is no UTF-8', { clientDataText: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }],
  ['nobody present', { flags: { up: false } }],
  ['nobody verified', { flags: { uv: false } }],
  ['neither', { flags: { up: false, uv: false } }],
  ['a backup of what cannot be backed up', { flags: { bs: true } }],
  ['another relying party', { rpId: 'evil.example' }],
  ['the relying party of our host', { rpId: 'login.example.org' }],
  ['the relying party of everybody', { rpId: 'org' }],
  ['extension data that is not there', { flags: { ed: true } }],
  [
    'authenticator data with a byte too many',
    { authenticatorData: (bytes) => Buffer.concat([bytes, Buffer.of(0)]) },
  ],
  ['authenticator data cut short', { authenticatorData: (bytes) => bytes.subarray(0, 36) }],
  ['no authenticator data', { authenticatorData: () => Buffer.of(0) }],
  ['two ids', { answer: (json) => void Object.assign(json, { rawId: OTHER_ID }) }],
];

const FORGED_ASSERTIONS: Case[] = [
  ...COMMON,
  ['the type of the other ceremony', { clientData: { type: 'webauthn.create' } }],
  ['a device that copies what could not be copied', { flags: { be: true } }],
  ['credential data that is not there', { flags: { at: true } }],
  ["another user's handle", inField('userHandle', Buffer.from('1234567890123456780').toString('base64url'))],
  ['a handle that is no base64url of the id', inField('userHandle', USER_ID)],
  ['a signature that was changed', flippedField('signature', -1)],
  ['client data changed after signing', flippedField('clientDataJSON', 2)],
  ['a counter changed after signing', flippedField('authenticatorData', 36)],
  ['flags changed after signing', flippedField('authenticatorData', 32)],
  ['a signature of nothing', { signature: () => Buffer.from('3006020100020100', 'hex') }],
  ['a signature of zeros', { signature: (bytes) => Buffer.alloc(bytes.length) }],
  ['half a signature', { signature: (bytes) => bytes.subarray(0, 20) }],
  ['a signature of one byte', { signature: () => Buffer.of(0x30) }],
];

const ec = (curve: string): Buffer => {
  const ecdh = createECDH(curve);
  return ecdh.generateKeys().subarray(1);
};
const rsa = (bits: number): Buffer => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
};
const withKey = (entries: [number, number | Uint8Array | null][]): Tampering => ({
  publicKey(key) {
    for (const [label, value] of entries) value === null ? key.delete(label) : key.set(label, value);
  },
});
const rsaKey = (n: Buffer, e = Buffer.of(1, 0, 1)) =>
  withKey([
    [1, 3],
    [3, -257],
    [-1, n],
    [-2, e],
    [-3, null],
  ]);

/** Keys of algorithms that were not offered. */
const FOREIGN_KEYS: Case[] = [
  [
    'ES384',
    withKey([
      [3, -35],
      [-1, 2],
      [-2, ec('secp384r1').subarray(0, 48)],
    ]),
  ],
  [
    'ES256K',
    withKey([
      [3, -47],
      [-1, 8],
    ]),
  ],
  [
    'PS256',
    withKey([
      [1, 3],
      [3, -37],
      [-1, rsa(2048)],
      [-2, Buffer.of(1, 0, 1)],
      [-3, null],
    ]),
  ],
  [
    'RS1',
    withKey([
      [1, 3],
      [3, -65_535],
      [-1, rsa(2048)],
      [-2, Buffer.of(1, 0, 1)],
      [-3, null],
    ]),
  ],
  [
    'ML-DSA-44',
    withKey([
      [1, 7],
      [3, -48],
      [-1, Buffer.alloc(1312, 1)],
      [-2, null],
      [-3, null],
    ]),
  ],
  ['no algorithm', withKey([[3, null]])],
  ['the algorithm zero', withKey([[3, 0]])],
];

/** Keys of an algorithm that was offered, which cannot be used with it. */
const BROKEN_KEYS: Case[] = [
  ['the type of EdDSA for ES256', withKey([[1, 1]])],
  ['EdDSA said of a point of P-256', withKey([[3, -8]])],
  ['RS256 said of a point of P-256', withKey([[3, -257]])],
  ['the curve P-384 for ES256', withKey([[-1, 2]])],
  ['no curve', withKey([[-1, null]])],
  ['a point beside the curve', withKey([[-2, Buffer.alloc(32, 1)]])],
  ['half a point', withKey([[-3, null]])],
  ['a coordinate that is a number', withKey([[-2, 5]])],
  ['an RSA key of 1,024 bits', rsaKey(rsa(1024))],
  ['an RSA key of 8,192 bits', rsaKey(Buffer.alloc(1024, 255))],
  ['an RSA key that anybody signs with', rsaKey(rsa(2048), Buffer.of(1))],
  ['an RSA key of nothing', rsaKey(Buffer.of())],
];

const FORGED_REGISTRATIONS: Case[] = [
  ...COMMON,
  ['the type of the other ceremony', { clientData: { type: 'webauthn.get' } }],
  ['no credential data', { flags: { at: false } }],
  [
    'an id of another credential',
    { answer: (json) => void Object.assign(json, { id: OTHER_ID, rawId: OTHER_ID }) },
  ],
  ['an id of 15 bytes', { credentialId: Buffer.alloc(15, 1) }],
  [
    'an id that is longer than all the data',
    {
      authenticatorData: (bytes) => {
        bytes.writeUInt16BE(0xffff, 53);
        return bytes;
      },
    },
  ],
  ['an attestation object that is no CBOR', { attestationObject: () => Buffer.from('not at all') }],
  ['half an attestation object', { attestationObject: (bytes) => bytes.subarray(0, 90) }],
  ['an attestation object that is a number', { attestationObject: () => Buffer.of(0x01) }],
  [
    'an attestation object without authenticator data',
    { attestationObject: () => Buffer.from('a163666d74646e6f6e65', 'hex') },
  ],
  ['lists in lists in lists', { attestationObject: () => Buffer.alloc(40_000, 0x81) }],
  ...FOREIGN_KEYS,
];

describe('what a browser says', () => {
  const warnings: string[] = [];
  const noteWarning = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`);
  beforeAll(() => void process.on('warning', noteWarning));
  afterAll(() => void process.off('warning', noteWarning));

  const device = () => createAuthenticator({ rpId: RP_ID, origin: ORIGIN });

  async function register(tampering: Tampering, authenticator = device()) {
    const parsed = registrationResponse.safeParse(authenticator.register(creation, tampering));
    if (!parsed.success) return 'malformed';
    return await verifyRegistration({ response: parsed.data, challenge: CHALLENGE, relyingParty });
  }

  function passkeyOf(made: NewCredential): Passkey {
    return {
      ...made,
      rpId: null,
      projectId: 'proj_1',
      userId: USER_ID,
      name: 'Key',
      createdAt: 0,
      lastUsedAt: null,
    };
  }

  async function assert(tampering: Tampering, authenticator = device()) {
    const made = await register({}, authenticator);
    if (typeof made === 'string') throw new Error(made);
    const passkey = passkeyOf(made);
    const parsed = authenticationResponse.safeParse(authenticator.assert(request, tampering));
    if (!parsed.success) return null;
    return await verifyAssertion({ response: parsed.data, challenge: CHALLENGE, passkey, relyingParty });
  }

  it.each(['ES256', 'EdDSA', 'RS256'] as const)('is believed of a key of %s', async (algorithm) => {
    const authenticator = createAuthenticator({ rpId: RP_ID, origin: ORIGIN, algorithm });
    expect(await assert({}, authenticator)).toEqual({ counter: 1, isBackedUp: false });
  });

  it.each<Case>([
    ['from an app', { clientData: { origin: APP } }],
    ['without a word on frames', { clientData: { crossOrigin: undefined } }],
    ['with what later browsers may add', { clientData: { extraData: 'more', another: { thing: 1 } } }],
    ['with a token binding', { clientData: { tokenBinding: { status: 'supported' } } }],
  ])('is believed %s', async (_name, tampering) => {
    expect(await register(tampering)).toMatchObject({ counter: 0 });
    expect(await assert(tampering)).toEqual({ counter: 1, isBackedUp: false });
  });

  it.each<Case>([
    ['a user handle', inField('userHandle', undefined)],
    ['a user handle but null', inField('userHandle', null)],
    ['an attachment', { answer: (json) => void delete json.authenticatorAttachment }],
    ['extension results', { answer: (json) => void Object.assign(json, { clientExtensionResults: null }) }],
  ])('is believed without %s', async (_name, tampering) => {
    expect(await assert(tampering)).toEqual({ counter: 1, isBackedUp: false });
  });

  it('is refused at sign-in in more than forty ways', () => {
    expect(FORGED_ASSERTIONS.length).toBeGreaterThan(60);
    expect(FORGED_REGISTRATIONS.length).toBeGreaterThan(60);
  });

  it.each(FORGED_ASSERTIONS)(
    'is refused at sign-in for %s [C02, C03, C04, C06]',
    async (_name, tampering) => {
      expect(await assert(tampering)).toBeNull();
    },
  );

  it.each(FORGED_REGISTRATIONS)(
    'is refused of a new passkey for %s [C02, C03, C04, C05]',
    async (_name, tampering) => {
      expect(await register(tampering)).toBe('wrong');
    },
  );

  it.each(BROKEN_KEYS)('is refused of a new passkey with %s [C05]', async (_name, tampering) => {
    expect(await register(tampering)).toBe('key');
  });

  it.each<Case>([
    ['garbage', { fmt: 'packed', attStmt: new Map([['sig', Buffer.alloc(8)]]) }],
    [
      'a certificate nobody can read',
      {
        fmt: 'packed',
        attStmt: new Map<string, number | Buffer | Buffer[]>([
          ['alg', -7],
          ['sig', Buffer.alloc(70)],
          ['x5c', [Buffer.from('<xml>')]],
        ]),
      },
    ],
    ['a format nobody knows', { fmt: 'x\r\ny', attStmt: new Map() }],
  ])('may state of its authenticator %s, which nobody reads', async (_name, tampering) => {
    expect(await register(tampering)).toMatchObject({ counter: 0 });
  });

  it('is refused with any one bit changed, and never breaks anything', async () => {
    // ECDSA signatures have more than one spelling, which harms nobody: the challenge is gone after the first.
    const authenticator = createAuthenticator({ rpId: RP_ID, origin: ORIGIN, algorithm: 'EdDSA' });
    const made = await register({}, authenticator);
    if (typeof made === 'string') throw new Error(made);
    const passkey = passkeyOf(made);
    const honest = authenticator.assert(request).response;
    const fields = ['clientDataJSON', 'authenticatorData', 'signature'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.nat(), fc.nat(7), async (field, place, bit) => {
        const bytes = Buffer.from(String(honest[field]), 'base64url');
        const at = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        const id = passkey.credentialId;
        const response = authenticationResponse.parse({
          id,
          rawId: id,
          type: 'public-key',
          response: { ...honest, [field]: bytes.toString('base64url') },
        });
        const verdict = await verifyAssertion({ response, challenge: CHALLENGE, passkey, relyingParty });
        expect(verdict).toBeNull();
      }),
      { numRuns: 400 },
    );
  });

  it('is not believed when the signature is of another key', async () => {
    const [own, other] = [device(), device()];
    await register({}, other);
    const stolen = other.assert(request).response['signature'];
    expect(await assert(inField('signature', stolen), own)).toBeNull();
  });

  it('tells whether a passkey is copied, and may only change its mind on whether it was yet', async () => {
    const synced = createAuthenticator({ rpId: RP_ID, origin: ORIGIN, isSynced: true, counter: null });
    expect(await register({}, synced)).toMatchObject({ deviceType: 'multiDevice', isBackedUp: true });
    expect(await assert({ flags: { bs: false } }, synced)).toEqual({ counter: 0, isBackedUp: false });
    expect(await assert({ flags: { be: false, bs: false } }, synced)).toBeNull();
  });

  it('keeps only the transports that there are', async () => {
    const transports = ['usb', 'usb', 'hybrid', 'x\r\n', 'smart-card', 'carrier-pigeon'];
    expect(await register(inField('transports', transports))).toMatchObject({
      transports: ['usb', 'hybrid', 'smart-card'],
    });
    expect(await register(inField('transports', null))).toMatchObject({ transports: [] });
  });

  it('makes the platform warn of nothing', () => {
    expect(warnings).toEqual([]);
  });
});
