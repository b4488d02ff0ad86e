import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPage } from './page.ts';

const bytes = (...values: number[]) => new Uint8Array(values);

/** An authenticator as browsers of before WebAuthn 3 have it: no `toJSON`, no options from JSON. */
function stubAuthenticator(answer: () => unknown, statics: object = {}) {
  const given: unknown[] = [];
  const ask = async (options: unknown) => {
    given.push(options);
    return answer();
  };
  vi.stubGlobal(
    'PublicKeyCredential',
    Object.assign(() => undefined, statics),
  );
  vi.stubGlobal('navigator', { credentials: { get: ask, create: ask } });
  return given;
}

const assertion = () => ({
  id: 'AQI',
  rawId: bytes(1, 2).buffer,
  type: 'public-key',
  authenticatorAttachment: 'platform',
  response: {
    clientDataJSON: bytes(3).buffer,
    authenticatorData: bytes(255, 254).buffer,
    signature: bytes(5).buffer,
    userHandle: null,
  },
  getClientExtensionResults: () => ({}),
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    ({ code, name }) => (code ?? name) as string,
  );

afterEach(() => vi.unstubAllGlobals());

describe('passkeys in browsers without JSON of their own', () => {
  it('are found with bytes in place of text, and answered as text', async () => {
    const given = stubAuthenticator(assertion);
    const options = { challenge: '_-8', rpId: 'x', allowCredentials: [{ id: 'AQI', type: 'public-key' }] };
    expect(await createPage().findPasskey(options, {})).toEqual({
      ...{ id: 'AQI', rawId: 'AQI', type: 'public-key', authenticatorAttachment: 'platform' },
      response: { clientDataJSON: 'Aw', authenticatorData: '__4', signature: 'BQ' },
      clientExtensionResults: {},
    });
    expect(given).toEqual([
      {
        publicKey: {
          ...{ challenge: bytes(255, 239), rpId: 'x' },
          allowCredentials: [{ id: bytes(1, 2), type: 'public-key' }],
        },
      },
    ]);
  });

  it('are made the same way', async () => {
    const response = {
      clientDataJSON: bytes(3).buffer,
      attestationObject: bytes(4).buffer,
      getTransports: () => ['internal'],
    };
    const given = stubAuthenticator(() => ({ ...assertion(), response }));
    const user = { id: 'AQ', name: 'a' };
    const made = await createPage().createPasskey({ challenge: 'AA', user, rp: { id: 'x' } });
    expect(made['response']).toEqual({
      ...{ clientDataJSON: 'Aw', attestationObject: 'BA', transports: ['internal'] },
    });
    expect(given[0]).toMatchObject({
      publicKey: { challenge: bytes(0), user: { id: bytes(1), name: 'a' }, excludeCredentials: [] },
    });
  });

  it("uses the browser's own where it has them, and does without where they fail", async () => {
    const statics = { parseRequestOptionsFromJSON: (json: object) => ({ parsed: json }) };
    const given = stubAuthenticator(() => ({ ...assertion(), toJSON: () => ({ own: true }) }), statics);
    const signal = new AbortController().signal;
    const how = { mediation: 'conditional', signal } as const;
    expect(await createPage().findPasskey({ challenge: 'AA' }, how)).toEqual({ own: true });
    expect(given[0]).toEqual({ publicKey: { parsed: { challenge: 'AA' } }, ...how });
    const broken = () => ({
      ...assertion(),
      toJSON() {
        throw new TypeError('Illegal invocation');
      },
    });
    stubAuthenticator(broken);
    expect(await createPage().findPasskey({ challenge: 'AA' }, {})).toMatchObject({ rawId: 'AQI' });
  });
});

describe('a passkey that is not used', () => {
  it.each([
    ['NotAllowedError', 'passkey_cancelled'],
    ['AbortError', 'passkey_cancelled'],
    ['InvalidStateError', 'passkey_exists'],
    ['SecurityError', 'passkey_unsupported'],
    ['NotSupportedError', 'passkey_unsupported'],
    ['TypeError', 'TypeError'],
  ])('because of %s says %s', async (name, code) => {
    stubAuthenticator(() => {
      throw Object.assign(new Error('no'), { name });
    });
    expect(await codeOf(createPage().findPasskey({ challenge: 'AA' }, {}))).toBe(code);
  });

  it('says so when there is none, and where there are none at all', async () => {
    stubAuthenticator(() => null);
    const page = createPage();
    expect(page.hasPasskeys()).toBe(true);
    expect(await codeOf(page.findPasskey({ challenge: 'AA' }, {}))).toBe('passkey_cancelled');
    vi.unstubAllGlobals();
    expect(page.hasPasskeys()).toBe(false);
    expect(await codeOf(page.createPasskey({}))).toBe('passkey_unsupported');
  });
});

describe('what a page keeps', () => {
  beforeEach(() => {
    const items = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => items.get(name) ?? null,
      setItem: (name: string, value: string) => void items.set(name, value),
      removeItem: (name: string) => void items.delete(name),
    });
  });

  it('is there for another client of the same origin', () => {
    createPage().origin.put('a', '1');
    expect(createPage().origin.get('a')).toBe('1');
    createPage().origin.drop('a');
    expect(createPage().origin.get('a')).toBeNull();
  });

  it('lasts as long as the page where the browser keeps nothing', () => {
    const { tab } = createPage();
    tab.put('a', '1');
    expect(tab.get('a')).toBe('1');
    tab.drop('a');
    expect(tab.get('a')).toBeNull();
  });
});
