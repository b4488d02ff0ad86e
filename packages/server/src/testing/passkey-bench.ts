import { randomBytes } from 'node:crypto';
import { type Attempt, type Judged, NOTHING_HELD, type Rejection } from '../core/sign-in/index.ts';
import { createPasskeyKeeper } from '../methods/passkey/passkey-keeper.ts';
import { createPasskeyMethod } from '../methods/passkey/passkey-method.ts';
import {
  type Authenticator,
  createAuthenticator,
  type RequestOptions,
  type Tampering,
} from './authenticator.ts';
import type { World } from './world.ts';

type Asked = RequestOptions & Record<string, unknown>;

/** What `prove` tells of a proof that counts. */
export const PROVED = 'has,is';

/** The passkey method alone, on a world's database, as the gate drives it. */
export function createPasskeyBench(world: World) {
  const relyingParty = {
    id: 'login.example.org',
    name: 'Example',
    origins: ['https://login.example.org'],
  };
  const relyingPartyOf = async () => relyingParty;
  const parts = { clock: world.clock.now, random: randomBytes, relyingPartyOf };
  const method = createPasskeyMethod(parts);
  const keeper = createPasskeyKeeper(parts);
  const { storage, project } = world.instance;

  async function judge(of: Attempt, sent: unknown): Promise<Judged | Rejection> {
    const proof = method.proof.parse(sent);
    const subject = await method.identify(storage.db, of, proof);
    return await method.judge(storage.db, { attempt: of, subject, proof, held: NOTHING_HELD });
  }

  async function consume(judged: Judged | Rejection): Promise<string> {
    if (judged.outcome === 'rejected') return judged.reason;
    const proved = await storage.transaction((tx) => judged.consume(tx));
    return proved.outcome === 'rejected' ? proved.reason : proved.factors.join();
  }

  /** Judges and spends: what was proved, or why not. */
  const prove = async (of: Attempt, sent: unknown) => await consume(await judge(of, sent));
  const challenge = async (of: Attempt) => (await method.challenge?.(storage.db, of)) as Asked;

  return {
    db: storage.db,
    method,
    keeper,
    judge,
    consume,
    prove,
    challenge,

    async newUser(): Promise<string> {
      return ((await world.register(world.client())).json as { user_id: string }).user_id;
    },

    newDevice: (options: object = {}): Authenticator =>
      createAuthenticator({ rpId: relyingParty.id, origin: relyingParty.origins[0] ?? '', ...options }),

    /** Keeps a passkey of this device for a user. */
    async enrol(device: Authenticator, userId: string): Promise<void> {
      const place = { projectId: project.id, userId, sessionId: 'sess_1' };
      const options = await keeper.begin(storage.db, { ...place, userName: 'name' });
      const response = device.register(options);
      const judged = await keeper.judge(storage.db, { ...place, challenge: options.challenge, response });
      if (judged.refused !== null) throw new Error(judged.refused);
      await storage.transaction((tx) => judged.save(tx, 'Key'));
    },

    /** Nobody's yet, or this user's in the attempt called `one`. */
    attempt(
      purpose: Attempt['purpose'],
      userId: string | null = null,
      change: Partial<Attempt> = {},
    ): Attempt {
      const origin = { address: '10.0.0.1' } as Attempt['origin'];
      const binding = userId === null ? null : 'one';
      return { projectId: project.id, origin, userId, purpose, binding, ...change };
    },

    /** Asks for a challenge and answers it; what comes of it. */
    async answer(of: Attempt, by: Authenticator, tampering?: Tampering): Promise<string> {
      const asked = await challenge(of);
      return await prove(of, { response: by.assert(asked, tampering), challenge: asked.challenge });
    },

    rows: (userId: string) =>
      storage.db.selectFrom('passkey').selectAll().where('user_id', '=', userId).execute(),
    challenges: (userId: string) =>
      storage.db.selectFrom('passkey_challenge').selectAll().where('user_id', '=', userId).execute(),
  };
}
