import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { type Cbor, encodeCbor } from './cbor.ts';

/**
 * The test vectors of WebAuthn level 3 (section 16), derived as the section derives them: everything random is
 * HKDF-SHA-256 of one text, ECDSA nonces are those of RFC 6979, and the RSA key is made of two Mersenne primes.
 * Attestation statements are left out, because nothing here reads them.
 */
export interface Vector {
  name: string;
  registration: Ceremony & { attestationObject: Buffer };
  /** Signatures only where the key is of a kind that the server offers. */
  authentication: Ceremony & { authenticatorData: Buffer; signature: Buffer | null };
  credentialId: Buffer;
  cosePublicKey: Buffer;
  publicKey: KeyObject;
}

interface Ceremony {
  challenge: string;
  clientDataJSON: Buffer;
  /** User verified. */
  isVerified: boolean;
  /** Can be copied to other devices. */
  isBackupEligible: boolean;
}

interface Recipe {
  name: string;
  kind?: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'EdDSA' | 'Ed448';
  isFramed?: boolean;
  hasTopOrigin?: boolean;
  idBytes?: number;
  challengeBytes?: number;
  /** Sizes of what the attestation statement draws. */
  statementDraws?: readonly number[];
  /** U2F knows no flags but the user's presence. */
  isU2f?: boolean;
}

const CERTIFICATE = [32, 16];
const RECIPES: readonly Recipe[] = [
  { name: 'none.ES256' },
  { name: 'packed-self.ES256' },
  { name: 'none.ES256.crossOrigin', isFramed: true },
  { name: 'none.ES256.topOrigin', isFramed: true, hasTopOrigin: true },
  { name: 'none.ES256.long-credential-id', idBytes: 1023 },
  { name: 'packed.ES256', statementDraws: CERTIFICATE },
  { name: 'packed.ES384', kind: 'ES384', statementDraws: CERTIFICATE },
  { name: 'packed.ES512', kind: 'ES512', statementDraws: CERTIFICATE, challengeBytes: 128 },
  { name: 'packed.RS256', kind: 'RS256', statementDraws: CERTIFICATE },
  { name: 'packed.EdDSA', kind: 'EdDSA', statementDraws: CERTIFICATE },
  { name: 'packed.Ed448', kind: 'Ed448', statementDraws: CERTIFICATE },
  { name: 'tpm.ES256', statementDraws: CERTIFICATE },
  { name: 'android-key.ES256', statementDraws: [16] },
  { name: 'apple.ES256', statementDraws: [16] },
  { name: 'fido-u2f.ES256', statementDraws: CERTIFICATE, isU2f: true },
];

export function webauthnVectors(): readonly Vector[] {
  return RECIPES.map(derive);
}

const UP = 0x01;
const UV = 0x04;
const BE = 0x08;
const BS = 0x10;
const AT = 0x40;

function derive(recipe: Recipe): Vector {
  const { name, kind = 'ES256', idBytes = 32, challengeBytes = 32, isFramed = false } = recipe;
  let draws = 0;
  const draw = (length: number) =>
    Buffer.from(hkdfSync('sha256', 'WebAuthn test vectors', Buffer.of(draws++), name, length));

  function clientData(type: string, challenge: string): Buffer {
    const hasExtra = (draw(1).readUInt8() & 1) !== 0;
    const fields = {
      type,
      challenge,
      origin: 'https://example.org',
      crossOrigin: isFramed,
      ...(recipe.hasTopOrigin && { topOrigin: 'https://example.com' }),
      ...(hasExtra && {
        extraData: `clientDataJSON may be extended with additional fields in the future, such as this: ${draw(16).toString('base64url')}`,
      }),
    };
    return Buffer.from(JSON.stringify(fields));
  }

  const firstChallenge = draw(challengeBytes).toString('base64url');
  const key = KEYS[kind](draw);
  const created = clientData('webauthn.create', firstChallenge);
  const aaguid = draw(16);
  const credentialId = draw(idBytes);
  const drawnFlags = recipe.isU2f ? 0 : draw(1).readUInt8() & (UV | BE | BS);
  const flags = drawnFlags & BE ? drawnFlags : drawnFlags & ~BS;
  for (const length of recipe.statementDraws ?? []) draw(length);
  const idLength = Buffer.alloc(2);
  idLength.writeUInt16BE(idBytes);
  const cosePublicKey = encodeCbor(key.cose);
  const attested = Buffer.concat([aaguid, idLength, credentialId, cosePublicKey]);

  const secondChallenge = draw(challengeBytes).toString('base64url');
  const got = clientData('webauthn.get', secondChallenge);
  const drawnLater = draw(1).readUInt8() & (UV | BS);
  const laterFlags = (flags & BE) | (flags & BE ? drawnLater : drawnLater & ~BS);
  const authenticatorData = dataWith(laterFlags | UP);
  const isBackupEligible = (flags & BE) !== 0;
  return {
    name,
    registration: {
      challenge: firstChallenge,
      clientDataJSON: created,
      isVerified: (flags & UV) !== 0,
      isBackupEligible,
      attestationObject: encodeCbor(
        new Map<string, Cbor>([
          ['fmt', name.split('.')[0]?.replace('-self', '') ?? ''],
          ['attStmt', new Map<string, Cbor>()],
          ['authData', Buffer.concat([dataWith(flags | UP | AT), attested])],
        ]),
      ),
    },
    authentication: {
      challenge: secondChallenge,
      clientDataJSON: got,
      isVerified: (laterFlags & UV) !== 0,
      isBackupEligible,
      authenticatorData,
      signature: key.sign(Buffer.concat([authenticatorData, sha256(got)])),
    },
    credentialId,
    cosePublicKey,
    publicKey: key.publicKey,
  };
}

