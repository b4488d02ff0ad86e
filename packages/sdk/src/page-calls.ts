import { FluxError } from './errors.ts';
import type { MagicLinkSent, MailTo } from './mailed.ts';
import type { Page, PasskeyChoice } from './page.ts';
import type { PasskeyJson, RegisteredPasskey } from './passkeys.ts';
import { createPkce, type Pkce } from './pkce.ts';
import type { HostedPage, Provider } from './redirects.ts';
import type { FluxUser } from './user.ts';
import type { UserCalls } from './user-calls.ts';

/** Which of our mails' links has opened this page. */
export type LinkKind = 'magic' | 'reset' | 'verify';

export interface RedirectTo {
  /** As the project's `redirect_urls` have it. Default: this page, without query and fragment. */
  redirectUrl?: string;
}

type Replaced =
  | 'completeMagicLink'
  | 'finishPasswordReset'
  | 'finishEmailVerification'
  | 'signInWithProviderUrl'
  | 'hostedSignInUrl'
  | 'exchangeCode';

/** What a page keeps, reads from its address, and asks of the browser, so that the app need not. */
export interface PageCalls extends Omit<UserCalls, Replaced> {
  /** Null where no link of ours has opened this page. Takes the token out of the address, and keeps it for the call below. */
  linkInAddress(): LinkKind | null;
  /** Mails a link that signs in here, in this browser. */
  sendMagicLink(mail: MailTo): Promise<MagicLinkSent>;
  /** With the link that has opened this page; or with the code of the mail. */
  completeMagicLink(proof?: { attempt?: string; token?: string; code?: string }): Promise<FluxUser>;
  /** With the link that has opened this page; can be called again when a password was too weak. */
  finishPasswordReset(reset: { token?: string; password: string }): Promise<FluxUser>;
  /** With the link that has opened this page. */
  finishEmailVerification(link?: { token?: string }): Promise<void>;
  /** Leaves this page for the provider's. */
  signInWithProvider(way: { provider: Provider } & RedirectTo): Promise<void>;
  /** Leaves this page for the server's own. */
  signInWithHostedPage(way?: { page?: HostedPage } & RedirectTo): Promise<void>;
  /** Where `signInWithHostedPage` goes, for a link; begins the sign-in. */
  hostedSignInUrl(way?: { page?: HostedPage } & RedirectTo): Promise<string>;
  /**
   * To be called on the page that `redirectUrl` names: ends what the two above began, in the same tab. Null when this
   * page was not reached from there. Rejects with `access_denied`, `account_exists`, … and `invalid_link` for an answer
   * that nobody asked for here.
   */
  completeRedirect(): Promise<FluxUser | null>;
  /** Whether this browser knows passkeys at all. */
  hasPasskeys(): boolean;
  /** Rejects with `passkey_cancelled` when the user has chosen none. */
  signInWithPasskey(how?: PasskeyChoice): Promise<FluxUser>;
  /** Makes a passkey for the signed-in user; go on with the user's new `sessionToken`. */
  registerPasskey(token: string, named?: { name?: string }): Promise<RegisteredPasskey>;
  /** Shows a passkey as the second factor that a session owes. */
  verifyWithPasskey(token: string): Promise<FluxUser>;
  /**
   * What the authenticator does in the two above, for apps whose server keeps the token: `passkeys.startRegistration` or
   * `mfa.startPasskey` there, this here, the other half there again.
   */
  makePasskey(options: PasskeyJson): Promise<PasskeyJson>;
  showPasskey(options: PasskeyJson): Promise<PasskeyJson>;
}

interface Parts {
  page: Page;
  calls: UserCalls;
  /** Two projects may have pages at one origin. */
  publishableKey: string;
}

/** What a redirect may say instead of a code (docs/flux-wire.md). */
const DENIALS = [
  'access_denied',
  'account_exists',
  'method_disabled',
  'provider_unavailable',
  'sign_in_failed',
  'account_suspended',
];

