import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt } from '../../core/sign-in/index.ts';
import {
  type Authenticator,
  createNodes,
  DIALECTS,
  type Nodes,
  type Tampering,
  type World,
} from '../../testing/index.ts';
import { createPasskeyBench, PROVED } from '../../testing/passkey-bench.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('a challenge to a passkey on %s', (dialect) => {
  let nodes: Nodes;
  let world: World;
  let second: World;
  let bench: ReturnType<typeof createPasskeyBench>;
  let userId: string;
  let device: Authenticator;
  beforeAll(async () => {
    nodes = await createNodes(dialect, { FLUXGATE_RATE_LIMITS: 'off' });
    ({ first: world, second } = nodes);
    bench = createPasskeyBench(world);
  });
  afterAll(() => nodes.close());
  beforeEach(async () => {
    userId = await bench.newUser();
    device = bench.newDevice();
    await bench.enrol(device, userId);
  });

  it('is answered once, as good or as bad as the answer was [B02, C01]', async () => {
    const of = bench.attempt('sign-in');
    const asked = await bench.challenge(of);
    const answer = () => ({ response: device.assert(asked), challenge: asked.challenge });
    expect(await bench.prove(of, answer())).toBe(PROVED);
    expect(await bench.prove(of, answer())).toBe('already-used');
    const next = await bench.challenge(of);
    const bad = { response: device.assert(next, { flags: { uv: false } }), challenge: next.challenge };
    expect(await bench.prove(of, bad)).toBe('wrong');
    const late = { response: device.assert(next), challenge: next.challenge };
    expect(await bench.prove(of, late)).toBe('already-used');
  });

  it.each([
    [5 * MINUTE - 1, PROVED],
    [5 * MINUTE, 'expired'],
  ])('is answered after %i ms: %s [C01, N08]', async (waited, outcome) => {
    const of = bench.attempt('sign-in');
    const asked = await bench.challenge(of);
    world.clock.advance(waited);
    const proof = { response: device.assert(asked), challenge: asked.challenge };
    expect(await bench.prove(of, proof)).toBe(outcome);
  });

  it('is not made up', async () => {
    const challenge = Buffer.alloc(32, 3).toString('base64url');
    const response = device.assert({ challenge });
    const of = bench.attempt('sign-in');
    expect(await bench.prove(of, { response, challenge })).toBe('wrong');
    expect(await bench.prove(of, { response })).toBe('wrong');
  });

  it('is good for the attempt it was made for alone [C01]', async () => {
    const places: Attempt[] = [
      bench.attempt('sign-in'),
      bench.attempt('sign-in', null, { binding: 'a browser' }),
      bench.attempt('second-factor', userId),
      bench.attempt('second-factor', userId, { binding: 'two' }),
      bench.attempt('again', userId),
      bench.attempt('again', userId, { binding: 'two' }),
    ];
    for (const [from, asking] of places.entries()) {
      for (const [to, given] of places.entries()) {
        const { challenge } = await bench.challenge(asking);
        const response = device.assert({ challenge });
        const outcome = await bench.prove(given, { response, challenge });
        expect(outcome, `${from} to ${to}`).toBe(from === to ? PROVED : 'wrong');
      }
    }
  });

  it("is not spent by another person's hands [C01, C06]", async () => {
    const stranger = await bench.newUser();
    const theirs = bench.newDevice();
    await bench.enrol(theirs, stranger);
    const [own, foreign] = [bench.attempt('second-factor', userId), bench.attempt('second-factor', stranger)];
    const asked = await bench.challenge(foreign);
    const { challenge } = asked;
    expect(await bench.prove(own, { response: device.assert({ challenge }), challenge })).toBe('wrong');
    expect(await bench.prove(foreign, { response: theirs.assert(asked), challenge })).toBe(PROVED);
  });

  it('for making a passkey is none for using one, nor the other way round [C01]', async () => {
    const { keeper, db } = bench;
    const place = { projectId: world.instance.project.id, userId, sessionId: 'one' };
    const { challenge: creating } = await keeper.begin(db, { ...place, userName: 'name' });
    const again = bench.attempt('again', userId);
    const response = device.assert({ challenge: creating });
    expect(await bench.prove(again, { response, challenge: creating })).toBe('wrong');
    const { challenge: proving } = await bench.challenge(again);
    const made = bench.newDevice().register({ challenge: proving, user: { id: 'AA' } });
    expect(await keeper.judge(db, { ...place, challenge: proving, response: made })).toEqual({
      refused: 'challenge',
    });
  });

  it('need not be told beside what was signed, but is no other one then', async () => {
    const of = bench.attempt('sign-in');
    expect(await bench.prove(of, { response: device.assert(await bench.challenge(of)) })).toBe(PROVED);
    const [told, signed] = [await bench.challenge(of), await bench.challenge(of)];
    const response = device.assert(signed);
    expect(await bench.prove(of, { response, challenge: told.challenge })).toBe('wrong');
    // Only the one that was told is spent for it.
    expect(await bench.prove(of, { response })).toBe(PROVED);
  });

  it('is answered for exactly one of fifty hands [B02, C01]', async () => {
    // One that keeps no counter, so that nothing but the challenge can stop it.
    device = bench.newDevice({ counter: null });
    await bench.enrol(device, userId);
    const benches = [bench, createPasskeyBench(second)];
    for (const of of [
      bench.attempt('sign-in'),
      bench.attempt('second-factor', userId),
      bench.attempt('again', userId),
    ]) {
      const { challenge } = await bench.challenge(of);
      const response = device.assert({ challenge });
      const hands = Array.from({ length: 50 }, (_, index) =>
        benches[index % 2]?.prove(of, { response, challenge }),
      );
      const outcomes = await Promise.all(hands);
      expect(outcomes.filter((outcome) => outcome === PROVED)).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'already-used')).toHaveLength(49);
    }
  });

  it('is stored as a hash, and cleaned away when it is old', async () => {
    const { challenge } = await bench.challenge(bench.attempt('again', userId));
    const hash = createHash('sha256').update(challenge).digest('base64url');
    const stored = await bench.challenges(userId);
    expect(stored.map((row) => row.hash)).toContain(hash);
    expect(JSON.stringify(stored)).not.toContain(challenge);
    world.clock.advance(5 * MINUTE);
    await world.instance.clean();
    expect(await bench.challenges(userId)).toEqual([]);
  });

  it('is asked of nobody who has no passkey', async () => {
    const without = await bench.newUser();
    for (const purpose of ['second-factor', 'again'] as const) {
      await expect(bench.challenge(bench.attempt(purpose, without))).rejects.toMatchObject({
        code: 'no-passkeys',
      });
    }
    expect(await bench.challenges(without)).toEqual([]);
  });

  it('is spent for a signature that was stolen from another user, too [C06]', async () => {
    const stranger = await bench.newUser();
    const of = bench.attempt('sign-in');
    const asked = await bench.challenge(of);
    const claimed: Tampering = {
      answer: ({ response }) =>
        void Object.assign(response, { userHandle: Buffer.from(stranger).toString('base64url') }),
    };
    const { challenge } = asked;
    expect(await bench.prove(of, { response: device.assert(asked, claimed), challenge })).toBe('wrong');
    expect(await bench.prove(of, { response: device.assert(asked), challenge })).toBe('already-used');
    expect(await bench.rows(userId)).toMatchObject([{ counter: 0, last_used_at: null }]);
  });
});