/** RP id hash, flags, and a counter that stays at zero. */
function dataWith(flags: number): Buffer {
  return Buffer.concat([sha256('example.org'), Buffer.of(flags), Buffer.alloc(4)]);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

interface VectorKey {
  cose: ReadonlyMap<number | string, Cbor>;
  publicKey: KeyObject;
  sign(data: Buffer): Buffer | null;
}

const KEYS: Record<NonNullable<Recipe['kind']>, (draw: (length: number) => Buffer) => VectorKey> = {
  ES256(draw) {
    const secret = draw(32);
    return { ...ecKey('prime256v1', secret, [-7, 1]), sign: (data) => signEs256(secret, data) };
  },
  ES384: (draw) => ({ ...ecKey('secp384r1', draw(48), [-35, 2]), sign: () => null }),
  ES512: (draw) => ({ ...ecKey('secp521r1', draw(65), [-36, 3]), sign: () => null }),
  EdDSA(draw) {
    const { privateKey, ...key } = edwardsKey('302e020100300506032b657004220420', draw(32), [-8, 6]);
    return { ...key, sign: (data) => sign(null, data, privateKey) };
  },
  Ed448(draw) {
    const key = edwardsKey('3047020100300506032b6571043b0439', draw(57), [-53, 7]);
    return { ...key, sign: () => null };
  },
  RS256() {
    const [p, q, e] = [2n ** 1279n - 1n, 2n ** 2203n - 1n, 65_537n];
    const d = inverse(e, (p - 1n) * (q - 1n));
    const field = (value: bigint) => bytesOf(value).toString('base64url');
    const jwk = {
      kty: 'RSA',
      n: field(p * q),
      e: field(e),
      d: field(d),
      p: field(p),
      q: field(q),
      dp: field(d % (p - 1n)),
      dq: field(d % (q - 1n)),
      qi: field(inverse(q, p)),
    };
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    return {
      cose: new Map<number, Cbor>([
        [1, 3],
        [3, -257],
        [-1, bytesOf(p * q)],
        [-2, bytesOf(e)],
      ]),
      publicKey: createPublicKey(privateKey),
      sign: (data) => sign('sha256', data, privateKey),
    };
  },
};

const CURVES = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' } as const;

function ecKey(
  curve: keyof typeof CURVES,
  secret: Buffer,
  [alg, crv]: [number, number],
): Omit<VectorKey, 'sign'> {
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey().subarray(1);
  const [x, y] = [point.subarray(0, point.length / 2), point.subarray(point.length / 2)];
  const jwk = {
    kty: 'EC',
    crv: CURVES[curve],
    x: x.toString('base64url'),
    y: y.toString('base64url'),
  };
  const cose = new Map<number, Cbor>([
    [1, 2],
    [3, alg],
    [-1, crv],
    [-2, x],
    [-3, y],
  ]);
  return { cose, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

function edwardsKey(pkcs8Head: string, secret: Buffer, [alg, crv]: [number, number]) {
  const der = Buffer.concat([Buffer.from(pkcs8Head, 'hex'), secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const cose = new Map<number, Cbor>([
    [1, 1],
    [3, alg],
    [-1, crv],
    [-2, Buffer.from(x, 'base64url')],
  ]);
  return { privateKey, publicKey, cose };
}

/** The order of P-256. */
const N = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n;

/** ECDSA over P-256 with the nonce of RFC 6979 section 3.2, in DER. */
function signEs256(secret: Buffer, data: Buffer): Buffer {
  const digest = numberOf(sha256(data));
  const seed = Buffer.concat([secret, bytesOf(digest % N, 32)]);
  const hmac = (key: Buffer, ...parts: Buffer[]) =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  let v: Buffer = Buffer.alloc(32, 1);
  let k: Buffer = Buffer.alloc(32, 0);
  for (const mark of [0, 1]) {
    k = hmac(k, v, Buffer.of(mark), seed);
    v = hmac(k, v);
  }
  // The chance of a nonce outside the order, which would be drawn again, is 2^-32; no vector meets it.
  v = hmac(k, v);
  const nonce = createECDH('prime256v1');
  nonce.setPrivateKey(v);
  const r = numberOf(nonce.getPublicKey().subarray(1, 33)) % N;
  const s = (inverse(numberOf(v), N) * ((digest + r * numberOf(secret)) % N)) % N;
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function derInteger(value: bigint): Buffer {
  const bytes = bytesOf(value);
  const padded = bytes.readUInt8() & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, padded.length), padded]);
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function bytesOf(value: bigint, length = 0): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.alloc(Math.max(0, length - bytes.length)), bytes]);
}

/** The extended Euclidean algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high, x, y] = [value % modulus, modulus, 1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high % low, low];
    [x, y] = [y - quotient * x, x];
  }
  return ((x % modulus) + modulus) % modulus;
}
