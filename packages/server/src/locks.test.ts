import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Client,
  createFluxProject,
  createWorld,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type Reply,
  until,
  type World,
} from './testing/index.ts';

const NEW_PASSWORD = 'chosen by the owner of the mailbox';

/** Whoever holds a row of PostgreSQL decides who comes after whom; of SQLite's writers there is never more than one. */
describe('what a proof of the mailbox finds when it had to wait for another one', () => {
  let world: World;
  let flux: FluxProject;
  let holder: pg.Client;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'postgres', env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, { settings: { methods: { 'magic-link': true } } });
    holder = new pg.Client({ connectionString: world.databaseUrl });
    await holder.connect();
  });
  afterAll(async () => {
    await holder.end();
    await world.close();
  });

  async function isWaiting(count: number): Promise<boolean> {
    const text =
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    return (await holder.query(text)).rowCount === count;
  }

  /** Lets the second begin when the first waits, which it does for the address itself, and then both go on. */
  async function inTurn(
    email: string,
    first: () => Promise<Reply>,
    second: () => Promise<Reply>,
  ): Promise<[Reply, Reply]> {
    await holder.query('begin');
    await holder.query('select id from contact where address_normal = $1 for update', [email]);
    const one = first();
    await until(() => isWaiting(1));
    const other = second();
    await until(() => isWaiting(2));
    await holder.query('commit');
    return await Promise.all([one, other]);
  }

  async function account() {
    const email = newEmail();
    const client = world.client();
    const { token } = handed(await flux.page('/sign_up', { email, password: PASSWORD }, client));
    const { token: link } = await world.newestMail(email, 'email_verification');
    const { attempt } = (await flux.page('/magic_links', { email })).json as { attempt: string };
    const magic = { attempt, token: (await world.newestMail(email, 'magic_link')).token };
    await flux.page('/password_reset/start', { email });
    const reset = { token: (await world.newestMail(email, 'password_reset')).token, password: NEW_PASSWORD };
    return { email, client, token, link, magic, reset };
  }

  it('is that the mailbox is proved by now: a magic link takes nothing away of what a reset has given [bug 38]', async () => {
    const { email, token, magic, reset } = await account();
    const [byReset, byMagic] = await inTurn(
      email,
      () => flux.page('/password_reset/finish', reset),
      () => flux.page('/magic_links/verify', magic),
    );
    expect([byReset.status, byMagic.status]).toEqual([200, 200]);
    expect((await flux.verify(token)).status).toBe(401);
    expect((await flux.verify(handed(byReset).token)).status).toBe(200);
    const signIn = await flux.page('/sign_in/password', { email, password: NEW_PASSWORD });
    expect(signIn.status).toBe(200);
  });

  it('is the same after the link that confirms the address, followed where the account was made', async () => {
    const { email, client, token, link, magic } = await account();
    const confirm = (by: Client) => flux.page('/email_verification/finish', { token: link }, by);
    const replies = await inTurn(
      email,
      () => confirm(client),
      () => flux.page('/magic_links/verify', magic),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect((await flux.verify(token)).status).toBe(200);
    expect((await flux.page('/sign_in/password', { email, password: PASSWORD })).status).toBe(200);
  });
});
