import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxHanded,
  type FluxProject,
  type World,
} from '../../testing/index.ts';

const BACK = 'https://app.example.com/done?from=auth';
const MINUTE = 60_000;

describe.each(DIALECTS)('the way to the hosted page for second factors on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  let person: FluxHanded;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: { redirect_urls: [BACK] } });
    person = await flux.signUp();
  });
  afterAll(() => world.close());

  const begin = (body: unknown, token = person.token) =>
    world.direct.post('/flux/v1/mfa/step_up', body, { ...flux.asPage, 'x-flux-session': token });

  async function ticketFor(body: unknown): Promise<string> {
    const reply = await begin(body);
    expect(reply.status, reply.text).toBe(200);
    const { url } = reply.json as { url: string };
    return new URL(url).hash.slice('#flux_step_up='.length);
  }

  it('leads to a page of ours with a ticket that no log ever has', async () => {
    const reply = await begin({ redirect_url: BACK, state: 'mine' });
    const { url, expires_at } = reply.json as { url: string; expires_at: string };
    const { origin, pathname, search, hash } = new URL(url);
    expect(origin).toBe(new URL(world.config.publicUrl).origin);
    expect([pathname, search]).toEqual([`/p/${flux.id}/step-up`, '']);
    expect(Date.parse(expires_at)).toBe(world.clock.now() + 10 * MINUTE);
    const ticket = hash.slice('#flux_step_up='.length);
    const rows = await world.instance.storage.db.selectFrom('step_up_ticket').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(ticket);
    expect(world.logLines.join('')).not.toContain(ticket);
  });

  it('stands for one session, until it is finished, once [bug 68]', async () => {
    const { stepUps } = world.instance;
    const ticket = await ticketFor({ redirect_url: BACK, state: 'mine' });
    const open = await stepUps.open(ticket);
    expect(open).toMatchObject({
      session: { id: person.session.id },
      project: { id: flux.id },
      redirectUrl: BACK,
      state: 'mine',
    });
    expect(await stepUps.open(`${ticket}x`)).toBeNull();
    const finished = await Promise.all(Array.from({ length: 50 }, () => stepUps.finish(ticket)));
    expect(finished.filter((one) => one !== null)).toHaveLength(1);
    expect(await stepUps.open(ticket)).toBeNull();
  });

  it('ends with its ten minutes, its session, and the address it leads back to', async () => {
    const { stepUps } = world.instance;
    const late = await ticketFor({ redirect_url: BACK });
    world.clock.advance(10 * MINUTE - 1);
    expect(await stepUps.open(late)).not.toBeNull();
    world.clock.advance(1);
    expect(await stepUps.open(late)).toBeNull();
    expect(await stepUps.finish(late)).toBeNull();

    const homeless = await ticketFor({ redirect_url: BACK });
    await flux.change({ redirect_urls: [] });
    expect(await stepUps.finish(homeless)).toBeNull();
    await flux.change({ redirect_urls: [BACK] });

    const { email } = person.user;
    const other = await flux.signIn(email);
    const reply = await begin({ redirect_url: BACK }, other.token);
    const orphan = new URL((reply.json as { url: string }).url).hash.slice('#flux_step_up='.length);
    await flux.app('/sessions/revoke', { token: other.token });
    expect(await stepUps.open(orphan)).toBeNull();
  });

  it('leads back to the project’s own addresses alone, compared whole [FX-19, bug 68]', async () => {
    for (const address of [
      'https://app.example.com/done',
      `${BACK}&x=1`,
      `${BACK}#x`,
      'https://app.example.com.evil.example/done?from=auth',
      'https://app.example.com@evil.example/done?from=auth',
      '//app.example.com/done?from=auth',
      'javascript:alert(1)',
      BACK.toUpperCase(),
      ` ${BACK}`,
    ]) {
      const reply = await begin({ redirect_url: address });
      expect([reply.status, codeOf(reply)], address).toEqual([403, 'redirect_not_allowed']);
    }
    for (const body of [{}, { redirect_url: 1 }, { redirect_url: BACK, state: 'x'.repeat(501) }, [], 'x'])
      expect(codeOf(await begin(body)), JSON.stringify(body)).toBe('invalid_request');
  });

  it('asks for the session of this project, and for a key [J01]', async () => {
    const foreign = await createFluxProject(world);
    const stranger = await foreign.signUp();
    const body = { redirect_url: BACK };
    expect(codeOf(await begin(body, stranger.token))).toBe('invalid_session');
    expect(codeOf(await begin(body, ''))).toBe('invalid_session');
    expect(codeOf(await begin(body, `${person.token}x`))).toBe('invalid_session');
    const path = '/flux/v1/mfa/step_up';
    const session = { 'x-flux-session': person.token };
    expect(codeOf(await world.direct.post(path, body, session))).toBe('invalid_api_key');
    expect(codeOf(await world.direct.post(path, body, flux.asPage))).toBe('invalid_session');
    expect((await world.direct.post(path, body, { ...flux.asApp, ...session })).status).toBe(200);
    const both = { ...flux.asApp, ...flux.asPage, ...session };
    expect(codeOf(await world.direct.post(path, body, both))).toBe('invalid_api_key');
  });
});
