import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type EventStream,
  type FluxProject,
  listen,
  ManualClock,
  newEmail,
  startUnstalledTime,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

const HOUR = 3_600_000;
const ACTOR = { userId: null, sessionId: null, origin: null };

describe.each(DIALECTS)('the event stream of Flux on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  let flux: FluxProject;
  const closing: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await world.close();
  });

  async function stream(
    after?: string,
    { of = flux, at = world }: { of?: FluxProject; at?: World } = {},
  ): Promise<EventStream> {
    const opened = await listen(`${at.baseUrl}/flux/v1/events`, {
      ...of.asApp,
      ...(after !== undefined && { 'last-event-id': after }),
    });
    closing.push(opened.close);
    return opened;
  }

  const told = ({ events }: EventStream) => events.map(({ name, data }) => ({ name, data }));
  const heartbeat = (heard: EventStream) => {
    const before = heard.heartbeats();
    return until(() => heard.heartbeats() > before + 1);
  };

  it('is a stream that no cache keeps, greets with a cursor, and beats', async () => {
    const heard = await stream();
    expect(heard.status).toBe(200);
    expect(heard.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(heard.headers['cache-control']).toBe('no-store');
    const { id } = await heard.next('stream.ready');
    expect(id).not.toBe('');
    const [before, time] = [heard.heartbeats(), startUnstalledTime()];
    await until(() => heard.heartbeats() >= before + 4);
    // Four a second, as the proof of the channel.
    expect(time.ms()).toBeLessThan(2_500);
    time.stop();
    expect(told(heard)).toEqual([{ name: 'stream.ready', data: {} }]);
  });

  it('tells which sessions end, one by one or a user’s all, before the answer’s client can ask again', async () => {
    const email = newEmail();
    const [first, second, third] = [
      await flux.signUp(email),
      await flux.signIn(email),
      await flux.signIn(email),
    ];
    const { id: user_id } = first.user;
    const heard = await stream();
    await heard.next('stream.ready');
    await flux.app('/sessions/revoke', { token: second.token });
    expect((await heard.next('session.revoked')).data).toEqual({ user_id, session_id: second.session.id });
    await flux.app(`/users/${user_id}/sessions/revoke`);
    const { data } = await heard.next('user.sessions_revoked');
    expect(data['user_id']).toBe(user_id);
    expect([...(data['session_ids'] as string[])].sort()).toEqual(
      [first.session.id, third.session.id].sort(),
    );
  });

  it('tells of suspension, of changed users, of changed settings and of rotated keys', async () => {
    const { user, session } = await flux.signUp();
    const heard = await stream();
    await heard.next('stream.ready');
    const { users, signingKeys } = world.instance;
    await users.suspend({ projectId: flux.id, id: user.id, reason: null, actor: ACTOR });
    expect((await heard.next('session.revoked')).data).toEqual({
      user_id: user.id,
      session_id: session.id,
    });
    expect((await heard.next('user.changed')).data).toEqual({ user_id: user.id });
    await flux.change({ session: { idle_seconds: 900 } });
    expect((await heard.next('project.changed')).data).toEqual({});
    await signingKeys.rotate(ACTOR);
    expect((await heard.next('keys.rotated')).data).toEqual({});
  });

  it('tells nothing of another project, and no secret of anybody [FX-05, M05]', async () => {
    const other = await createFluxProject(world);
    const heard = await stream();
    await heard.next('stream.ready');
    const { token, user } = await other.signUp();
    await other.app('/sessions/revoke', { token });
    await other.change({ mfa: { required: true } });
    const person = await world.person();
    await person.client.post('/v1/auth/logout');
    const mine = await flux.signUp();
    await flux.app('/sessions/revoke', { token: mine.token });
    await heard.next('session.revoked');
    const names = told(heard).map(({ name }) => name);
    expect(names.filter((name) => name === 'session.revoked')).toHaveLength(1);
    expect(names).not.toContain('project.changed');
    const text = JSON.stringify(told(heard));
    expect(text).not.toContain(user.id);
    expect(text).not.toContain(person.userId);
    expect(text).not.toContain(mine.token);
  });

  it('goes on from the last event or the greeting, and says when too much was missed [N05]', async () => {
    const first = await stream();
    const { id: cursor } = await first.next('stream.ready');
    const missed = [await flux.signUp(), await flux.signUp()];
    await flux.app('/sessions/revoke', { token: missed[0]?.token });
    const { id } = await first.next('session.revoked');
    await first.close();
    await flux.app('/sessions/revoke', { token: missed[1]?.token });
    for (const after of [cursor, id]) {
      const again = await stream(after);
      await until(() => told(again).some(({ data }) => data['session_id'] === missed[1]?.session.id));
      await heartbeat(again);
      // Told whole before the first heartbeat, and not greeted: what was known is still known.
      expect(told(again).map(({ name }) => name)).not.toContain('stream.ready');
      expect(told(again).map(({ name }) => name)).not.toContain('events.lost');
      await again.close();
    }
    clock.advance(HOUR + 1);
    for (const after of [cursor, id, 'evt_none', "' or 1=1"]) {
      const late = await stream(after);
      await late.next('events.lost');
    }
  });

  it('ends within a second when its key is revoked, the last one too, and hears all until then [FX-02]', async () => {
    const { session } = await flux.signUp();
    const heard = await stream();
    await heard.next('stream.ready');
    const { projectKeys, sessions, storage } = world.instance;
    const live = await sessions.findById(session.id, 'flux');
    for (const { key } of [flux.keys.publishable, flux.keys.secret])
      await projectKeys.revoke({ projectId: flux.id, id: key.id, actor: ACTOR });
    await storage.transaction((tx) => sessions.endAllOf(tx, live?.userId ?? ''));
    expect((await heard.next('session.revoked')).data['session_id']).toBe(session.id);
    await withinASecond(() => heard.isOver());
    expect((await stream()).status).toBe(401);
  });

  it('does not hold up the stop of its node', async () => {
    const { databaseUrl, dataDir } = world;
    const second = await createWorld({ dialect, clock, database: { databaseUrl, dataDir } });
    const heard = await stream(undefined, { at: second });
    await heard.next('stream.ready');
    const from = Date.now();
    await second.close();
    await until(() => heard.isOver());
    expect(Date.now() - from).toBeLessThan(5_000);
  });

  it('hears what another process does', async () => {
    const { databaseUrl, dataDir } = world;
    const second = await createWorld({ dialect, clock, database: { databaseUrl, dataDir } });
    closing.push(second.close);
    const { token, session } = await flux.signUp();
    const heard = await stream(undefined, { at: second });
    await heard.next('stream.ready');
    await heartbeat(heard);
    await flux.app('/sessions/revoke', { token });
    expect((await heard.next('session.revoked')).data['session_id']).toBe(session.id);
    await wait(0);
  });
});
