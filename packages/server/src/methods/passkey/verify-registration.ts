import { verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers';
import { isClientDataRight, readClientData } from './client-data.ts';
import { isUsableKey } from './cose-key.ts';
import type { Passkey } from './passkey-store.ts';
import { ALGORITHMS, type RelyingParty } from './relying-party.ts';
import type { RegistrationResponse } from './responses.ts';

type NewCredential = Pick<
  Passkey,
  'credentialId' | 'publicKey' | 'counter' | 'transports' | 'deviceType' | 'isBackedUp'
>;

/** WebAuthn 4: at least 16 bytes of a credential id, and (7.1 step 25) at most 1,023. */
const ID_BYTES = { minimum: 16, maximum: 1_023 };
/** WebAuthn 5.8.4; others would be nothing to any browser. */
const TRANSPORTS = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

/**
 * Judges what a browser made (WebAuthn 7.1). `wrong` or `key` for whatever is not right: the library's errors
 * carry no codes, and one the expected challenge, so none leaves here.
 */
export async function verifyRegistration({
  response,
  challenge,
  relyingParty,
}: {
  response: RegistrationResponse;
  challenge: string;
  relyingParty: RelyingParty;
}): Promise<NewCredential | 'wrong' | 'key'> {
  const { clientDataJSON, attestationObject, transports } = response.response;
  const data = readClientData(clientDataJSON);
  const { id: rpId, origins } = relyingParty;
  if (!data || !isClientDataRight(data, { type: 'webauthn.create', challenge, origins })) return 'wrong';
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: response.id,
        rawId: response.rawId,
        type: response.type,
        response: { clientDataJSON, attestationObject: withoutStatement(attestationObject) },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!verified) return 'wrong';
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
    const idBytes = Buffer.from(credential.id, 'base64url').length;
    if (credential.id !== response.id) return 'wrong';
    if (idBytes < ID_BYTES.minimum || idBytes > ID_BYTES.maximum) return 'wrong';
    if (!isUsableKey(credential.publicKey)) return 'key';
    return {
      credentialId: credential.id,
      publicKey: credential.publicKey,
      counter: credential.counter,
      transports: [...new Set(transports ?? [])].filter((name) => TRANSPORTS.has(name)),
      deviceType: credentialDeviceType,
      isBackedUp: credentialBackedUp,
    };
  } catch {
    return 'wrong';
  }
}

/**
 * The attestation object as a browser sends it that does what we ask: without a statement of who made the
 * authenticator. Nobody here would trust one, and judging it would parse strangers' certificates and fetch the
 * revocation lists they name.
 */
function withoutStatement(attestationObject: string): string {
  const sent = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
  const bare = isoCBOR.encode(
    new Map<string, string | Uint8Array | Map<string, string>>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', sent.get('authData')],
    ]),
  );
  return Buffer.from(bare).toString('base64url');
}
