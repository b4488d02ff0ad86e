import { createHash, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Vector, webauthnVectors } from '../../testing/webauthn-vectors.ts';
import type { Passkey } from './passkey-store.ts';
import { verifyAssertion } from './verify-assertion.ts';
import { verifyRegistration } from './verify-registration.ts';

const VECTORS = webauthnVectors();
const relyingParty = { id: 'example.org', name: 'Example', origins: ['https://example.org'] };

/** How the signatures begin that the specification prints. */
const PRINTED: Record<string, string> = {
  'none.ES256': '3046022100f50a4e2e4409249c4a853ba361282f09',
  'packed-self.ES256': '304402203310b9431903c401f1be2bdc8d23a40076',
  'none.ES256.crossOrigin': '3046022100eb12fcf23b12764c0f122e22371fab92',
  'none.ES256.topOrigin': '3045022100b5a70c81780d5fcc9a4f2ae9caae9905',
  'none.ES256.long-credential-id': '304502203ecef83fb12a0cae7841055f9f87103a99',
  'packed.ES256': '30450220694969d3ee928de6f02ef23a9c644d7d77',
  'packed.RS256': '01063d52d7c39b4d432fc7063c5d93e582bdcb1688',
  'packed.EdDSA': 'f5c59c7e46c34f6f8cc197101ddf9934fa2595f68e',
  'apple.ES256': '3046022100ee35db795ce28044e1f8231d68b3d79a',
  'fido-u2f.ES256': '304402206172459958fea907b7292b92f555034bfd',
};

/**
 * All fifteen are good by the specification. Ours are those where the user was verified, whose page was in no
 * frame, and whose key is of a kind that was asked for; what a relying party may demand (7.1 and 7.2).
 */
const REGISTERED = ['packed-self.ES256', 'packed.ES256', 'packed.RS256', 'tpm.ES256', 'android-key.ES256'];
const SIGNED_IN = ['none.ES256.long-credential-id', 'packed.ES256', 'tpm.ES256'];

function register({ registration, credentialId }: Vector) {
  const id = credentialId.toString('base64url');
  return verifyRegistration({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: registration.clientDataJSON.toString('base64url'),
        attestationObject: registration.attestationObject.toString('base64url'),
      },
    },
    challenge: registration.challenge,
    relyingParty,
  });
}

function signIn(
  { authentication, credentialId, cosePublicKey }: Vector,
  signature: Buffer | null = authentication.signature,
) {
  const id = credentialId.toString('base64url');
  const passkey: Passkey = {
    credentialId: id,
    projectId: 'proj_1',
    userId: '1',
    rpId: null,
    name: 'Vector',
    publicKey: new Uint8Array(cosePublicKey),
    counter: 0,
    transports: [],
    deviceType: authentication.isBackupEligible ? 'multiDevice' : 'singleDevice',
    isBackedUp: false,
    createdAt: 0,
    lastUsedAt: null,
  };
  return verifyAssertion({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: authentication.clientDataJSON.toString('base64url'),
        authenticatorData: authentication.authenticatorData.toString('base64url'),
        signature: (signature ?? Buffer.alloc(64)).toString('base64url'),
      },
    },
    challenge: authentication.challenge,
    passkey,
    relyingParty,
  });
}

describe("the specification's test vectors", () => {
  it('are fifteen, with the signatures it prints', () => {
    expect(VECTORS).toHaveLength(15);
    const derived = VECTORS.map(
      ({ name, authentication }) => [name, authentication.signature?.toString('hex')] as const,
    );
    for (const [name, signature] of derived) {
      if (PRINTED[name]) expect(signature, name).toMatch(new RegExp(`^${PRINTED[name]}`));
    }
    expect(Object.keys(PRINTED).filter((name) => !derived.some(([own]) => own === name))).toEqual([]);
  });

  it.each(VECTORS)('$name is registered if it meets our demands, and not else [C09]', async (vector) => {
    const result = await register(vector);
    if (!REGISTERED.includes(vector.name)) return expect(result).toBe('wrong');
    return expect(result).toMatchObject({
      credentialId: vector.credentialId.toString('base64url'),
      publicKey: new Uint8Array(vector.cosePublicKey),
      counter: 0,
      deviceType: vector.registration.isBackupEligible ? 'multiDevice' : 'singleDevice',
    });
  });

  it.each(VECTORS)('$name signs in if it meets our demands, and not else [C03, C09]', async (vector) => {
    const { authenticatorData, clientDataJSON, signature } = vector.authentication;
    expect((await signIn(vector)) !== null).toBe(SIGNED_IN.includes(vector.name));
    if (!signature) return;
    // What is refused is refused for our demands: the signature is good.
    const data = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()]);
    const hash = vector.name.endsWith('EdDSA') ? null : 'sha256';
    expect(verify(hash, data, vector.publicKey, signature)).toBe(true);
    const flipped = Buffer.from(signature);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1);
    expect(await signIn(vector, flipped)).toBeNull();
  });
});