export function createPageCalls({ page, calls, publishableKey }: Parts): PageCalls {
  const { exchangeCode, signInWithProviderUrl, ...shared } = calls;
  const { passkeys } = calls;
  const attemptAt = `flux_magic:${publishableKey}`;
  const keptAt = (state: string) => `flux_redirect:${state}`;
  let link: { kind: LinkKind; token: string } | null = null;

  function linkInAddress(): LinkKind | null {
    const url = new URL(page.address());
    const [, kind, token] = /^#flux_(magic|reset|verify)=([\w.~-]+)$/.exec(url.hash) ?? [];
    if (kind !== undefined && token !== undefined) {
      link = { kind: kind as LinkKind, token };
      url.hash = '';
      page.replaceAddress(url.href);
    }
    return link?.kind ?? null;
  }

  /** Spends the link of this page, but for a refusal that the user can mend. */
  async function withLink<Answer>(
    kind: LinkKind,
    given: string | undefined,
    work: (token: string) => Promise<Answer>,
  ): Promise<Answer> {
    if (given !== undefined) return await work(given);
    const token = linkInAddress() === kind ? link?.token : undefined;
    if (token === undefined) throw invalidLink('No link from a mail has opened this page.');
    try {
      const answer = await work(token);
      link = null;
      return answer;
    } catch (error) {
      if (error instanceof FluxError && error.code === 'invalid_link') link = null;
      throw error;
    }
  }

  async function begin({ redirectUrl = page.address().replace(/[?#].*$/s, '') }: RedirectTo) {
    const { codeVerifier, ...shown }: Pkce = await createPkce();
    page.tab.put(keptAt(shown.state), JSON.stringify({ codeVerifier, redirectUrl }));
    return { ...shown, redirectUrl };
  }

  async function hostedSignInUrl({
    page: wanted = 'sign-in',
    ...to
  }: { page?: HostedPage } & RedirectTo = {}) {
    return await calls.hostedSignInUrl({ page: wanted, ...(await begin(to)) });
  }

  return {
    ...shared,
    linkInAddress,

    async sendMagicLink(mail) {
      const sent = await calls.sendMagicLink(mail);
      page.origin.put(attemptAt, sent.attempt);
      return sent;
    },
    async completeMagicLink({ attempt, token, code } = {}) {
      const kept = attempt ?? page.origin.get(attemptAt);
      if (kept === null) {
        linkInAddress();
        throw invalidLink('This sign-in was begun in another browser: the code in the mail works there.');
      }
      const user =
        code === undefined
          ? await withLink('magic', token, (shown) =>
              calls.completeMagicLink({ attempt: kept, token: shown }),
            )
          : await calls.completeMagicLink({ attempt: kept, code });
      page.origin.drop(attemptAt);
      return user;
    },
    finishPasswordReset: ({ token, password }) =>
      withLink('reset', token, (shown) => calls.finishPasswordReset({ token: shown, password })),
    finishEmailVerification: ({ token } = {}) =>
      withLink('verify', token, (shown) => calls.finishEmailVerification({ token: shown })),

    async signInWithProvider({ provider, ...to }) {
      page.leaveFor(signInWithProviderUrl({ provider, ...(await begin(to)) }));
    },
    async signInWithHostedPage(way) {
      page.leaveFor(await hostedSignInUrl(way));
    },
    hostedSignInUrl,

    async completeRedirect() {
      const url = new URL(page.address());
      const answer = url.searchParams;
      const [state, code, error] = [answer.get('state'), answer.get('code'), answer.get('error')];
      if (state === null || (code === null && error === null)) return null;
      const kept = page.tab.get(keptAt(state));
      page.tab.drop(keptAt(state));
      for (const name of ['state', 'code', 'error']) answer.delete(name);
      page.replaceAddress(url.href);
      if (kept === null) throw invalidLink('This sign-in was not begun in this tab, or is finished.');
      if (code !== null) {
        const begun = JSON.parse(kept) as { codeVerifier: string; redirectUrl: string };
        return await exchangeCode({ code, ...begun });
      }
      const denial = DENIALS.find((one) => one === error) ?? 'sign_in_failed';
      throw new FluxError(denial, 'The sign-in was not finished.');
    },

    hasPasskeys: page.hasPasskeys,
    async signInWithPasskey(how = {}) {
      return await passkeys.finishSignIn(await page.findPasskey(await passkeys.startSignIn(), how));
    },
    makePasskey: page.createPasskey,
    showPasskey: (options) => page.findPasskey(options, {}),
    async verifyWithPasskey(token) {
      const response = await page.findPasskey(await calls.mfa.startPasskey(token), {});
      return await calls.mfa.finishPasskey(token, response);
    },
    async registerPasskey(token, { name } = {}) {
      const response = await page.createPasskey(await passkeys.startRegistration(token));
      return await passkeys.finishRegistration(token, name === undefined ? { response } : { response, name });
    },
  };
}

const invalidLink = (message: string) => new FluxError('invalid_link', message);
