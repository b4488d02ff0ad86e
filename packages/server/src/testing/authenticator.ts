import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Cbor, encodeCbor } from './cbor.ts';

/** The options of our own answers, as far as an authenticator reads them. */
export interface CreationOptions {
  challenge: string;
  user: { id: string };
}
export interface RequestOptions {
  challenge: string;
  allowCredentials?: { id: string }[];
}

type Algorithm = 'ES256' | 'RS256' | 'EdDSA';
interface Flags {
  /** User present, user verified, can be backed up, is backed up, has credential data, has extension data. */
  up: boolean;
  uv: boolean;
  be: boolean;
  bs: boolean;
  at: boolean;
  ed: boolean;
}
type CoseKey = Map<number | string, Cbor>;

/** What an answer of the browser looks like; loose, so that tests can put anything into it. */
export interface BrowserResponse {
  id: string;
  rawId: string;
  type: string;
  response: Record<string, unknown>;
  clientExtensionResults: Record<string, unknown>;
  authenticatorAttachment?: string;
  [key: string]: unknown;
}

/** How an answer differs from an honest one. All but `signature` and `answer` happen before it is signed. */
export interface Tampering {
  /** Written over the client data; undefined takes a key away. */
  clientData?: Record<string, unknown>;
  /** Sent instead of the client data, byte by byte. */
  clientDataText?: string | Uint8Array;
  flags?: Partial<Flags>;
  /** Whose hash stands in the authenticator data. */
  rpId?: string;
  /** Instead of the counter's next value, which then stays as it was. */
  counter?: number;
  /** In the attested data and around it. */
  credentialId?: Uint8Array;
  /** Changes the COSE key that is registered. */
  publicKey?(key: CoseKey): void;
  fmt?: string;
  attStmt?: ReadonlyMap<string, Cbor>;
  /** Changes the authenticator data at the end. */
  authenticatorData?(bytes: Buffer): Uint8Array;
  /** Changes the attestation object as it is sent. */
  attestationObject?(bytes: Buffer): Uint8Array;
  signature?(bytes: Buffer): Uint8Array;
  /** Changes the finished JSON. */
  answer?(json: BrowserResponse): void;
}

export interface Authenticator {
  readonly credentials: readonly { id: string; userHandle: string }[];
  /** Makes a passkey: what `navigator.credentials.create()` would give as JSON. */
  register(options: CreationOptions, tampering?: Tampering): BrowserResponse;
  /** Signs in: with the first passkey the options allow, else the newest. */
  assert(options: RequestOptions, tampering?: Tampering): BrowserResponse;
}

interface Credential {
  id: string;
  userHandle: string;
  privateKey: KeyObject;
  counter: number;
}

interface AuthenticatorOptions {
  rpId: string;
  origin: string;
  algorithm?: Algorithm;
  /** Null for one that keeps no counter, as passkeys synchronised between devices do. */
  counter?: number | null;
  /** Whether its passkeys are copied to other devices. */
  isSynced?: boolean;
}

const HONEST: Flags = { up: true, uv: true, be: false, bs: false, at: false, ed: false };

