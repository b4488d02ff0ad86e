import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireSession, WireUser } from '../wire.ts';

/** What may be put in a token's place. */
export interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: KeyObject;
  kid?: string;
}

interface Row {
  user: WireUser;
  session: WireSession;
  isRevoked: boolean;
}

export const SECRET_KEY = 'flux_sk_0123456789abcdefghijkl';
export const PUBLISHABLE_KEY = 'flux_pk_0123456789abcdefghijkl';
export const PROJECT = 'proj_1';

export type WireServer = Awaited<ReturnType<typeof createWireServer>>;

const encode = (value: object | Buffer) =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');

/**
 * A small real HTTP server that speaks docs/flux-wire.md, and as unkindly as a test wants. It shows what the real one cannot be made to do on
 * command; what must hold between the two is shown with the real one.
 */
export async function createWireServer({ heartbeatMs = 50, secretKey = SECRET_KEY } = {}) {
  const rows = new Map<string, Row>();
  const streams = new Set<ServerResponse>();
  const events: { id: string; text: string }[] = [];
  const keys: { kid: string; privateKey: KeyObject; jwk: object }[] = [];
  const counts: Record<string, number> = {};
  const seen: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let nextId = 1;
  let aheadMs = 0;
  let isBeating = true;
  let meddle: ((path: string, response: ServerResponse) => boolean | Promise<boolean>) | null = null;
  let isHistoryLost = false;
  const settings = {
    project: { id: PROJECT, name: 'Shop' },
    issuer: '',
    methods: { password: true, magic_link: false },
    mfa: { required: false, methods: ['totp'] },
    session: { ttl_seconds: 604_800, renew_after_seconds: 0 },
    branding: { logo_url: null, color: '#112233' },
  };

  const now = () => Date.now() + aheadMs;

  function addKey(): { kid: string; privateKey: KeyObject } {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = `key_${keys.length + 1}`;
    keys.push({
      kid,
      privateKey,
      jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' },
    });
    return { kid, privateKey };
  }
  addKey();

  function tokenOf(row: Row, { header = {}, claims = {}, key, kid }: Forgery = {}): string {
    const newest = keys.at(-1);
    if (!newest) throw new Error('no key');
    const iat = Math.floor(now() / 1000);
    const head = encode({ alg: 'ES256', kid: kid ?? newest.kid, typ: 'session+jwt', ...header });
    const body = encode({
      ...{ iss: settings.issuer, aud: PROJECT, sub: row.user.id, sid: row.session.id },
      ...{ jti: randomBytes(8).toString('hex'), iat, exp: iat + settings.session.ttl_seconds },
      ...{ amr: ['pwd'], mfa: row.session.mfa_verified, ...claims },
    });
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
      key: key ?? newest.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${head}.${body}.${encode(signature)}`;
  }

  function signUp(email: string): Row {
    const id = String(nextId++);
    const at = new Date(now()).toISOString();
    const row: Row = {
      isRevoked: false,
      user: { id, email, email_verified: false, created_at: at },
      session: {
        ...{ id: `sess_${id}`, user_id: id, mfa_verified: false, mfa_required: false },
        ...{ authentication_method: 'password', created_at: at, last_active_at: at },
        expires_at: new Date(now() + 604_800_000).toISOString(),
      },
    };
    rows.set(row.session.id, row);
    return row;
  }

  function tell(name: string, data: object): void {
    const id = `evt_${events.length + 1}`;
    const text = `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    events.push({ id, text });
    for (const stream of streams) stream.write(text);
  }

  const beating = setInterval(() => {
    if (isBeating) for (const stream of streams) stream.write(': \n\n');
  }, heartbeatMs);

  function answer(
    response: ServerResponse,
    status: number,
    body: object,
    headers: Record<string, string> = {},
  ) {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers });
    response.end(JSON.stringify(body));
  }

  function refuse(response: ServerResponse, status: number, code: string): void {
    answer(response, status, { error: { code, message: `Refused: ${code}.`, request_id: 'req_1' } });
  }

  function openStream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1000\n\n');
    const last = request.headers['last-event-id'];
    const at = events.findIndex(({ id }) => id === last);
    if (last === undefined) response.write(`id: evt_${events.length}\nevent: stream.ready\ndata: {}\n\n`);
    else if (isHistoryLost) response.write(`id: evt_${events.length}\nevent: events.lost\ndata: {}\n\n`);
    else for (const { text } of events.slice(at + 1)) response.write(text);
    if (isBeating) response.write(': \n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  function claimsIn(body: Record<string, string>): { sid?: string; exp?: number } {
    const claims = Buffer.from((body['token'] ?? '').split('.')[1] ?? '', 'base64url').toString();
    return JSON.parse(claims || '{}') as { sid?: string; exp?: number };
  }

  function rowIn(body: Record<string, string>): Row | undefined {
    return rows.get(body['session_id'] ?? claimsIn(body).sid ?? '');
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const path = (request.url ?? '').replace('/flux/v1', '');
    counts[path] = (counts[path] ?? 0) + 1;
    seen.push({ method: request.method ?? '', path, headers: request.headers, body: text });
    if (meddle && (await meddle(path, response))) return;
    if (path === '/.well-known/jwks.json') return answer(response, 200, { keys: keys.map(({ jwk }) => jwk) });
    const isSecret = request.headers.authorization === `Bearer ${secretKey}`;
    const isPublic = request.headers['x-flux-publishable-key'] === PUBLISHABLE_KEY;
    const isBrowsers = /^\/sign_/.test(path);
    const isOpen = path === '/settings' ? isSecret || isPublic : isBrowsers ? isPublic : isSecret;
    if (!isOpen) return refuse(response, 401, 'invalid_api_key');
    if (path === '/events') return openStream(request, response);
    if (path === '/settings') return answer(response, 200, settings);
    const body = JSON.parse(text || '{}') as Record<string, string>;
    if (path.startsWith('/users/')) {
      const userId = path.split('/')[2];
      const theirs = [...rows.values()].filter(({ user, isRevoked }) => user.id === userId && !isRevoked);
      for (const row of theirs) row.isRevoked = true;
      tell('user.sessions_revoked', {
        user_id: userId,
        session_ids: theirs.map(({ session }) => session.id),
      });
      return answer(response, 200, { revoked: theirs.length });
    }
    const row = path === '/sign_up' ? signUp(body['email'] ?? '') : rowIn(body);
    if (path === '/sign_in/password') return refuse(response, 401, 'invalid_credentials');
    if (!row) return refuse(response, 401, 'invalid_session');
    if (path === '/sessions/revoke' || path === '/sign_out') {
      if (!row.isRevoked) tell('session.revoked', { user_id: row.user.id, session_id: row.session.id });
      row.isRevoked = true;
      return answer(response, 200, {});
    }
    if ((claimsIn(body).exp ?? Infinity) * 1000 <= now()) return refuse(response, 401, 'session_expired');
    if (row.isRevoked) return refuse(response, 401, 'session_revoked');
    const session = { ...row.session, last_active_at: new Date(now()).toISOString() };
    if (path === '/sessions/get') return answer(response, 200, { session });
    answer(response, 200, { user: row.user, session, token: tokenOf(row) });
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  settings.issuer = `${baseUrl}/flux/v1/projects/${PROJECT}`;

  return {
    baseUrl,
    settings,
    seen,
    /** Of requests so far, by path below `/flux/v1`. */
    count: (path: string) => counts[path] ?? 0,
    /** Of all requests but the stream's. */
    calls: () => Object.entries(counts).reduce((sum, [path, n]) => (path === '/events' ? sum : sum + n), 0),
    streams: () => streams.size,
    newKey: addKey,
    dropKey: () => keys.shift(),
    /** A signed-in person. */
    person(email = 'a@example.com') {
      const row = signUp(email);
      return { ...row, row, token: tokenOf(row), forge: (forgery: Forgery) => tokenOf(row, forgery) };
    },
    tell,
    /** Its clock beside that of this machine; below 0 behind it. */
    setAhead(milliseconds: number) {
      aheadMs = milliseconds;
    },
    setBeating(wanted: boolean) {
      isBeating = wanted;
    },
    loseHistory() {
      isHistoryLost = true;
    },
    cutStreams() {
      for (const stream of streams) stream.destroy();
      // Each says so itself only later, and until then would be taken for one that came back.
      streams.clear();
    },
    /** Asked before each answer; true: it has answered itself. */
    meddle(with_: typeof meddle) {
      meddle = with_;
    },
    async close() {
      clearInterval(beating);
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
