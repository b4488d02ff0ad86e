import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLIENT_ID, CLIENT_SECRET, type ProviderPerson } from './identity-provider.ts';

/** What a token endpoint of ours is asked to say: header and payload, before they are signed. */
interface TokenParts {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

interface Mischief {
  /** Changes what an ID token says; it is then signed properly. */
  token?(parts: TokenParts): void;
  /** Changes the finished compact token. */
  compact?(token: string, kit: Kit): string;
  /** The payload's text as it is signed, in place of the claims'. */
  payload?(text: string): string;
  discovery?(document: Record<string, unknown>): void;
  /** Changes what it says of its key. */
  jwk?(key: Record<string, unknown>): void;
  /** Answers in place of the provider; true when it has. */
  answer?(path: string, response: ServerResponse): boolean;
}

interface Kit {
  publicPem: string;
  parts: TokenParts;
  signWith(parts: TokenParts, key: KeyObject): string;
  stranger: KeyObject;
  strangerJwk: object;
  clientSecret: string;
  base64(value: unknown): string;
  hmac(input: string, secret: string): string;
}

export type HostileProvider = Awaited<ReturnType<typeof createHostileProvider>>;

/** A provider that keeps to the protocol but for the one thing that a test changes. */
export async function createHostileProvider({ clock }: { clock(): number }) {
  let own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let keyId: string | undefined = 'own';
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const codes = new Map<string, { nonce: string | null; challenge: string; person: ProviderPerson }>();
  const asked: { path: string; authorization: string | undefined; body: string }[] = [];
  let mischief: Mischief = {};
  let lastCode = 0;

  function tokenFor({ nonce, person }: { nonce: string | null; person: ProviderPerson }): string {
    const now = Math.floor(clock() / 1000);
    const parts: TokenParts = {
      header: { alg: 'RS256', kid: keyId },
      claims: { iss: issuer(), aud: CLIENT_ID, iat: now, exp: now + 300, nonce, ...person },
    };
    mischief.token?.(parts);
    const token = signWith(parts, own.privateKey);
    const publicPem = own.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return (
      mischief.compact?.(token, {
        ...{ publicPem, parts, signWith, stranger, base64, hmac },
        strangerJwk: createPublicKey(stranger).export({ format: 'jwk' }),
        clientSecret: CLIENT_SECRET,
      }) ?? token
    );
  }

  function signWith({ header, claims }: TokenParts, key: KeyObject): string {
    const text = JSON.stringify(claims);
    const payload = Buffer.from(mischief.payload?.(text) ?? text).toString('base64url');
    const input = `${base64(header)}.${payload}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  function json(response: ServerResponse, body: unknown, status = 200): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ path, authorization: request.headers.authorization, body });
    if (mischief.answer?.(path, response)) return;
    if (path.endsWith('/.well-known/openid-configuration')) {
      const document: Record<string, unknown> = {
        issuer: issuer(),
        authorization_endpoint: `${issuer()}/authorize`,
        token_endpoint: `${issuer()}/token`,
        jwks_uri: `${issuer()}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
      };
      mischief.discovery?.(document);
      return json(response, document);
    }
    if (path === '/keys') {
      const jwk = own.publicKey.export({ format: 'jwk' });
      const shown: Record<string, unknown> = { ...jwk, kid: keyId, use: 'sig' };
      mischief.jwk?.(shown);
      return json(response, { keys: [shown] });
    }
    const fields = new URLSearchParams(body);
    const pending = codes.get(fields.get('code') ?? '');
    codes.delete(fields.get('code') ?? '');
    if (path !== '/token' || !pending) return json(response, { error: 'invalid_grant' }, 400);
    const id_token = tokenFor(pending);
    json(response, { access_token: 'unused', token_type: 'Bearer', expires_in: 300, id_token });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));

  function issuer(): string {
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  return {
    issuer: issuer(),
    asked,
    settings: {
      FLUXGATE_OPENID_ENABLED: 'on',
      FLUXGATE_OPENID_PROVIDER_URL: issuer(),
      FLUXGATE_OPENID_CLIENT_ID: CLIENT_ID,
      FLUXGATE_OPENID_CLIENT_SECRET: CLIENT_SECRET,
    },
    /** From now on, in place of what it did before; `{}` for nothing wrong. */
    play(next: Mischief): void {
      mischief = next;
    },
    /** Signs with another key from now on, of this name. */
    changeKey(name: string | undefined): void {
      own = generateKeyPairSync('rsa', { modulusLength: 2048 });
      keyId = name;
    },
    /** Signs somebody in at once: the query that the browser would come back with. */
    approve(url: string, person: ProviderPerson): string {
      const { searchParams } = new URL(url);
      const code = `code-${++lastCode}`;
      const challenge = searchParams.get('code_challenge') ?? '';
      codes.set(code, { nonce: searchParams.get('nonce'), challenge, person });
      return `?${new URLSearchParams({ code, state: searchParams.get('state') ?? '' })}`;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hmac(input: string, secret: string): string {
  return createHmac('sha256', secret).update(input).digest('base64url');
}
