import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the visitor's widget knew when it gave out a token. */
interface Solved {
  hostname?: string;
  action?: string;
  cdata?: string;
}

/** Stands in for the siteverify of hCaptcha or Turnstile, over real HTTP, with its rules: known secret, once only. */
export interface CaptchaService {
  addresses: { hcaptcha: string; turnstile: string; timeoutMs: number };
  siteKey: string;
  secretKey: string;
  /** What an operator sets to have it asked. */
  env: Record<string, string>;
  /** Every form it was sent. */
  asked: Record<string, string>[];
  misbehaves: Misbehaviour | null;
  /** Takes tokens more than once, which the real ones never do. */
  isForgetful: boolean;
  /** What the widget gives a visitor who solved it. */
  solve(solved?: Solved): string;
  close(): Promise<void>;
}

/** Long enough for a crowd of parallel requests on a busy machine. */
const TIMEOUT_MS = 30_000;

export async function createCaptchaService(name: 'hcaptcha' | 'turnstile'): Promise<CaptchaService> {
  const solved = new Map<string, Solved & { isUsed: boolean }>();
  const siteKey = randomBytes(16).toString('hex');
  const secretKey = `0x${randomBytes(20).toString('hex')}`;
  const keys = `FLUXGATE_INTEGRATIONS_CAPTCHA_${name.toUpperCase()}`;

  function judge(form: Record<string, string>): Record<string, unknown> {
    const refused = (code: string) => ({ success: false, 'error-codes': [code] });
    if (!form['secret']) return refused('missing-input-secret');
    if (form['secret'] !== secretKey) return refused('invalid-input-secret');
    if (name === 'hcaptcha' && form['sitekey'] !== siteKey) return refused('sitekey-secret-mismatch');
    const found = solved.get(form['response'] ?? '');
    if (!found) return refused('invalid-input-response');
    if (found.isUsed && !service.isForgetful)
      return refused(name === 'hcaptcha' ? 'already-seen-response' : 'timeout-or-duplicate');
    found.isUsed = true;
    const { isUsed: _, ...told } = found;
    return { success: true, challenge_ts: '2026-11-22T12:00:00Z', 'error-codes': [], ...told };
  }

  const server = createServer((request, response) => {
    void readForm(request).then((form) => {
      const isRight =
        request.method === 'POST' &&
        request.url === `/${name}/siteverify` &&
        /^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
      service.asked.push(form);
      if (service.misbehaves) misbehaviours[service.misbehaves](response);
      else answer(response, isRight ? judge(form) : { success: false, 'error-codes': ['bad-request'] });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const service: CaptchaService = {
    addresses: {
      hcaptcha: `${origin}/hcaptcha/siteverify`,
      turnstile: `${origin}/turnstile/siteverify`,
      timeoutMs: TIMEOUT_MS,
    },
    siteKey,
    secretKey,
    env: {
      FLUXGATE_CAPTCHA: name,
      [`${keys}_SITE_KEY`]: siteKey,
      [`${keys}_SECRET_KEY`]: secretKey,
    },
    asked: [],
    misbehaves: null,
    isForgetful: false,
    solve(known = { hostname: 'localhost' }) {
      const token = `P1_${randomBytes(24).toString('base64url')}`;
      solved.set(token, { ...known, isUsed: false });
      return token;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}

async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

function answer(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const GOOD = { success: true, hostname: 'localhost', action: 'login', cdata: 'pages' };
const JSON_TYPE = { 'content-type': 'application/json' };

type Answer = (response: ServerResponse) => unknown;

/** Until the one who asks gives up. */
const silences = {
  hangs: () => undefined,
  'stops halfway': (response) => response.writeHead(200, JSON_TYPE).write(JSON.stringify(GOOD).slice(0, -1)),
} as const satisfies Record<string, Answer>;

/** Most of these would let everybody in if only the beginning, or the status, were looked at. */
const nonsense = {
  'says 500': (response) => response.writeHead(500).end('Internal Server Error'),
  'says 503 in JSON': (response) => answer(response, GOOD, 503),
  'says HTML': (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the hotel</h1>'),
  'says nothing': (response) => response.writeHead(204).end(),
  'says a list': (response) => answer(response, [GOOD]),
  'says too much': (response) => answer(response, { ...GOOD, challenge_ts: 'x'.repeat(256 * 1024) }),
  'sends elsewhere': (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'hangs up': (response) => response.destroy(),
  'says internal-error': (response) =>
    answer(response, { success: false, 'error-codes': ['internal-error'] }),
  'says bad-request': (response) => answer(response, { success: false, 'error-codes': ['bad-request'] }, 400),
} as const satisfies Record<string, Answer>;

const misbehaviours = { ...silences, ...nonsense };

/** How the stand-in misbehaves. */
type Misbehaviour = keyof typeof misbehaviours;

export const SILENCES = Object.keys(silences) as Misbehaviour[];
export const NONSENSE = Object.keys(nonsense) as Misbehaviour[];
