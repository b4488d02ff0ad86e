import { HOTP, Secret } from 'otpauth';
import { type BareKind, type CheckKind, type FluxCredentials, PATHS } from '../checks.ts';
import {
  APP_PEOPLE,
  APP_SECRET,
  addressIn,
  apiTokenOf,
  emailOf,
  homeOf,
  PASSWORD,
  PEOPLE,
  tokenOf,
} from '../people.ts';
import type { Connection, Reply } from './connection.ts';

export type RequestKind = CheckKind | BareKind | 'sign-in';
/** What takes more than one request. */
export type ConversationKind = 'app-sign-in';

/** Yields the next request's bytes. */
export type RequestSource = () => Buffer;

/**
 * Requests of ever other people from ever other networks, so that no limit is met although all are on. One
 * source lives as long as its process: a sign-in counts against its network for half an hour.
 */
export const sources: Record<RequestKind, RequestSource> = {
  'session-check': bySession('session-check', 'authorization'),
  verify: byApiToken('verify', 'authorization'),
  version: byApiToken('version', 'authorization'),
  // As many bytes to read as the check's, under a name that nobody looks for a credential in.
  bare: bySession('bare', 'x-bench-token'),
  'bare-verify': byApiToken('bare-verify', 'x-bench-token'),
  'bare-version': byApiToken('bare-version', 'x-bench-token'),
  renewal: renewals('renewal', 'authorization'),
  'bare-renewal': renewals('bare-renewal', 'x-bench-key'),
  'sign-in': signIns(),
};

let flux: FluxCredentials | null = null;

/** To be called before the first renewal. */
export function learnFlux(credentials: FluxCredentials): void {
  flux = credentials;
}

function renewals(kind: CheckKind | BareKind, header: string): RequestSource {
  return inTurn((asker) => {
    const { keys, tokens } = flux ?? { keys: [], tokens: [] };
    const credential = { [header]: `Bearer ${keys[asker % keys.length]}` };
    return post(PATHS[kind], asker, { token: tokens[asker % tokens.length] }, credential);
  });
}

function bySession(kind: CheckKind | BareKind, header: string): RequestSource {
  return inTurn((person) => get(PATHS[kind], person, { [header]: tokenOf(person) }));
}

function byApiToken(kind: CheckKind | BareKind, header: string): RequestSource {
  return inTurn((agent) => get(PATHS[kind], agent, { [header]: `Bearer ${apiTokenOf(agent)}` }));
}

function inTurn(make: (person: number) => Buffer): RequestSource {
  let requests: Buffer[] | null = null;
  let next = 0;
  return () => {
    requests ??= Array.from({ length: PEOPLE }, (_, person) => make(person));
    return requests[next++ % PEOPLE] as Buffer;
  };
}

function signIns(): RequestSource {
  return inTurn(login);
}

function login(person: number): Buffer {
  return post('/v1/auth/login', person, { email: emailOf(person), password: PASSWORD });
}

let appSignIns = 0;
const appSecret = Secret.fromBase32(APP_SECRET);
const STEP_MS = 30_000;

/** The password, and then the code that the app shows, for the ticket of the first answer. */
export async function signInWithApp(connection: Connection): Promise<Reply> {
  const person = PEOPLE + (appSignIns++ % APP_PEOPLE);
  const first = await connection.send(login(person));
  if (first.status !== 200) return first;
  const { ticket } = JSON.parse(first.body.toString()) as { ticket: string };
  const code = HOTP.generate({ secret: appSecret, counter: Math.floor(Date.now() / STEP_MS) });
  return await connection.send(post('/v1/auth/login/mfa/totp', person, { ticket, code }));
}

function post(path: string, person: number, body: object, credential: Record<string, string> = {}): Buffer {
  const from = { 'x-forwarded-for': addressIn(homeOf(person)) };
  const headers = { ...from, 'content-type': 'application/json', ...credential };
  return request(`POST ${path}`, headers, JSON.stringify(body));
}

function get(path: string, person: number, credential: Record<string, string>): Buffer {
  return request(`GET ${path}`, { 'x-forwarded-for': addressIn(person), ...credential });
}

function request(line: string, headers: Record<string, string>, body = ''): Buffer {
  const all = {
    host: 'localhost',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    accept: 'application/json',
    ...headers,
    ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${line} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
}
