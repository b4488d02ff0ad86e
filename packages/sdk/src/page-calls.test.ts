import { beforeEach, describe, expect, it } from 'vitest';
import { FluxError } from './errors.ts';
import type { Page } from './page.ts';
import { createPageCalls, type PageCalls } from './page-calls.ts';
import type { FluxUser } from './user.ts';
import type { UserCalls } from './user-calls.ts';

const HOME = 'https://app.example/login?tab=1';
const KEY = 'flux_pk_1';
const user = { id: '1', sessionToken: 't' } as unknown as FluxUser;

/** The origin's storage outlives a tab, the tab's does not. */
function createFakePage(origin = new Map<string, string>()) {
  let address = HOME;
  const left: string[] = [];
  const tab = new Map<string, string>();
  const shelf = (map: Map<string, string>) => ({
    get: (name: string) => map.get(name) ?? null,
    put: (name: string, value: string) => void map.set(name, value),
    drop: (name: string) => void map.delete(name),
  });
  const page: Page = {
    address: () => address,
    replaceAddress: (url) => {
      address = url;
    },
    leaveFor: (url) => void left.push(url),
    tab: shelf(tab),
    origin: shelf(origin),
    hasPasskeys: () => true,
    createPasskey: async (options) => ({ made: options['challenge'] }),
    findPasskey: async (options, { mediation }) => ({ found: options['challenge'], mediation }),
  };
  return {
    page,
    tab,
    origin,
    left,
    show(url: string) {
      address = url;
    },
  };
}

let asked: [name: string, ...args: unknown[]][];
/** Thrown by the next call. */
let refusal: string | null;
let fake: ReturnType<typeof createFakePage>;
let auth: PageCalls;

function note<Answer>(name: string, answer: Answer) {
  return async (...args: unknown[]): Promise<Answer> => {
    asked.push([name, ...args]);
    const code = refusal;
    refusal = null;
    if (code) throw new FluxError(code, 'Refused.');
    return answer;
  };
}

function authOn({ page }: { page: Page }): PageCalls {
  const calls = {
    sendMagicLink: note('sendMagicLink', { attempt: 'att', expiresAt: '' }),
    completeMagicLink: note('completeMagicLink', user),
    finishPasswordReset: note('finishPasswordReset', user),
    finishEmailVerification: note('finishEmailVerification', undefined),
    exchangeCode: note('exchangeCode', user),
    signInWithProviderUrl: (way: object) => `https://auth.example/start?${JSON.stringify(way)}`,
    hostedSignInUrl: async (way: object) => `https://auth.example/p?${JSON.stringify(way)}`,
    mfa: {
      startPasskey: note('startPasskey', { challenge: 'c3' }),
      finishPasskey: note('finishPasskey', user),
    },
    passkeys: {
      startSignIn: note('startSignIn', { challenge: 'c1' }),
      finishSignIn: note('finishSignIn', user),
      startRegistration: note('startRegistration', { challenge: 'c2' }),
      finishRegistration: note('finishRegistration', { id: 'pk_1' }),
    },
  };
  return createPageCalls({ page, calls: calls as unknown as UserCalls, publishableKey: KEY });
}

