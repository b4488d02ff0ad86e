import { FluxError } from './errors.ts';
import { creationOptionsFrom, type FromAuthenticator, jsonOf, requestOptionsFrom } from './passkey-json.ts';
import type { PasskeyJson } from './passkeys.ts';

/** What a page has and a server has not. Handed in, so that no module below the entry point knows where it runs. */
export interface Page {
  address(): string;
  /** Shows another address of this page, and leaves the one before in no history. */
  replaceAddress(url: string): void;
  leaveFor(url: string): void;
  /** Gone with the tab. */
  tab: Shelf;
  /** Shared by all tabs of the origin: a link in a mail opens a new one. */
  origin: Shelf;
  hasPasskeys(): boolean;
  /** Both throw `FluxError`: `passkey_cancelled`, `passkey_exists`, `passkey_unsupported`. */
  createPasskey(options: PasskeyJson): Promise<PasskeyJson>;
  findPasskey(options: PasskeyJson, how: PasskeyChoice): Promise<PasskeyJson>;
}

export interface PasskeyChoice {
  /** `conditional`: offered in the field that asks for the address (`autocomplete="username webauthn"`), without a dialog. */
  mediation?: 'conditional';
  signal?: AbortSignal;
}

interface Shelf {
  get(name: string): string | null;
  put(name: string, value: string): void;
  drop(name: string): void;
}

export function createPage(): Page {
  return {
    address: () => location.href,
    replaceAddress: (url) => history.replaceState(history.state, '', url),
    leaveFor: (url) => location.assign(url),
    tab: createShelf(() => sessionStorage),
    origin: createShelf(() => localStorage),
    hasPasskeys: () => typeof PublicKeyCredential === 'function',
    createPasskey: (json) =>
      ask((credentials) => credentials.create({ publicKey: creationOptionsFrom(json) })),
    findPasskey: (json, { mediation, signal }) =>
      ask((credentials) =>
        credentials.get({
          publicKey: requestOptionsFrom(json),
          ...(mediation ? { mediation } : {}),
          ...(signal ? { signal } : {}),
        }),
      ),
  };
}

/** Browsers that keep nothing (by a user's setting) throw at every touch; then things last as long as the page. */
function createShelf(storage: () => Storage): Shelf {
  const own = new Map<string, string>();
  return {
    get(name) {
      try {
        return storage().getItem(name) ?? own.get(name) ?? null;
      } catch {
        return own.get(name) ?? null;
      }
    },
    put(name, value) {
      try {
        storage().setItem(name, value);
      } catch {
        own.set(name, value);
      }
    },
    drop(name) {
      own.delete(name);
      try {
        storage().removeItem(name);
      } catch {
        // There is nothing to drop then.
      }
    },
  };
}

async function ask(
  work: (credentials: CredentialsContainer) => Promise<Credential | null>,
): Promise<PasskeyJson> {
  if (typeof PublicKeyCredential !== 'function') {
    throw new FluxError('passkey_unsupported', 'There are no passkeys in this browser.');
  }
  try {
    const credential = await work(navigator.credentials);
    if (credential) return jsonOf(credential as unknown as FromAuthenticator);
  } catch (error) {
    throw failureOf(error);
  }
  throw new FluxError('passkey_cancelled', 'No passkey was chosen.');
}

/** WebAuthn 3, sections 5.1.3 and 5.1.4, say which error is thrown for what. */
function failureOf(error: unknown): unknown {
  switch ((error as { name?: unknown } | null)?.name) {
    case 'NotAllowedError':
    case 'AbortError':
      return new FluxError('passkey_cancelled', 'The passkey was not used.');
    case 'InvalidStateError':
      return new FluxError('passkey_exists', 'This device holds a passkey of this account already.');
    case 'NotSupportedError':
    case 'SecurityError':
    case 'ConstraintError':
      return new FluxError('passkey_unsupported', 'No passkey can be used here.');
    default:
      return error;
  }
}
