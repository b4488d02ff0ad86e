import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAdministration } from '../../core/access/index.ts';
import { reopenUser } from '../../core/user/index.ts';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createFactorKit,
  createWorld,
  DIALECTS,
  emailChangeOf,
  ManualClock,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const HOUR = 3_600_000;
const GRACE = 72 * HOUR;

describe.each(DIALECTS)('leaving, contract 4.9, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const login = async (email: string) => {
    const client = world.client();
    const reply = await client.post('/v1/auth/login', { email, password: PASSWORD });
    client.token = (reply.json as { token?: string }).token ?? null;
    return client;
  };
  const isIn = async (client: Client) => (await client.get('/v1/users/@me')).status === 200;
  const reopen = (userId: string) =>
    world.instance.storage.transaction((tx) => reopenUser(tx, userId, clock.now()));

  /** Every row of every table, as a thief of the database would read it. */
  async function dump(): Promise<Record<string, string>> {
    const { db } = world.instance.storage;
    const tables = await db.introspection.getTables();
    const rows = await Promise.all(
      tables.map(async ({ name }) => {
        const found = await sql`select * from ${sql.table(name)}`.execute(db);
        return [name, JSON.stringify(found.rows)] as const;
      }),
    );
    return Object.fromEntries(rows);
  }
  const tablesThatName = async (text: string) =>
    Object.entries(await dump()).flatMap(([name, rows]) => (rows.includes(text) ? [name] : []));

  describe.each(['disable', 'delete'])('POST /users/@me/%s', (act) => {
    const path = `/v1/users/@me/${act}`;

    it('asks who it is, and for a fresh proof, and does nothing without [D08]', async () => {
      expect(refusal(await world.client().post(path, { password: PASSWORD }))).toBe('401 UNAUTHORIZED');
      const { client, email } = await world.person();
      expect(refusal(await client.post(path))).toBe('403 SUDO_MODE_REQUIRED');
      expect(refusal(await client.post(path, { password: 'not the right one' }))).toBe(
        '400 INVALID_FORM_BODY password:INVALID_PASSWORD',
      );
      expect((await client.get('/v1/users/@me')).status).toBe(200);
      expect((await world.mails(email)).map(({ kind }) => kind)).not.toContain('self_deletion_scheduled');
    });

    it('ends every session at once and takes the cookie back [D05]', async () => {
      const { client, email } = await world.person();
      const others = [await login(email), await login(email)];
      const reply = await client.post(path, { password: PASSWORD });
      decode.empty(reply);
      expect(reply.headers.get('set-cookie')).toMatch(/^fluxer_session=;/);
      for (const one of [client, ...others]) {
        expect(refusal(await one.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
      }
    });

    it('lets one of fifty at once through', async () => {
      const { client } = await world.person();
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => client.post(path, { password: PASSWORD })),
      );
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
      for (const { status } of replies) expect([204, 401]).toContain(status);
    });

    it('is refused to the last who may administer everything, also when the last two leave at once', async () => {
      const { storage, project } = world.instance;
      const admins = [await world.person(), await world.person()];
      await storage.transaction(async (tx) => {
        await tx.deleteFrom('role_admin_row').execute();
        for (const { userId } of admins)
          await grantAdministration(tx, { projectId: project.id, userId, now: clock.now() });
      });
      const leave = () => Promise.all(admins.map(({ client }) => client.post(path, { password: PASSWORD })));
      expect((await leave()).map(({ status }) => status).sort()).toEqual([204, 403]);
      const left = await Promise.all(admins.map(({ client }) => isIn(client)));
      expect(left.filter(Boolean)).toHaveLength(1);
      const [last] = admins.filter((_, index) => left[index]);
      if (!last) throw new Error('Nobody is left.');
      expect(refusal(await last.client.post(path, { password: PASSWORD }))).toBe('403 ACCESS_DENIED');
      expect((await world.mails(last.email)).map(({ kind }) => kind)).not.toContain(
        'self_deletion_scheduled',
      );
      // Whoever has a successor may go.
      const successor = await world.person();
      await storage.transaction((tx) =>
        grantAdministration(tx, { projectId: project.id, userId: successor.userId, now: clock.now() }),
      );
      decode.empty(await last.client.post(path, { password: PASSWORD }));
    });

    it('is undone by the next sign-in, without a word', async () => {
      const { client, email, userId } = await world.person();
      decode.empty(await client.post(path, { password: PASSWORD }));
      const wrong = { email, password: 'not the right one' };
      expect((await world.client().post('/v1/auth/login', wrong)).status).toBe(400);
      const back = await login(email);
      expect(decode.user(await back.get('/v1/users/@me'))).toMatchObject({ id: userId, email });
      expect(refusal(await client.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
      clock.advance(GRACE + HOUR);
      await world.instance.clean();
      expect(await isIn(back)).toBe(true);
    });

    it('is undone by whoever has the mailbox and forgot the password', async () => {
      const { client, email } = await world.person();
      decode.empty(await client.post(path, { password: PASSWORD }));
      decode.empty(await world.client().post('/v1/auth/forgot', { email }));
      const { token } = await world.newestMail(email, 'password_reset');
      const reply = await world.client().post('/v1/auth/reset', { token, password: 'remembered again now' });
      const back = world.client();
      back.token = decode.token(reply).token;
      clock.advance(GRACE + HOUR);
      await world.instance.clean();
      expect(await isIn(back)).toBe(true);
    });

    it('is undone once, however often that is tried', async () => {
      const { client, userId, email } = await world.person();
      decode.empty(await client.post(path, { password: PASSWORD }));
      expect(await reopen(userId)).toBe(true);
      expect(await reopen(userId)).toBe(false);
      clock.advance(GRACE + HOUR);
      await world.instance.clean();
      expect(await isIn(await login(email))).toBe(true);
    });
  });

  it('tells by mail when the account will be gone', async () => {
    const { client, email } = await world.person();
    decode.empty(await client.post('/v1/users/@me/delete', { password: PASSWORD }));
    const { text } = await world.newestMail(email, 'self_deletion_scheduled');
    const date = new Date(clock.now() + GRACE).toISOString().slice(0, 16).replace('T', ' ');
    expect(text).toContain(`${date} UTC`);
    expect(text).not.toMatch(/\{\w+\}/);
  });

  it('keeps a switched-off account for ever', async () => {
    const { client, userId } = await world.person();
    decode.empty(await client.post('/v1/users/@me/disable', { password: PASSWORD }));
    clock.advance(100 * GRACE);
    await world.instance.clean();
    expect(await reopen(userId)).toBe(true);
  });

  it('keeps a leaving account to the end of the grace, and then nothing of it [M08, bug 31, bug 80]', async () => {
    const { client, userId, email } = await world.person({ username: 'gone_for_good' });
    await world.client().post('/v1/auth/forgot', { email });
    await world.newestMail(email, 'password_reset');
    decode.empty(await client.post('/v1/users/@me/delete', { password: PASSWORD }));
    clock.advance(GRACE - 1);
    await world.instance.clean();
    expect(await tablesThatName(email)).toContain('contact');

    clock.advance(1);
    // Whether or not anybody has cleaned up, it is too late to come back [N08].
    expect(await reopen(userId)).toBe(false);
    const late = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    expect(refusal(late)).toBe('403 ACCOUNT_SUSPENDED_PERMANENTLY');
    expect(late.headers.has('set-cookie')).toBe(false);
    await world.instance.clean();
    await world.instance.clean();
    expect(await tablesThatName(email)).toEqual([]);
    expect(await tablesThatName('gone_for_good')).toEqual([]);
    expect(await tablesThatName(client.address)).toEqual([]);
    // That it happened stays on record, under an id that nobody is given again.
    expect((await tablesThatName(userId)).sort()).toEqual(['audit_record', 'former_user']);
    const login = { email, password: PASSWORD };
    expect(refusal(await world.client().post('/v1/auth/login', login))).toBe(
      '400 INVALID_FORM_BODY email:INVALID_EMAIL_OR_PASSWORD password:INVALID_EMAIL_OR_PASSWORD',
    );
    const again = decode.token(await world.register(world.client(), { email }));
    expect(again.user_id).not.toBe(userId);
  });

  it('leaves no factor, phone, address or open change behind either [M08]', async () => {
    const kit = createFactorKit(world);
    const person = await world.person();
    const { client, userId, email } = person;
    const { address } = await emailChangeOf(world, person).changed();
    const app = await kit.totp(person);
    const phone = await kit.sms(person, app);
    const headers = await kit.sudo(person, app);
    await kit.passkey(person, headers);
    await client.post('/v1/users/@me/password-change/start', {});
    expect(refusal(await client.post('/v1/users/@me/delete', { password: PASSWORD }))).toBe(
      '403 SUDO_MODE_REQUIRED',
    );
    decode.empty(await client.post('/v1/users/@me/delete', {}, headers));
    // A mail that is still leaving names its reader.
    await world.newestMail(address, 'self_deletion_scheduled');
    clock.advance(GRACE);
    await world.instance.clean();
    for (const trace of [address, phone]) expect(await tablesThatName(trace), trace).toEqual([]);
    expect((await tablesThatName(userId)).sort()).toEqual(['audit_record', 'former_user']);
    // The mailbox given up before is nobody's any more; what was once sent there is not known to be theirs.
    expect(await tablesThatName(email)).not.toContain('contact');
  });

  it('leaves nothing of tries that were still being judged as the account went [M08]', async () => {
    const { email, userId } = await world.person();
    const { departures, project } = world.instance;
    const wrong = { email, password: 'not the right one' };
    const tries = Array.from({ length: 20 }, () => world.client().post('/v1/auth/login', wrong));
    const actor = { userId: null, sessionId: null, origin: null };
    await departures.remove({ projectId: project.id, userId, actor });
    for (const { status } of await Promise.all(tries)) expect(status).toBe(400);
    const { db } = world.instance.storage;
    const records = await db.selectFrom('audit_record').selectAll().where('user_id', '=', userId).execute();
    expect(records.length).toBeGreaterThan(0);
    expect(records.filter(({ address, user_agent }) => address !== null || user_agent !== null)).toEqual([]);
  });

  it('deletes everybody whose time it is, also where something else cannot be cleaned up', async () => {
    const { client, email } = await world.person();
    decode.empty(await client.post('/v1/users/@me/delete', { password: PASSWORD }));
    await world.newestMail(email, 'self_deletion_scheduled');
    clock.advance(GRACE);
    const { db } = world.instance.storage;
    const rename = (from: string, to: string) => db.schema.alterTable(from).renameTo(to).execute();
    await rename('step_up_ticket', 'away');
    await expect(world.instance.clean()).rejects.toThrow();
    await rename('away', 'step_up_ticket');
    expect(await tablesThatName(email)).toEqual([]);
    await world.instance.clean();
  });

  it('deletes nobody who came back in the last moment, and everybody else', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => world.person()));
    for (const { client } of people)
      decode.empty(await client.post('/v1/users/@me/delete', { password: PASSWORD }));
    // A mail that is still leaving names its reader.
    for (const { email } of people) await world.newestMail(email, 'self_deletion_scheduled');
    clock.advance(GRACE - 1);
    const [back, ...gone] = people;
    expect(await reopen(back?.userId ?? '')).toBe(true);
    clock.advance(1);
    await Promise.all([world.instance.departures.carryOut(), world.instance.departures.carryOut()]);
    expect(await tablesThatName(back?.email ?? '')).toContain('contact');
    for (const { email } of gone) expect(await tablesThatName(email)).toEqual([]);
  });

  it('is forgotten when an operator suspends: a suspended account is not deleted behind his back', async () => {
    const { client, userId, email } = await world.person();
    decode.empty(await client.post('/v1/users/@me/delete', { password: PASSWORD }));
    const change = {
      projectId: world.instance.project.id,
      id: userId,
      actor: { userId: null, sessionId: null, origin: null },
    };
    await world.instance.users.suspend({ ...change, reason: 'evidence' });
    clock.advance(GRACE + HOUR);
    await world.instance.clean();
    expect(await reopen(userId)).toBe(false);
    await world.instance.users.restore(change);
    expect(await isIn(await login(email))).toBe(true);
  });
});
