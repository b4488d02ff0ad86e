import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import Flux from '../../packages/sdk/src/index.ts';
import { createWireServer, SECRET_KEY, type WireServer } from '../../packages/sdk/src/testing/index.ts';
import type { Plan } from '../options.ts';
import { median } from '../statistics.ts';
import { percent, type Row, whole } from '../table.ts';
import { createPeer } from './better-auth.ts';

/** Tokens of a round: each is new to all who verify it. */
const TOKENS = 200;
/** A warm answer is too quick for a round of 200. */
const WARM_TIMES = 5_000;
const COLD_TARGET = 0.7;
const WARM_TARGET = 20;

const SUBJECTS = ['bare', 'cold', 'jose', 'warm', 'peer', 'cachingPeer'] as const;
type Subject = (typeof SUBJECTS)[number];

/** What an answer of the SDK without the network costs, in turns with the bare signature, jose and better-auth. */
export async function measureOffline({ offlineRounds }: Plan): Promise<Row[]> {
  const server = await createWireServer({ heartbeatMs: 100 });
  const flux = Flux.init(SECRET_KEY, { baseUrl: server.baseUrl });
  try {
    return await measure(server, flux, offlineRounds);
  } finally {
    flux.close();
    await server.close();
  }
}

async function measure(server: WireServer, flux: Flux, rounds: number): Promise<Row[]> {
  const person = server.person();
  const quick = (token: string) => flux.auth.verifySession(token, { renew: false });
  for (let before = -1; before !== server.calls(); ) {
    before = server.calls();
    await new Promise((done) => setTimeout(done, 100));
    await quick(person.token);
  }
  const answer = await fetch(`${server.baseUrl}/flux/v1/.well-known/jwks.json`);
  const set = (await answer.json()) as { keys: [JsonWebKey & { kty: string }] };
  const key = createPublicKey({ key: set.keys[0], format: 'jwk' });
  const keySet = createLocalJWKSet(set);
  const expected = { issuer: server.settings.issuer, audience: server.settings.project.id };

  const peer = await createPeer({ cookieCache: false });
  const cachingPeer = await createPeer({ cookieCache: true });
  const perSecond: Record<Subject, number[]> = {
    bare: [],
    cold: [],
    jose: [],
    warm: [],
    peer: [],
    cachingPeer: [],
  };
  const calls = server.calls();
  for (let round = -3; round < rounds; round++) {
    const tokens = Array.from({ length: TOKENS }, () =>
      person.forge({ claims: { jti: randomBytes(16).toString('base64url') } }),
    );
    const parts = tokens.map(apart);
    // Heartbeats are heard in between, as in a server that has other things to do.
    await new Promise((done) => setTimeout(done, 1));
    const times: Record<Subject, number> = {
      bare: await timed(TOKENS, (n) => checkBare(key, parts[n] as SignedPart)),
      cold: await timed(TOKENS, (n) => quick(tokens[n] as string)),
      jose: await timed(TOKENS, (n) => jwtVerify(tokens[n] as string, keySet, expected)),
      warm: await timed(WARM_TIMES, () => quick(tokens[0] as string)),
      peer: await timed(TOKENS, peer),
      cachingPeer: await timed(TOKENS, cachingPeer),
    };
    // The first are the compiler's.
    if (round >= 0) for (const name of SUBJECTS) perSecond[name].push(times[name]);
  }
  if (server.calls() !== calls) throw new Error('The SDK has asked the server: nothing here was measured.');

  const of = (name: Subject) => `${whole(median(perSecond[name]))}/s`;
  const ratio = (one: Subject, other: Subject) =>
    median(perSecond[one].map((value, round) => value / (perSecond[other][round] ?? Number.NaN)));
  const [cold, warm, jose] = [ratio('cold', 'bare'), ratio('warm', 'cold'), ratio('cold', 'jose')];
  return [
    {
      measure: 'SDK, { renew: false }, cold',
      ...{ ours: of('cold'), limit: `crypto.verify ${of('bare')}`, ratio: percent(cold) },
      ...{ target: `≥ ${percent(COLD_TARGET)}`, met: cold >= COLD_TARGET },
    },
    {
      measure: 'SDK, { renew: false }, warm',
      ...{ ours: of('warm'), limit: `cold ${of('cold')}`, ratio: `× ${whole(warm)}` },
      ...{ target: `≥ × ${WARM_TARGET}`, met: warm >= WARM_TARGET },
    },
    {
      measure: 'SDK, { renew: false }, cold',
      ...{ ours: of('cold'), limit: `jose jwtVerify ${of('jose')}`, ratio: percent(jose) },
      ...{ target: '', met: null },
    },
    {
      measure: 'SDK, { renew: false }, cold',
      ...{ ours: of('cold'), limit: `better-auth getSession ${of('peer')}` },
      ...{ ratio: percent(ratio('cold', 'peer')), target: '', met: null },
    },
    {
      measure: 'SDK, { renew: false }, cold',
      ...{ ours: of('cold'), limit: `better-auth, its cookie cache ${of('cachingPeer')}` },
      ...{ ratio: percent(ratio('cold', 'cachingPeer')), target: '', met: null },
    },
  ];
}

interface SignedPart {
  data: Buffer;
  signature: Buffer;
}

function apart(token: string): SignedPart {
  const at = token.lastIndexOf('.');
  return { data: Buffer.from(token.slice(0, at)), signature: Buffer.from(token.slice(at + 1), 'base64url') };
}

function checkBare(key: KeyObject, { data, signature }: SignedPart): void {
  if (!verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)) throw new Error('not signed');
}

/** How many a second, one after the other. */
async function timed(count: number, work: (n: number) => unknown): Promise<number> {
  const from = performance.now();
  for (let n = 0; n < count; n++) await work(n);
  return (count * 1000) / (performance.now() - from);
}
