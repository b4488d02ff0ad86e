import { randomBytes, randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call of the API, as it arrived. */
export interface TwilioCall {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  fields: Record<string, string>;
}

/** `hang`: the connection stays open and silent. `cut`: it breaks. Otherwise this instead of the API's own answer. */
export type Mischief = 'hang' | 'cut' | { status: number; body: string; headers?: Record<string, string> };

interface Verification {
  sid: string;
  to: string;
  code: string;
  createdAt: number;
  sends: number;
  checks: number;
}

export type FakeTwilio = Awaited<ReturnType<typeof createFakeTwilio>>;

const LIFE_MS = 10 * 60_000;
const MAX_SENDS = 5;
const MAX_CHECKS = 5;
const ACCOUNT_SID = 'AC0123456789abcdef0123456789abcdef';
const AUTH_TOKEN = '9f0e8d7c6b5a49382716051423324150';
const SERVICE_SID = 'VA0123456789abcdef0123456789abcdef';

/**
 * Speaks Twilio Verify's API v2 as far as it is used: one pending verification a number, which repeats its code
 * when it is started again; five sends and five checks; what is approved, canceled or over is not found any more.
 */
export async function createFakeTwilio(now: () => number = Date.now) {
  const calls: TwilioCall[] = [];
  const messages: { to: string; code: string }[] = [];
  const pending = new Map<string, Verification>();
  const state: { mischief: ((call: TwilioCall) => Mischief | null) | null } = { mischief: null };
  const expected = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`;

  function live(sid: string): Verification | null {
    const found = [...pending.values()].find((one) => one.sid === sid);
    if (!found || now() - found.createdAt >= LIFE_MS) return null;
    return found;
  }

  function start(fields: TwilioCall['fields']): Answer {
    const { To: to = '', Channel: channel } = fields;
    if (channel !== 'sms' || !/^\+[1-9]\d{6,14}$/.test(to)) return failure(400, 60200, 'Invalid parameter');
    const earlier = pending.get(to);
    let current = earlier && live(earlier.sid);
    if (current && current.checks >= MAX_CHECKS) return failure(429, 60202, 'Max check attempts reached');
    if (current && current.sends >= MAX_SENDS) return failure(429, 60203, 'Max send attempts reached');
    current ??= { sid: newSid(), to, code: newCode(), createdAt: now(), sends: 0, checks: 0 };
    current.sends++;
    pending.set(to, current);
    messages.push({ to, code: current.code });
    return { status: 201, body: shown(current, 'pending') };
  }

  function update(sid: string, fields: TwilioCall['fields']): Answer {
    const found = live(sid);
    if (!found) return notFound(`Verifications/${sid}`);
    if (fields['Status'] !== 'canceled') return failure(400, 60200, 'Invalid parameter');
    pending.delete(found.to);
    return { status: 200, body: shown(found, 'canceled') };
  }

  function check(fields: TwilioCall['fields']): Answer {
    const { Code: code = '', VerificationSid: sid = '', To: to } = fields;
    const found = live(to === undefined ? sid : (pending.get(to)?.sid ?? ''));
    if (!found) return notFound('VerificationCheck');
    if (!/^\d{4,10}$/.test(code)) return failure(400, 60200, 'Invalid parameter: Code');
    if (found.checks >= MAX_CHECKS) return failure(429, 60202, 'Max check attempts reached');
    found.checks++;
    if (code !== found.code) return { status: 200, body: shown(found, 'pending') };
    pending.delete(found.to);
    return { status: 200, body: { ...shown(found, 'approved'), valid: true } };
  }

  function answer(call: TwilioCall): Answer {
    if (call.headers.authorization !== expected) return failure(401, 20003, 'Authenticate');
    const [, version, services, service, resource, sid] = call.path.split('/');
    if (version !== 'v2' || services !== 'Services' || service !== SERVICE_SID || call.method !== 'POST')
      return notFound(call.path);
    if (!call.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return failure(415, 20001, 'Unsupported media type');
    if (resource === 'Verifications') return sid ? update(sid, call.fields) : start(call.fields);
    return resource === 'VerificationCheck' ? check(call.fields) : notFound(call.path);
  }

  function reply(call: TwilioCall, response: ServerResponse): void {
    const mischief = state.mischief?.(call) ?? null;
    if (mischief === 'hang') return;
    if (mischief === 'cut') {
      response.destroy();
      return;
    }
    if (mischief) {
      response.writeHead(mischief.status, { 'content-type': 'application/json', ...mischief.headers });
      response.end(mischief.body);
      return;
    }
    const { status, body } = answer(call);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
      const { method = '', url: path = '', headers } = request;
      const call = { method, path, headers, fields };
      calls.push(call);
      reply(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    options: { baseUrl, accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, serviceSid: SERVICE_SID },
    /** As an operator sets it. */
    env: {
      FLUXGATE_INTEGRATIONS_SMS_ENABLED: 'on',
      FLUXGATE_INTEGRATIONS_SMS_ACCOUNT_SID: ACCOUNT_SID,
      FLUXGATE_INTEGRATIONS_SMS_AUTH_TOKEN: AUTH_TOKEN,
      FLUXGATE_INTEGRATIONS_SMS_VERIFY_SERVICE_SID: SERVICE_SID,
      FLUXGATE_INTEGRATIONS_SMS_API_BASE_URL: baseUrl,
    },
    /** Every call so far, oldest first. */
    calls,
    /** Every message that a phone got, oldest first. */
    messages,
    codeOf(to: string): string {
      const last = messages.findLast((message) => message.to === to);
      if (!last) throw new Error(`No message to ${to}.`);
      return last.code;
    },
    /** What goes wrong from now on; null: nothing. */
    misbehave(mischief: ((call: TwilioCall) => Mischief | null) | Mischief | null): void {
      state.mischief = typeof mischief === 'function' || mischief === null ? mischief : () => mischief;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  status: number;
  body: unknown;
}

function shown({ sid, to }: Verification, status: string) {
  return {
    sid,
    service_sid: SERVICE_SID,
    account_sid: ACCOUNT_SID,
    to,
    channel: 'sms',
    status,
    valid: false,
    amount: null,
    payee: null,
  };
}

function failure(status: number, code: number, message: string): Answer {
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return { status, body: { code, message, more_info, status } };
}

function notFound(what: string): Answer {
  return failure(404, 20404, `The requested resource /Services/${SERVICE_SID}/${what} was not found`);
}

function newSid(): string {
  return `VE${randomBytes(16).toString('hex')}`;
}

function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}
