import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  type EventStream,
  listen,
  ManualClock,
  PASSWORD,
  until,
  type World,
} from '../../../testing/index.ts';

const SECRET = 'hT3vQm0bXo9Zr2LkP7sWcE5uYdA8nJfG1iRqN6xKtVw';
const ENV = { FLUXGATE_INTERNAL_SECRET: SECRET, FLUXGATE_RATE_LIMITS: 'off' };
const HOUR = 3_600_000;
const hash = (token: string | null) =>
  createHash('sha256')
    .update(token ?? '')
    .digest('base64url');

describe.each(DIALECTS)('the event stream on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  const closing: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    world = await createWorld({ dialect, clock, env: ENV });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await world.close();
  });

  async function stream(after?: string, at: World = world): Promise<EventStream> {
    const opened = await listen(`${at.baseUrl}/v1/internal/events`, {
      'x-internal-secret': SECRET,
      ...(after !== undefined && { 'last-event-id': after }),
    });
    closing.push(opened.close);
    return opened;
  }

  async function another(email: string): Promise<Client> {
    const client = world.client();
    const reply = await client.post('/v1/auth/login', { email, password: PASSWORD });
    client.token = (reply.json as { token: string }).token;
    return client;
  }

  const names = ({ events }: EventStream) => events.map(({ name }) => name);
  const rows = () => world.instance.storage.db.selectFrom('event').selectAll().orderBy('id').execute();

  it('is a stream that no cache keeps', async () => {
    const heard = await stream();
    expect(heard.status).toBe(200);
    expect(heard.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(heard.headers['cache-control']).toBe('no-store');
  });

  it('tells of a user as he is after the change, in the private form', async () => {
    const { client, userId } = await world.person();
    const heard = await stream();
    await client.patch('/v1/users/@me', { bio: 'new here', pronouns: 'they' });
    // What came before the stream was opened may just be on its way.
    const isMeant = ({ name, data }: { name: string; data: object }) =>
      name === 'USER_UPDATE' && 'bio' in data && data.bio !== null;
    await until(() => heard.events.some(isMeant));
    const { data, id } = heard.events.find(isMeant) ?? { data: {}, id: '' };
    expect(id).toMatch(/^evt_[0-9a-f]{32}$/);
    expect(data).toEqual((await client.get('/v1/users/@me')).json);
    expect(data).toMatchObject({ id: userId, bio: 'new here' });
  });

  it('tells nothing of what was refused', async () => {
    const { client } = await world.person();
    const before = (await rows()).length;
    expect((await client.patch('/v1/users/@me', { accent_color: -1 })).status).toBe(400);
    const wrong = { new_password: 'another horse battery', password: 'wrong password' };
    expect((await client.patch('/v1/users/@me', wrong)).status).toBe(400);
    expect(await rows()).toHaveLength(before);
  });

  it('tells which sessions ended, however they did', async () => {
    const { client, email, userId } = await world.person();
    const [second, third, fourth] = [await another(email), await another(email), await another(email)];
    const heard = await stream();

    await second.post('/v1/auth/logout');
    expect((await heard.next('TERMINATE_SESSIONS')).data).toEqual({
      user_id: userId,
      session_id_hashes: [hash(second.token)],
    });
    const body = { session_id_hashes: [hash(third.token)], password: PASSWORD };
    expect((await client.post('/v1/auth/sessions/logout', body)).status).toBe(204);
    expect((await heard.next('TERMINATE_SESSIONS', 2)).data['session_id_hashes']).toEqual([
      hash(third.token),
    ]);
    const actor = { userId: null, sessionId: null, origin: null };
    const projectId = world.instance.project.id;
    await world.instance.users.suspend({ projectId, id: userId, reason: null, actor });
    const last = (await heard.next('TERMINATE_SESSIONS', 3)).data['session_id_hashes'] as string[];
    // One more: the one that registering made.
    expect(last).toHaveLength(3);
    expect(last).toEqual(expect.arrayContaining([hash(client.token), hash(fourth.token)]));
  });

  it('tells which session took the place of another, and does not end it first', async () => {
    const { client, email, userId } = await world.person();
    const second = await another(email);
    const old = client.token;
    const heard = await stream();
    const change = { new_password: 'another horse battery', password: PASSWORD };
    const changed = await client.patch('/v1/users/@me', change);
    const token = changed.headers.get('x-fluxer-session-token');

    expect((await heard.next('AUTH_SESSION_CHANGE')).data).toEqual({
      user_id: userId,
      old_auth_session_id_hash: hash(old),
      new_auth_session_id_hash: hash(token),
      new_token: token,
    });
    await heard.next('USER_UPDATE');
    const ended = heard.events
      .filter(({ name }) => name === 'TERMINATE_SESSIONS')
      .flatMap(({ data }) => data['session_id_hashes']);
    expect(ended).toContain(hash(second.token));
    expect(ended).not.toContain(hash(old));
    // Once in the transaction, however many there were to say so.
    expect(names(heard).filter((name) => name === 'USER_UPDATE')).toHaveLength(1);
    expect(JSON.stringify(await rows())).not.toContain(token);
    expect(world.logLines.join('')).not.toContain(token);
  });

  it('tells two listeners the same, in the same order', async () => {
    const { client } = await world.person();
    const [one, other] = [await stream(), await stream()];
    for (const bio of ['a', 'b', 'c', 'd']) await client.patch('/v1/users/@me', { bio });
    await client.post('/v1/auth/logout');
    for (const heard of [one, other]) await heard.next('TERMINATE_SESSIONS');
    // That the address was confirmed may still come, to the first of them alone.
    const told = ({ events }: EventStream) => events.filter(({ data }) => data['bio'] !== null);
    expect(told(one)).toEqual(told(other));
    expect(told(one).map(({ name, data }) => data['bio'] ?? name)).toEqual([...'abcd', 'TERMINATE_SESSIONS']);
    const ids = one.events.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('goes on after the last event that a listener knows', async () => {
    const { client } = await world.person();
    clock.advance(60_000);
    const first = await stream();
    await client.patch('/v1/users/@me', { bio: 'heard' });
    await until(() => first.events.some(({ data }) => data['bio'] === 'heard'));
    const known = { id: first.events.at(-1)?.id };
    await first.close();
    clock.advance(60_000);
    await client.patch('/v1/users/@me', { bio: 'missed' });
    await client.post('/v1/auth/logout');

    const second = await stream(known.id);
    await second.next('TERMINATE_SESSIONS');
    expect(names(second)).toEqual(['USER_UPDATE', 'TERMINATE_SESSIONS']);
    expect(second.events.map(({ id }) => id)).not.toContain(known.id);
    expect((await second.next('USER_UPDATE')).data).toMatchObject({ bio: 'missed' });
  });

  it('says when it has forgotten, and what comes after that is heard', async () => {
    const { client } = await world.person();
    const first = await stream();
    await client.patch('/v1/users/@me', { bio: 'heard' });
    const { id } = await first.next('USER_UPDATE');
    clock.advance(HOUR);
    for (const after of [id, 'evt_unknown', '%', 'x'.repeat(5_000)]) {
      const heard = await stream(after);
      await heard.next('EVENTS_LOST');
      await client.patch('/v1/users/@me', { bio: after.slice(0, 300) });
      await heard.next('USER_UPDATE');
      expect(names(heard)).toEqual(['EVENTS_LOST', 'USER_UPDATE']);
    }
    await world.instance.clean();
    expect((await rows()).every((row) => row.at > clock.now() - HOUR)).toBe(true);
  });

  it('shows that it lives', async () => {
    const heard = await stream();
    await until(() => heard.heartbeats() > 0);
    expect(heard.isOver()).toBe(false);
  });

  it('ends when the server stops, and does not hold it up', async () => {
    const heard = await stream();
    const startedAt = performance.now();
    await world.server.stop();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await until(heard.isOver);
  });

  it('serves so many on one node and sends others away for a while', async () => {
    for (let number = 0; number < 64; number++) expect((await stream()).status).toBe(200);
    const reply = await world.client().get('/v1/internal/events', { 'x-internal-secret': SECRET });
    expect(refusal(reply)).toBe('503 SERVICE_UNAVAILABLE');
    await closing.pop()?.();
    await until(async () => (await stream()).status === 200);
  });

  it('tells on one node what another has written', async () => {
    const { client, userId } = await world.person();
    const heard = await stream();
    const { databaseUrl, dataDir } = world;
    const node = await createWorld({ dialect, clock, env: ENV, database: { databaseUrl, dataDir } });
    closing.push(() => node.close());
    const there = node.client();
    there.token = client.token;
    await there.patch('/v1/users/@me', { bio: 'from elsewhere' });
    expect((await heard.next('USER_UPDATE')).data).toMatchObject({ id: userId, bio: 'from elsewhere' });
    const change = { new_password: 'another horse battery', password: PASSWORD };
    const changed = await there.patch('/v1/users/@me', change);
    expect((await heard.next('AUTH_SESSION_CHANGE')).data['new_token']).toBe(
      changed.headers.get('x-fluxer-session-token'),
    );
    expect(new Set(heard.events.map(({ id }) => id)).size).toBe(heard.events.length);
  });
});
