import { fromBase64Url, toBase64Url } from './base64url.ts';
import type { PasskeyJson } from './passkeys.ts';

interface Described {
  id: string;
  [field: string]: unknown;
}

/** The parts of `PublicKeyCredential` that are read; not every browser and password manager has `toJSON`. */
export interface FromAuthenticator {
  id: string;
  rawId: ArrayBuffer;
  type: string;
  authenticatorAttachment?: string | null;
  response: Record<string, unknown> & { getTransports?(): string[] };
  getClientExtensionResults(): object;
  toJSON?(): PasskeyJson;
}

/** What browsers have learned later than passkeys themselves (WebAuthn 3, section 5.1). */
type Parsers = typeof globalThis.PublicKeyCredential & {
  parseCreationOptionsFromJSON?(json: PasskeyJson): PublicKeyCredentialCreationOptions;
  parseRequestOptionsFromJSON?(json: PasskeyJson): PublicKeyCredentialRequestOptions;
};

const parsers = () => PublicKeyCredential as Parsers;

export function creationOptionsFrom(json: PasskeyJson): PublicKeyCredentialCreationOptions {
  const parsed = parsers().parseCreationOptionsFromJSON?.(json);
  if (parsed) return parsed;
  const user = json['user'] as Described;
  return {
    ...json,
    challenge: bytesOf(json['challenge']),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: describedIn(json['excludeCredentials']),
  } as unknown as PublicKeyCredentialCreationOptions;
}

export function requestOptionsFrom(json: PasskeyJson): PublicKeyCredentialRequestOptions {
  const parsed = parsers().parseRequestOptionsFromJSON?.(json);
  if (parsed) return parsed;
  return {
    ...json,
    challenge: bytesOf(json['challenge']),
    allowCredentials: describedIn(json['allowCredentials']),
  } as unknown as PublicKeyCredentialRequestOptions;
}

export function jsonOf(credential: FromAuthenticator): PasskeyJson {
  try {
    const json = credential.toJSON?.();
    if (json) return json;
  } catch {
    // Some password managers put an object of their own here, on which the browser's own method throws.
  }
  const { id, rawId, type, authenticatorAttachment, response } = credential;
  const read: PasskeyJson = {};
  for (const name of [
    'clientDataJSON',
    'attestationObject',
    'authenticatorData',
    'signature',
    'userHandle',
  ]) {
    const value = response[name];
    if (value instanceof ArrayBuffer) read[name] = toBase64Url(value);
  }
  if (response.getTransports) read['transports'] = response.getTransports();
  return {
    ...{ id, rawId: toBase64Url(rawId), type, response: read },
    ...(authenticatorAttachment ? { authenticatorAttachment } : {}),
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function describedIn(list: unknown): Described[] {
  return ((list ?? []) as Described[]).map((one) => ({ ...one, id: bytesOf(one.id) as unknown as string }));
}

function bytesOf(text: unknown): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === 'string' ? fromBase64Url(text) : null;
  if (bytes) return bytes;
  throw new TypeError('These are no options of a passkey.');
}