/** A browser and its authenticator in one, in software: what it answers verifies, unless it is told to cheat. */
export function createAuthenticator({
  rpId,
  origin,
  algorithm = 'ES256',
  counter = 0,
  isSynced = false,
}: AuthenticatorOptions): Authenticator {
  const credentials: Credential[] = [];

  function clientDataOf(type: string, challenge: string, tampering: Tampering): Buffer {
    const { clientData, clientDataText } = tampering;
    if (clientDataText !== undefined) return Buffer.from(clientDataText as string);
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...clientData }));
  }

  function authenticatorData(
    tampering: Tampering,
    { attested, count }: { attested: Buffer | null; count: number },
  ): Buffer {
    const synced = { be: isSynced, bs: isSynced };
    const flags = { ...HONEST, ...synced, at: attested !== null, ...tampering.flags };
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flagsByte(flags));
    tail.writeUInt32BE(tampering.counter ?? count, 1);
    const honest = Buffer.concat([sha256(tampering.rpId ?? rpId), tail, attested ?? Buffer.of()]);
    return Buffer.from(tampering.authenticatorData?.(honest) ?? honest);
  }

  return {
    credentials,
    register(options, tampering = {}) {
      const { privateKey, cose } = newKey(algorithm);
      tampering.publicKey?.(cose);
      const rawId = Buffer.from(tampering.credentialId ?? randomBytes(32));
      const id = rawId.toString('base64url');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(rawId.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, encodeCbor(cose)]);
      const data = authenticatorData(tampering, { attested, count: counter ?? 0 });
      const object = encodeCbor(
        new Map<string, Cbor>([
          ['fmt', tampering.fmt ?? 'none'],
          ['attStmt', tampering.attStmt ?? new Map<string, Cbor>()],
          ['authData', data],
        ]),
      );
      credentials.push({ id, userHandle: options.user.id, privateKey, counter: counter ?? 0 });
      const json: BrowserResponse = {
        id,
        rawId: id,
        type: 'public-key',
        authenticatorAttachment: 'platform',
        response: {
          clientDataJSON: base64url(clientDataOf('webauthn.create', options.challenge, tampering)),
          attestationObject: base64url(tampering.attestationObject?.(object) ?? object),
          transports: ['internal', 'hybrid'],
        },
        clientExtensionResults: { credProps: { rk: true } },
      };
      tampering.answer?.(json);
      return json;
    },
    assert(options, tampering = {}) {
      const allowed = options.allowCredentials?.map(({ id }) => id);
      const credential = credentials.findLast(({ id }) => allowed?.includes(id) ?? true);
      if (!credential) throw new Error('This authenticator has no passkey that the options allow.');
      if (counter !== null && tampering.counter === undefined) credential.counter++;
      const data = authenticatorData(tampering, { attested: null, count: credential.counter });
      const clientData = clientDataOf('webauthn.get', options.challenge, tampering);
      const signed = Buffer.concat([data, sha256(clientData)]);
      const signature = sign(algorithm === 'EdDSA' ? null : 'sha256', signed, credential.privateKey);
      const id = tampering.credentialId ? base64url(tampering.credentialId) : credential.id;
      const json: BrowserResponse = {
        id,
        rawId: id,
        type: 'public-key',
        authenticatorAttachment: 'platform',
        response: {
          clientDataJSON: base64url(clientData),
          authenticatorData: base64url(data),
          signature: base64url(tampering.signature?.(signature) ?? signature),
          userHandle: credential.userHandle,
        },
        clientExtensionResults: {},
      };
      tampering.answer?.(json);
      return json;
    },
  };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** WebAuthn 6.1: bits 0, 2, 3, 4, 6 and 7. */
function flagsByte({ up, uv, be, bs, at, ed }: Flags): number {
  const bits: [boolean, number][] = [
    [up, 0],
    [uv, 2],
    [be, 3],
    [bs, 4],
    [at, 6],
    [ed, 7],
  ];
  return bits.reduce((byte, [isSet, bit]) => byte | (isSet ? 1 << bit : 0), 0);
}

/** RFC 9052 and 9053: kty 1, alg 3, and the parameters of each kind below zero. */
function newKey(algorithm: Algorithm): { privateKey: KeyObject; cose: CoseKey } {
  const field = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
  if (algorithm === 'RS256') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { n, e } = publicKey.export({ format: 'jwk' });
    return {
      privateKey,
      cose: new Map<number | string, Cbor>([
        [1, 3],
        [3, -257],
        [-1, field(n)],
        [-2, field(e)],
      ]),
    };
  }
  if (algorithm === 'EdDSA') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    return {
      privateKey,
      cose: new Map<number | string, Cbor>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, field(publicKey.export({ format: 'jwk' }).x)],
      ]),
    };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  return {
    privateKey,
    cose: new Map<number | string, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, field(x)],
      [-3, field(y)],
    ]),
  };
}
