import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxHanded,
  type FluxProject,
  handed,
  newPhoneNumber,
  type Reply,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('second factors at Flux’s API, misused, on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  let mfa: ReturnType<typeof createFluxMfa>;
  let person: FluxHanded;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
    mfa = createFluxMfa(world, flux);
  });
  beforeEach(async () => {
    person = await flux.signUp();
  });
  afterAll(() => world.close());

  const said = (reply: Reply) => [reply.status, codeOf(reply)];
  const isVerified = async (token: string) => handed(await flux.verify(token)).session.mfa_verified;

  it('open nothing but what pays to a session that owes: no other factor is set up, none is taken away [FX-53, bug 15]', async () => {
    const app = await mfa.totp(person.token);
    const { token } = await flux.signIn(person.user.email);
    const phone = newPhoneNumber();
    for (const [method, path, body] of [
      ['POST', '/mfa/factors', { type: 'sms', phone }],
      ['POST', '/mfa/factors', { type: 'totp' }],
      ['DELETE', `/mfa/factors/${app.id}`, undefined],
      ['POST', '/mfa/recovery_codes', undefined],
    ] as const)
      expect(said(await mfa.send(method, path, token, body)), path).toEqual([403, 'mfa_required']);
    expect((await world.mails(phone)).length).toBe(0);
    expect((await mfa.send('GET', '/mfa/factors', token)).status).toBe(200);
    const { token: paid } = await mfa.show(token, app);
    expect((await mfa.enrol(paid, { type: 'sms', phone })).factor.status).toBe('unverified');
    expect((await mfa.send('DELETE', `/mfa/factors/${app.id}`, paid)).status).toBe(200);
    expect((await mfa.send('DELETE', `/mfa/factors/${app.id}`, paid)).status).toBe(404);
  });

  it('do not take in a factor that was begun before the owner had one', async () => {
    const thief = await flux.signIn(person.user.email);
    const phone = newPhoneNumber();
    const begun = await mfa.enrol(thief.token, { type: 'sms', phone });
    const stolen = await mfa.smsCode(phone);
    await mfa.totp(person.token);
    const late = await mfa.verify(thief.token, begun.challenge?.id ?? '', stolen);
    expect(said(late)).toEqual([403, 'mfa_required']);
    expect(await isVerified(thief.token)).toBe(false);
    expect((await mfa.factors(person.token)).factors).toMatchObject([{ type: 'totp' }]);
  });

  it('leave the telephone when the app is taken away, and the recovery codes with it', async () => {
    const app = await mfa.totp(person.token);
    const phone = newPhoneNumber();
    const sms = await mfa.sms(person.token, phone);
    // The second factor makes no second set.
    expect(sms.recoveryCodes).toEqual([]);
    expect((await mfa.send('DELETE', `/mfa/factors/${app.id}`, person.token)).status).toBe(200);
    expect(await mfa.factors(person.token)).toMatchObject({
      factors: [{ id: sms.id, status: 'verified' }],
      recovery_codes_left: 10,
    });
    const later = await flux.signIn(person.user.email);
    expect(later.session.mfa_required).toBe(true);
    expect(said(await mfa.post(`/mfa/factors/${app.id}/challenge`, later.token))).toEqual([404, 'not_found']);
    expect((await mfa.send('DELETE', `/mfa/factors/${sms.id}`, person.token)).status).toBe(200);
    expect(await mfa.factors(person.token)).toEqual({ factors: [], recovery_codes_left: 0 });
    expect(said(await mfa.post('/mfa/recovery_codes', person.token))).toEqual([404, 'not_found']);
  });

  it('are one of each type, and a telephone is one account’s', async () => {
    await mfa.totp(person.token);
    const phone = newPhoneNumber();
    await mfa.sms(person.token, phone);
    for (const body of [{ type: 'totp' }, { type: 'sms', phone }, { type: 'sms', phone: newPhoneNumber() }])
      expect(said(await mfa.post('/mfa/factors', person.token, body))).toEqual([409, 'already_enrolled']);
    const other = await flux.signUp();
    expect(said(await mfa.post('/mfa/factors', other.token, { type: 'sms', phone }))).toEqual([
      409,
      'phone_taken',
    ]);
    for (const bad of ['015123456789', '+4990012345678', '+1', 'x', '+49151<script>'])
      expect(said(await mfa.post('/mfa/factors', other.token, { type: 'sms', phone: bad })), bad).toEqual([
        422,
        'phone_invalid',
      ]);
  });

  it('are refused at the start and at the end where the project has switched the type off [FX-04]', async () => {
    const { factor } = await mfa.enrol(person.token, { type: 'totp' });
    const phone = newPhoneNumber();
    const { challenge } = await mfa.enrol(person.token, { type: 'sms', phone });
    const code = await mfa.smsCode(phone);
    await flux.change({ mfa: { methods: ['totp'] } });
    expect(said(await mfa.verify(person.token, challenge?.id ?? '', code))).toEqual([403, 'method_disabled']);
    expect(said(await mfa.post('/mfa/factors', person.token, { type: 'sms', phone }))).toEqual([
      403,
      'method_disabled',
    ]);
    await flux.change({ mfa: { methods: ['sms'] } });
    const asked = await mfa.challenge(person.token, factor.id);
    expect(said(await mfa.verify(person.token, asked, '123456'))).toEqual([403, 'method_disabled']);
    expect(said(await mfa.post('/mfa/factors', person.token, { type: 'totp' }))).toEqual([
      403,
      'method_disabled',
    ]);
    await flux.change({ mfa: { methods: ['totp', 'sms'] } });
    expect(await isVerified(person.token)).toBe(false);
  });

  it('belong to their user and their session: no challenge or factor of another opens anything [FX-05, J03]', async () => {
    const app = await mfa.totp(person.token);
    const [mine, sibling] = [await flux.signIn(person.user.email), await flux.signIn(person.user.email)];
    const asked = await mfa.challenge(mine.token, app.id);
    const stranger = await flux.signUp();
    const foreign = await createFluxProject(world);
    const guest = await foreign.signUp();
    const abroad = createFluxMfa(world, foreign);
    for (const [kit, token] of [
      [mfa, sibling.token],
      [mfa, stranger.token],
      [abroad, guest.token],
    ] as const)
      expect(said(await kit.verify(token, asked, app.code()))).toEqual([401, 'invalid_link']);
    for (const [kit, token] of [
      [mfa, stranger.token],
      [abroad, guest.token],
    ] as const) {
      expect(said(await kit.post(`/mfa/factors/${app.id}/challenge`, token))).toEqual([404, 'not_found']);
      expect(said(await kit.send('DELETE', `/mfa/factors/${app.id}`, token))).toEqual([404, 'not_found']);
    }
    expect(said(await abroad.verify(mine.token, asked, app.code()))).toEqual([401, 'invalid_session']);
    expect(await isVerified(sibling.token)).toBe(false);
    expect((await mfa.verify(mine.token, asked, app.code())).status).toBe(200);
  });

  it('end with their ten minutes and with their session', async () => {
    const app = await mfa.totp(person.token);
    const { token } = await flux.signIn(person.user.email);
    const asked = await mfa.challenge(token, app.id);
    world.clock.advance(10 * MINUTE);
    expect(said(await mfa.verify(token, asked, app.code()))).toEqual([401, 'invalid_link']);
    const next = await mfa.challenge(token, app.id);
    await flux.app('/sessions/revoke', { token });
    expect(said(await mfa.verify(token, next, app.code()))).toEqual([401, 'session_revoked']);
    const phone = newPhoneNumber();
    const other = await flux.signUp();
    const { challenge } = await mfa.enrol(other.token, { type: 'sms', phone });
    const code = await mfa.smsCode(phone);
    world.clock.advance(10 * MINUTE);
    expect(said(await mfa.verify(other.token, challenge?.id ?? '', code))).toEqual([401, 'invalid_link']);
  });

  it('are set up once by fifty who show the first code at once', async () => {
    const { factor, totp } = await mfa.enrol(person.token, { type: 'totp' });
    const asked = await mfa.challenge(person.token, factor.id);
    const code = mfa.codeAt(totp?.secret ?? '');
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => mfa.verify(person.token, asked, code)),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const other = await flux.signUp();
    const phone = newPhoneNumber();
    const { challenge } = await mfa.enrol(other.token, { type: 'sms', phone });
    const sent = await mfa.smsCode(phone);
    const bySms = await Promise.all(
      Array.from({ length: 50 }, () => mfa.verify(other.token, challenge?.id ?? '', sent)),
    );
    expect(bySms.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await mfa.factors(other.token)).factors).toHaveLength(1);
  });

  it('never show a secret again, nor in a log, a row or the trail', async () => {
    const app = await mfa.totp(person.token);
    const again = JSON.stringify(await mfa.factors(person.token));
    const { db } = world.instance.storage;
    const rows = JSON.stringify([
      await db.selectFrom('factor_challenge').selectAll().execute(),
      await db.selectFrom('totp_credential').selectAll().execute(),
      await db.selectFrom('recovery_code').selectAll().execute(),
      await db.selectFrom('audit_record').selectAll().execute(),
    ]);
    for (const secret of [app.secret, ...app.recoveryCodes])
      for (const text of [again, rows, world.logLines.join('')]) expect(text).not.toContain(secret);
    const events = await db
      .selectFrom('audit_record')
      .select('event')
      .where('user_id', '=', person.user.id)
      .execute();
    expect(events.map(({ event }) => event)).toContain('factor.enrolled');
  });

  it('take nothing but what each route asks for', async () => {
    const { token } = person;
    for (const body of [
      {},
      [],
      'x',
      '{',
      { type: 'passkey' },
      { type: 'sms' },
      { type: 'sms', phone: 1 },
      { type: 'sms', phone: 'x'.repeat(65) },
      '{"type":"totp","type":"sms"}',
      '{"type":"to\u0000tp"}',
    ])
      expect(said(await mfa.post('/mfa/factors', token, body)), JSON.stringify(body)).toEqual([
        400,
        'invalid_request',
      ]);
    const { factor } = await mfa.enrol(token, { type: 'totp' });
    const asked = await mfa.challenge(token, factor.id);
    for (const body of [
      {},
      [],
      { code: 123456 },
      { code: '' },
      { code: 'x'.repeat(65) },
      { code: ['123456'] },
    ])
      expect(said(await mfa.post(`/mfa/challenges/${asked}/verify`, token, body))).toEqual([
        400,
        'invalid_request',
      ]);
    for (const code of ['１２３４５６', '12345\u0000', "' or 1=1", '-12345', '1e5', '      '])
      expect([400, 401], code).toContain((await mfa.verify(token, asked, code)).status);
    const large = await mfa.post('/mfa/recovery', token, { code: '1', x: 'x'.repeat(70_000) });
    expect(said(large)).toEqual([413, 'invalid_request']);
    for (const id of ['chal_none', 'x'.repeat(100), "'", '..%2f..', asked.toUpperCase()])
      expect((await mfa.verify(token, id, '123456')).status, id).toBeGreaterThanOrEqual(400);
    expect(said(await mfa.post('/mfa/recovery', token, { code: 'aaaa-bbbb' }))).toEqual([404, 'not_found']);
  });
});

describe('a server that sends no SMS', () => {
  it('offers no telephone, and sets none up', async () => {
    const world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_DEV_MAILBOX: 'off' } });
    const flux = await createFluxProject(world);
    const mfa = createFluxMfa(world, flux);
    const { json } = await world.direct.get('/flux/v1/settings', flux.asPage);
    expect((json as { mfa: object }).mfa).toEqual({ required: false, methods: ['totp'] });
    const { token } = await flux.signUp();
    const reply = await mfa.post('/mfa/factors', token, { type: 'sms', phone: newPhoneNumber() });
    expect([reply.status, codeOf(reply)]).toEqual([403, 'method_disabled']);
    expect((await mfa.totp(token)).proved.session.mfa_verified).toBe(true);
    await world.close();
  });
});
