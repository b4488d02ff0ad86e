import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal, type TokenAnswer } from '../../testing/fluxer-decoder.ts';
import { createNodes, DIALECTS, type Nodes, type World } from '../../testing/index.ts';

const PARALLEL = 50;

describe.each(DIALECTS)('a hand-off in fifty hands at once on %s', (dialect) => {
  let nodes: Nodes;
  let world: World;
  let second: World;
  beforeAll(async () => {
    nodes = await createNodes(dialect, { FLUXGATE_RATE_LIMITS: 'off' });
    ({ first: world, second } = nodes);
  });
  afterAll(() => nodes.close());

  const node = (index: number) => (index % 2 ? world : second);
  const all = <T>(work: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: PARALLEL }, (_, index) => work(index)));
  const initiate = async () => decode.handoff(await world.client().post('/v1/auth/handoff/initiate')).code;
  const sessionsOf = (userId: string) => world.instance.sessions.list(userId);

  it('is completed by exactly one, and one session comes of it [bug 57]', async () => {
    const people = [await world.person(), await world.person()] as const;
    const code = await initiate();
    const before = await Promise.all(people.map(({ userId }) => sessionsOf(userId)));
    const replies = await all(async (index) => {
      const { client, userId } = people[index % 3 ? 0 : 1];
      const body = { code, token: client.token, user_id: userId };
      return await node(index).client().post('/v1/auth/handoff/complete', body);
    });
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 204)) {
      expect(refusal(reply)).toBe('400 INVALID_HANDOFF_CODE');
    }
    const after = await Promise.all(people.map(({ userId }) => sessionsOf(userId)));
    expect(after.flat()).toHaveLength(before.flat().length + 1);
    const winner = people[replies.findIndex(({ status }) => status === 204) % 3 ? 0 : 1];
    const fetched = decode.handoffStatus(await world.client().get(`/v1/auth/handoff/${code}/status`));
    expect(fetched).toMatchObject({ user_id: winner.userId });
  });

  it('tells its token to exactly one [D13]', async () => {
    const { client, userId } = await world.person();
    const code = await initiate();
    decode.empty(await client.post('/v1/auth/handoff/complete', { code }));
    const answers = await all(async (index) =>
      decode.handoffStatus(await node(index).client().get(`/v1/auth/handoff/${code}/status`)),
    );
    const told = answers.filter((answer): answer is TokenAnswer => typeof answer === 'object');
    expect(told).toMatchObject([{ user_id: userId }]);
    expect(answers.filter((answer) => answer === 'expired')).toHaveLength(PARALLEL - 1);
  });

  it('is either fetched or cancelled, never both', async () => {
    const { client, userId } = await world.person();
    for (let round = 0; round < 10; round++) {
      const code = await initiate();
      const before = await sessionsOf(userId);
      decode.empty(await client.post('/v1/auth/handoff/complete', { code }));
      const [answer] = await Promise.all([
        world.client().get(`/v1/auth/handoff/${code}/status`),
        second.client().send(`/v1/auth/handoff/${code}`, { method: 'DELETE' }),
      ]);
      const isFetched = decode.handoffStatus(answer) !== 'expired';
      expect(await sessionsOf(userId)).toHaveLength(before.length + (isFetched ? 1 : 0));
    }
  });

  it('leaves no session to a user who is suspended at the same moment [D05]', async () => {
    const { users, project } = world.instance;
    const actor = { userId: null, sessionId: null, origin: null };
    for (let round = 0; round < 10; round++) {
      const { client, userId } = await world.person();
      const codes = await Promise.all([initiate(), initiate(), initiate()]);
      await Promise.all([
        ...codes.map((code, index) =>
          node(index)
            .client()
            .post('/v1/auth/handoff/complete', { code, token: client.token, user_id: userId }),
        ),
        users.suspend({ projectId: project.id, id: userId, reason: null, actor }),
      ]);
      expect(await sessionsOf(userId)).toEqual([]);
    }
  });
});