beforeEach(() => {
  asked = [];
  refusal = null;
  fake = createFakePage();
  auth = authOn(fake);
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    ({ code }) => code as string,
  );

describe('a magic link', () => {
  it('is finished in another tab of the browser that asked, and leaves no token in the address', async () => {
    await auth.sendMagicLink({ email: 'a@x.example' });
    const other = createFakePage(fake.origin);
    other.show('https://app.example/magic?x=1#flux_magic=TO-ken_1');
    const there = authOn(other);
    expect(there.linkInAddress()).toBe('magic');
    expect(other.page.address()).toBe('https://app.example/magic?x=1');
    expect(await there.completeMagicLink()).toBe(user);
    expect(asked.at(-1)).toEqual(['completeMagicLink', { attempt: 'att', token: 'TO-ken_1' }]);
    expect(fake.origin.size).toBe(0);
    expect(there.linkInAddress()).toBeNull();
    expect(await codeOf(there.completeMagicLink())).toBe('invalid_link');
    expect(asked).toHaveLength(2);
  });

  it('opened in another browser signs nobody in there, and asks nobody', async () => {
    fake.show('https://app.example/magic#flux_magic=TOKEN');
    expect(await codeOf(auth.completeMagicLink())).toBe('invalid_link');
    expect(asked).toEqual([]);
    expect(fake.page.address()).toBe('https://app.example/magic');
  });

  it('is finished by the code where it was asked for, with another try after a wrong one', async () => {
    await auth.sendMagicLink({ email: 'a@x.example' });
    refusal = 'invalid_code';
    expect(await codeOf(auth.completeMagicLink({ code: '000000' }))).toBe('invalid_code');
    expect(await auth.completeMagicLink({ code: '123456' })).toBe(user);
    expect(asked.at(-1)).toEqual(['completeMagicLink', { attempt: 'att', code: '123456' }]);
  });

  it('can be tried again after an outage, not after a refusal', async () => {
    await auth.sendMagicLink({ email: 'a@x.example' });
    fake.show('https://app.example/#flux_magic=TOKEN');
    refusal = 'network_error';
    expect(await codeOf(auth.completeMagicLink())).toBe('network_error');
    refusal = 'invalid_link';
    expect(await codeOf(auth.completeMagicLink())).toBe('invalid_link');
    expect(await codeOf(auth.completeMagicLink())).toBe('invalid_link');
    expect(asked).toHaveLength(3);
  });
});

describe('other links from mails', () => {
  it('lets a weak password be mended', async () => {
    fake.show('https://app.example/reset#flux_reset=TOKEN');
    refusal = 'weak_password';
    expect(await codeOf(auth.finishPasswordReset({ password: 'a' }))).toBe('weak_password');
    expect(fake.page.address()).toBe('https://app.example/reset');
    expect(await auth.finishPasswordReset({ password: 'b' })).toBe(user);
    expect(asked.at(-1)).toEqual(['finishPasswordReset', { token: 'TOKEN', password: 'b' }]);
  });

  it('takes none for another kind', async () => {
    fake.show('https://app.example/#flux_verify=TOKEN');
    expect(await codeOf(auth.finishPasswordReset({ password: 'b' }))).toBe('invalid_link');
    expect(auth.linkInAddress()).toBe('verify');
    await auth.finishEmailVerification();
    expect(asked).toEqual([['finishEmailVerification', { token: 'TOKEN' }]]);
  });

  it.each(['#section', '#flux_magic=', '#flux_other=x', '#flux_magic=a&b=c', ''])(
    'leaves %j alone',
    (hash) => {
      fake.show(`https://app.example/${hash}`);
      expect(auth.linkInAddress()).toBeNull();
      expect(fake.page.address()).toBe(`https://app.example/${hash}`);
    },
  );
});

describe('a redirect', () => {
  /** Goes there, and tells what was sent along. */
  async function begin(): Promise<{ redirectUrl: string; codeChallenge: string; state: string }> {
    await auth.signInWithProvider({ provider: 'github' });
    const [, query = ''] = /\?(.*)$/s.exec(fake.left.at(-1) ?? '') ?? [];
    return JSON.parse(query);
  }

  it('takes the challenge along, keeps the verifier in the tab, and ends in a session once', async () => {
    const way = await begin();
    expect(way).toMatchObject({ provider: 'github', redirectUrl: 'https://app.example/login' });
    const [kept = ''] = fake.tab.values();
    const { codeVerifier, redirectUrl } = JSON.parse(kept) as Record<string, string>;
    expect(JSON.stringify(way)).not.toContain(codeVerifier);
    expect(fake.origin.size).toBe(0);
    fake.show(`https://app.example/login?code=C1&state=${way.state}&kept=1#here`);
    expect(await auth.completeRedirect()).toBe(user);
    expect(asked).toEqual([['exchangeCode', { code: 'C1', codeVerifier, redirectUrl }]]);
    expect(redirectUrl).toBe('https://app.example/login');
    expect(fake.page.address()).toBe('https://app.example/login?kept=1#here');
    expect(fake.tab.size).toBe(0);
    expect(await auth.completeRedirect()).toBeNull();
    fake.show(`https://app.example/login?code=C1&state=${way.state}`);
    expect(await codeOf(auth.completeRedirect())).toBe('invalid_link');
    expect(asked).toHaveLength(1);
  });

  it("refuses an answer that nobody asked for here, and takes it out of the address (somebody else's sign-in)", async () => {
    await begin();
    fake.show('https://app.example/login?code=THEIRS&state=theirs');
    expect(await codeOf(auth.completeRedirect())).toBe('invalid_link');
    expect(asked).toEqual([]);
    expect(fake.page.address()).toBe('https://app.example/login');
  });

  it.each([
    ['access_denied', 'access_denied'],
    ['account_exists', 'account_exists'],
    ['<script>', 'sign_in_failed'],
  ])('that says %s rejects with %s', async (error, code) => {
    const { state } = await begin();
    fake.show(`https://app.example/login?error=${encodeURIComponent(error)}&state=${state}`);
    expect(await codeOf(auth.completeRedirect())).toBe(code);
    expect(fake.tab.size).toBe(0);
  });

  it('goes to the hosted pages the same way', async () => {
    await auth.signInWithHostedPage({ page: 'sign-up', redirectUrl: 'https://app.example/back' });
    expect(fake.left[0]).toContain('"page":"sign-up"');
    expect(fake.left[0]).toContain('"redirectUrl":"https://app.example/back"');
    expect(await auth.hostedSignInUrl()).toContain('"page":"sign-in"');
    expect(fake.tab.size).toBe(2);
  });

  it.each(['https://app.example/', 'https://app.example/?state=x', 'https://app.example/?code=x'])(
    'is none at %s',
    async (url) => {
      fake.show(url);
      expect(await auth.completeRedirect()).toBeNull();
      expect(fake.page.address()).toBe(url);
    },
  );
});

describe('passkeys in a page', () => {
  it('carry what the server asks to the authenticator, and its answer back', async () => {
    expect(await auth.signInWithPasskey({ mediation: 'conditional' })).toBe(user);
    expect(asked.at(-1)).toEqual(['finishSignIn', { found: 'c1', mediation: 'conditional' }]);
    expect(await auth.verifyWithPasskey('token')).toBe(user);
    expect(asked.at(-1)).toEqual(['finishPasskey', 'token', { found: 'c3', mediation: undefined }]);
    expect(await auth.showPasskey({ challenge: 'c4' })).toMatchObject({ found: 'c4' });
    expect(await auth.makePasskey({ challenge: 'c5' })).toEqual({ made: 'c5' });
    await auth.registerPasskey('token', { name: 'Phone' });
    expect(asked.at(-1)).toEqual([
      'finishRegistration',
      'token',
      { response: { made: 'c2' }, name: 'Phone' },
    ]);
  });
});
