import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider, { type JWK } from 'oidc-provider';
import { freePort } from './free-port.ts';
import { newEmail } from './world.ts';

export const CLIENT_ID = 'fluxgate';
export const CLIENT_SECRET = 'a-provider-issued-this-to-fluxgate-alone';

/** Somebody at the provider: `sub` and whatever claims a test gives them. */
export interface ProviderPerson {
  sub: string;
  [claim: string]: unknown;
}

let lastPerson = 0;

/** Somebody new there, with a name and an address that the provider vouches for. */
export function somebody(claims: Record<string, unknown> = {}): ProviderPerson {
  return {
    sub: `person-${++lastPerson}`,
    email: newEmail(),
    email_verified: true,
    given_name: 'Ada',
    family_name: 'Lovelace',
    ...claims,
  };
}

export type IdentityProviderServer = Awaited<ReturnType<typeof createIdentityProvider>>;

/**
 * A real OpenID provider on this machine, certified software with keys of its own. Whoever comes is signed in at once
 * as the person that `signsIn` names, or turned away when it is null.
 */
export async function createIdentityProvider({ isCallback }: { isCallback(address: string): boolean }) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const people = new Map<string, ProviderPerson>();
  let signsIn: ProviderPerson | null = null;
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

  const makeProvider = () => {
    const made = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: ['https://decided.below.example'],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      ],
      jwks: { keys: [{ ...key, kid: 'one', use: 'sig', alg: 'RS256' } as JWK] },
      cookies: { keys: ['a cookie key of a test'] },
      scopes: ['openid', 'profile', 'email'],
      responseTypes: ['code'],
      pkce: { required: () => true },
      claims: {
        openid: ['sub', 'realm_access', 'groups'],
        profile: ['name', 'given_name', 'family_name'],
        email: ['email', 'email_verified'],
      },
      // So that the ID token says it all: userinfo is not asked (contract A10).
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      ttl: {
        AccessToken: 300,
        AuthorizationCode: 60,
        IdToken: 300,
        Interaction: 300,
        Session: 300,
        Grant: 300,
      },
      async findAccount(_, id) {
        const person = people.get(id);
        return person && { accountId: id, claims: async () => person };
      },
      async loadExistingGrant(context) {
        const { client, session } = context.oidc;
        if (!client || !session?.accountId) return undefined;
        const grant = new context.oidc.provider.Grant({
          clientId: client.clientId,
          accountId: session.accountId,
        });
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    });
    made.Client.prototype.redirectUriAllowed = isCallback;
    return made;
  };

  // At the first request: by then the server under test knows its own address.
  let provider: Provider | null = null;
  const server = createServer(async (request, response) => {
    provider ??= makeProvider();
    if (!request.url?.startsWith('/interaction/')) return void provider.callback()(request, response);
    const result = signsIn
      ? { login: { accountId: signsIn.sub } }
      : { error: 'access_denied', error_description: 'Not today & never' };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));

  return {
    issuer,
    settings: {
      FLUXGATE_OPENID_ENABLED: 'on',
      FLUXGATE_OPENID_PROVIDER_URL: issuer,
      FLUXGATE_OPENID_CLIENT_ID: CLIENT_ID,
      FLUXGATE_OPENID_CLIENT_SECRET: CLIENT_SECRET,
    },
    /** Who a real browser that comes is signed in as; null: is turned away. */
    play(person: ProviderPerson | null): void {
      signsIn = person;
      if (person) people.set(person.sub, person);
    },
    /** What a browser does there from `url` on: returns the query that it is sent back with. */
    async visit(url: string, person: ProviderPerson | null): Promise<string> {
      signsIn = person;
      if (person) people.set(person.sub, person);
      const cookies = new Map<string, string>();
      let at = url;
      for (let steps = 0; steps < 10; steps++) {
        const answer = await fetch(at, {
          redirect: 'manual',
          headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        });
        await answer.text();
        for (const line of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        at = new URL(answer.headers.get('location') ?? 'about:blank', at).href;
        const [before] = at.split('?');
        if (isCallback(before ?? '')) return new URL(at).search;
      }
      throw new Error(`The provider never sent the browser back; it stands at ${at}.`);
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
