import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CLIENT_ID = 'Iv1.github-of-a-test';
const CLIENT_SECRET = 'github-issued-this-to-the-project-alone';

/** Somebody at GitHub, as its API tells of them. */
export interface GithubPerson {
  id: number;
  login: string;
  name: string | null;
  emails: { email: string; primary: boolean; verified: boolean; visibility?: string | null }[];
}

interface Granted {
  person: GithubPerson;
  challenge: string | null;
  redirectUri: string;
  scope: string;
}

let lastPerson = 0;

export function githubber(email: string | null, { verified = true, ...more } = {}): GithubPerson {
  const id = 10_000 + ++lastPerson;
  const emails =
    email === null
      ? []
      : [
          { email: `${id}+someone@users.noreply.example`, primary: false, verified: true },
          { email, primary: true, verified, visibility: 'public' },
        ];
  return { id, login: `octo-${id}`, name: 'Ada Lovelace', emails, ...more };
}

export type GithubServer = Awaited<ReturnType<typeof createGithubServer>>;

/**
 * GitHub's documented endpoints for OAuth apps, on this machine: `/login/oauth/authorize`, `/login/oauth/access_token` (which
 * answers refusals by 200, as GitHub does), `/api/v3/user` and `/api/v3/user/emails`.
 */
export async function createGithubServer({ isCallback }: { isCallback(address: string): boolean }) {
  const codes = new Map<string, Granted>();
  const tokens = new Map<string, Granted>();
  const asked: { path: string; userAgent: string | undefined }[] = [];
  let answer: ((path: string, response: ServerResponse) => boolean) | null = null;

  function json(response: ServerResponse, body: unknown, status = 200): void {
    response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
      .end(JSON.stringify(body));
  }

  function tokenFor(body: string): object {
    const fields = new URLSearchParams(body);
    const code = fields.get('code') ?? '';
    const granted = codes.get(code);
    codes.delete(code);
    if (fields.get('client_id') !== CLIENT_ID || fields.get('client_secret') !== CLIENT_SECRET)
      return { error: 'incorrect_client_credentials', error_description: 'Wrong client.' };
    const challenge = createHash('sha256')
      .update(fields.get('code_verifier') ?? '')
      .digest('base64url');
    if (!granted || granted.challenge !== challenge)
      return { error: 'bad_verification_code', error_description: 'The code is incorrect or expired.' };
    if (fields.get('redirect_uri') !== granted.redirectUri) return { error: 'redirect_uri_mismatch' };
    const token = `gho_${randomBytes(18).toString('hex')}`;
    tokens.set(token, granted);
    return { access_token: token, token_type: 'bearer', scope: granted.scope.replace(' ', ',') };
  }

  function apiAnswer(path: string, request: IncomingMessage): { body: unknown; status?: number } {
    const granted = tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (!request.headers['user-agent']) return { body: { message: 'User-Agent is required.' }, status: 403 };
    if (!granted) return { body: { message: 'Bad credentials' }, status: 401 };
    const { emails, ...user } = granted.person;
    if (path === '/api/v3/user') return { body: { ...user, type: 'User', email: null } };
    const mayRead = granted.scope.split(' ').includes('user:email');
    if (path === '/api/v3/user/emails' && mayRead) return { body: emails };
    return { body: { message: 'Not Found' }, status: 404 };
  }

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ path, userAgent: request.headers['user-agent'] });
    if (answer?.(path, response)) return;
    if (path === '/login/oauth/access_token' && request.method === 'POST')
      return json(response, tokenFor(body));
    if (path.startsWith('/api/v3/')) {
      const { body: said, status } = apiAnswer(path, request);
      return json(response, said, status);
    }
    json(response, { message: 'Not Found' }, 404);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  return {
    url,
    asked,
    credentials: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, web_url: url },
    /** Answers in place of GitHub where it returns true; null for nothing out of the ordinary. */
    play(next: typeof answer): void {
      answer = next;
    },
    /** What its page does when the person agrees, or does not: the query that the browser is sent back with. */
    visit(address: string, person: GithubPerson | null): string {
      const { origin, pathname, searchParams } = new URL(address);
      if (origin !== url || pathname !== '/login/oauth/authorize') throw new Error(`Not GitHub: ${address}`);
      if (searchParams.get('client_id') !== CLIENT_ID) throw new Error('another client');
      const redirectUri = searchParams.get('redirect_uri') ?? '';
      if (!isCallback(redirectUri)) throw new Error('another redirect_uri');
      if (searchParams.get('code_challenge_method') !== 'S256') throw new Error('no PKCE');
      const state = searchParams.get('state') ?? '';
      if (!person)
        return `?${new URLSearchParams({ error: 'access_denied', error_description: 'The user has denied your application access.', state })}`;
      const code = randomBytes(10).toString('hex');
      codes.set(code, {
        person,
        challenge: searchParams.get('code_challenge'),
        redirectUri,
        scope: searchParams.get('scope') ?? '',
      });
      return `?${new URLSearchParams({ code, state })}`;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
