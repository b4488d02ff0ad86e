import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { isClientDataRight, readClientData } from './client-data.ts';
import type { Passkey } from './passkey-store.ts';
import { type RelyingParty, userHandleOf } from './relying-party.ts';
import type { AuthenticationResponse } from './responses.ts';

interface Assertion {
  counter: number;
  isBackedUp: boolean;
}

/**
 * Judges an answer to a challenge (WebAuthn 7.2) but for the counter, which is the caller's to compare. Null for
 * whatever is wrong: the library's errors carry no codes, and one the expected challenge, so none leaves here.
 */
export async function verifyAssertion({
  response,
  challenge,
  passkey,
  relyingParty,
}: {
  response: AuthenticationResponse;
  challenge: string;
  passkey: Passkey;
  relyingParty: RelyingParty;
}): Promise<Assertion | null> {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response.response;
  const data = readClientData(clientDataJSON);
  const { id: rpId, origins } = relyingParty;
  if (!data || !isClientDataRight(data, { type: 'webauthn.get', challenge, origins })) return null;
  if (userHandle != null && userHandle !== userHandleOf(passkey.userId)) return null;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: response.id,
        rawId: response.rawId,
        type: response.type,
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      // Zero switches the library's counter rule off; it would look before the signature is known to be good.
      credential: { id: passkey.credentialId, publicKey: passkey.publicKey, counter: 0 },
    });
    // Step 20: whether a passkey can be copied to other devices never changes.
    if (!verified || authenticationInfo.credentialDeviceType !== passkey.deviceType) return null;
    return {
      counter: authenticationInfo.newCounter,
      isBackedUp: authenticationInfo.credentialBackedUp,
    };
  } catch {
    return null;
  }
}
