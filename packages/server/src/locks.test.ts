import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isAuthError, type LinkTokenKind } from './core/errors.ts';
import { createLinkToken } from './core/link-token/index.ts';
import type { Origin } from './core/origin.ts';
import type { LiveSession } from './core/session/index.ts';
import { tokenHash } from './crypto/index.ts';
import {
  type Client,
  createFactorKit,
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

interface Person {
  userId: string;
  email: string;
  session: LiveSession;
}

type Work = () => Promise<unknown>;

interface Statement {
  text: string;
  values?: readonly unknown[];
}

/** ARCHITECTURE.md, "Who waits for whom". */
const ORDER: readonly string[] = [
  'link_token',
  'email_change',
  'password_change',
  'contact',
  'password_credential',
  'user',
  'handoff',
  'sign_in_ticket',
  'session',
  'counter',
];

/** The tables of whose rows a statement takes some that others may have; new rows nobody else has yet. */
function takenBy({ text, values = [] }: Statement): readonly string[] {
  // A phone number is a contact that is changed by who has the user.
  if (values.includes('phone')) return [];
  // With the user goes what hangs on it, after it: who has not taken these before takes them the wrong way round.
  if (text.startsWith('delete from "user"'))
    return [
      'user',
      'link_token',
      'email_change',
      'password_change',
      'contact',
      'password_credential',
      'handoff',
    ];
  const [, table = ''] =
    /^(?:update|delete from) "(\w+)"/.exec(text) ??
    /^insert into "(\w+)" .* do update/.exec(text) ??
    /^select .* from "(\w+)" .* for update$/.exec(text) ??
    [];
  return [table];
}

describe('two of these at once, for one and the same person', () => {
  let world: World;
  const codes: string[] = [];
  const open = new Map<pg.Client, Statement[]>();
  const transactions: Statement[][] = [];

  function note(client: pg.Client, statement: Statement): void {
    if (statement.text === 'begin') open.set(client, []);
    else if (/^(commit|rollback)$/.test(statement.text)) {
      transactions.push(open.get(client) ?? []);
      open.delete(client);
    } else open.get(client)?.push(statement);
  }

  beforeAll(async () => {
    const ask = pg.Client.prototype.query as (...given: unknown[]) => Promise<unknown> | undefined;
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      const [first] = given;
      note(this, typeof first === 'string' ? { text: first } : (first as Statement));
      const answer = ask.apply(this, given);
      answer?.catch((error: { code?: string }) => codes.push(error.code ?? ''));
      return answer as never;
    });
    const env = {
      FLUXGATE_RATE_LIMITS: 'off',
      FLUXGATE_PASSWORD_HASH_PLACES: '500',
      FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on',
      // All of a hundred at once: none waits for its turn, and so for the others to be over.
      FLUXGATE_DATABASE_POOL_SIZE: '130',
    };
    world = await createWorld({ dialect: 'postgres', env });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await world.close();
  });

  const origin: Origin = {
    address: '203.0.113.7',
    source: '203.0.113.7',
    network: '203.0.113.0/24',
    userAgent: null,
    isDesktop: false,
  };
  const nobody = { userId: null, sessionId: null, origin: null };
  const projectId = () => world.instance.project.id;
  const db = () => world.instance.storage.db;

  function signIn({ email }: Pick<Person, 'email'>, surface: 'fluxer' | 'flux' = 'fluxer', from = origin) {
    const proof = { identifier: email, password: PASSWORD };
    const { gate } = world.instance;
    const asked = { projectId: projectId(), surface, method: 'password', identifier: email } as const;
    return gate.signIn({ ...asked, proof, origin: from });
  }

  async function person(): Promise<Person> {
    const { provisioning, sessions, storage, places } = world.instance;
    const email = newEmail();
    const names = { loginName: null, globalName: null, roles: [] };
    const user = { projectId: projectId(), email, password: PASSWORD, ...names, actor: nobody };
    const userId = await provisioning.create(user);
    const contact = db().updateTable('contact').where('user_id', '=', userId);
    await contact.set({ verified_at: world.clock.now() }).execute();
    await storage.transaction((tx) => places.authorise(tx, userId, origin));
    const result = await signIn({ email });
    const token = result.state === 'signed-in' ? result.session.token : '';
    const session = await sessions.find(token, 'fluxer');
    if (!session) throw new Error('There is no session.');
    return { userId, email, session };
  }

  function link(kind: LinkTokenKind, { userId, email }: Person, address = email): Promise<string> {
    const token = { kind, projectId: projectId(), userId, address, lifeMs: 60_000 };
    const chance = { clock: world.clock.now, random: randomBytes };
    return world.instance.storage.transaction((tx) => createLinkToken(tx, chance, token));
  }

  const suspect = ({ userId }: Person) =>
    world.instance.users.suspect({
      ...{ projectId: projectId(), id: userId, actor: nobody },
      flags: ['REQUIRE_REVERIFIED_EMAIL'],
    });
  const unprove = ({ userId }: Person) =>
    db().updateTable('contact').set({ verified_at: null }).where('user_id', '=', userId).execute();

  /** Each is made ready, and then does the one thing. */
  const WORKS: Record<string, (of: Person) => Promise<Work>> = {
    'a sign-in': async (of) => () => signIn(of),
    "a sign-in at Flux's API": async (of) => () => signIn(of, 'flux'),
    async 'a second factor shown in a session'({ session }) {
      const { secondFactors, sessions, gate } = world.instance;
      const secret = await secondFactors.beginTotp(session.userId);
      const code = await createFactorKit(world).codeOf(secret);
      const made = await secondFactors.enableTotp({ session, secret: null, code, origin });
      const proof = { code: made[0]?.code };
      const now = await sessions.findById(session.id, 'fluxer');
      return () => gate.stepUp({ session: now ?? session, method: 'recovery-code', proof, origin });
    },
    'a password that an administrator gives':
      async ({ userId }) =>
      () =>
        world.instance.givenPasswords.give({
          ...{ projectId: projectId(), userId, password: NEW_PASSWORD, actor: nobody },
        }),
    'a deletion by an administrator':
      async ({ userId }) =>
      () =>
        world.instance.departures.remove({ projectId: projectId(), userId, actor: nobody }),
    async 'a deletion that is due'({ userId }) {
      const of = db().updateTable('user').where('id', '=', userId);
      await of.set({ status: 'leaving', delete_at: world.clock.now() }).execute();
      return () => world.instance.departures.carryOut();
    },
    async 'a reset'(of) {
      const token = await link('password-reset', of);
      const to = { projectId: projectId(), surface: 'fluxer', token, password: NEW_PASSWORD } as const;
      return () => world.instance.recovery.complete({ ...to, origin });
    },
    'a change of password': async ({ session }) => {
      const together = async () => undefined;
      const change = { session, newPassword: NEW_PASSWORD, origin, together };
      return () => world.instance.recovery.changePassword(change);
    },
    async 'another address'({ userId, email, session }) {
      const at = world.clock.now();
      const none = { original_proof: null, token_used_at: null, completed_at: at };
      const held = { ticket_hash: userId, project_id: projectId(), user_id: userId, session_id: session.id };
      const what = { kind: 'proved', original: email, needs_original: 1, new_address: newEmail() } as const;
      const end = { token_hash: tokenHash(userId), token_expires_at: at + 60_000, expires_at: at + 60_000 };
      const row = { ...held, ...what, ...none, ...end, last_step_at: at };
      await db().insertInto('email_change').values(row).execute();
      const together = async () => undefined;
      const { emailChanges } = world.instance;
      return () => emailChanges.apply({ session, origin, emailToken: userId, together });
    },
    async 'a confirmed address'(of) {
      const token = await link('email-verification', of);
      return () => world.instance.contacts.verify({ projectId: projectId(), token, origin });
    },
    async 'an address taken back'(of) {
      const token = await link('email-revert', of, newEmail());
      const to = { projectId: projectId(), surface: 'fluxer', token, password: NEW_PASSWORD } as const;
      return () => world.instance.recovery.revert({ ...to, origin });
    },
    async '"This was not me"'(of) {
      const token = await link('not-me', of);
      return () => world.instance.notMe({ projectId: projectId(), token, origin });
    },
    async 'a place that is approved'(of) {
      await signIn(of, 'fluxer', { ...origin, network: '198.51.100.0/24' });
      const { token } = await world.newestMail(of.email, 'ip_authorization');
      return () => world.instance.approvals.approve({ token, origin });
    },
    async 'a magic link'({ email }) {
      const { magicLinks, gate } = world.instance;
      const asked = { projectId: projectId(), email, linkTo: null, origin };
      const { attempt } = await magicLinks.request(asked);
      const { token } = await world.newestMail(email, 'magic_link');
      const proof = { attempt, token };
      const by = { surface: 'flux', method: 'magic-link', identifier: null } as const;
      return () => gate.signIn({ projectId: projectId(), ...by, proof, origin });
    },
    async 'an address in place of one that bounces'({ userId, session }) {
      const { bounced } = world.instance.emailChanges;
      const gone = db().updateTable('contact').set({ bounced_at: world.clock.now() });
      await gone.where('user_id', '=', userId).execute();
      const newAddress = newEmail();
      const { ticket } = await bounced.requestNew({ session, origin, newEmail: newAddress });
      const { token: code } = await world.newestMail(newAddress, 'email_change_new');
      return () => bounced.verifyNew({ session, origin, ticket, code });
    },
    async 'a code for another password'({ email, session }) {
      const { passwordChanges } = world.instance;
      const { ticket } = await passwordChanges.start({ session });
      const { token: code } = await world.newestMail(email, 'password_change_verification');
      return () => passwordChanges.verify({ session, origin, ticket, code });
    },
    async 'a hand-off that is taken back'({ session }) {
      const { handoffs } = world.instance;
      const { code } = await handoffs.initiate({ projectId: projectId(), origin });
      await handoffs.complete({ code, session, origin });
      return () => handoffs.cancel({ code, origin });
    },
    async 'a phone number'(of) {
      const token = await link('phone-verification', of, `+4915${of.userId.slice(-9)}`);
      return () => world.instance.phones.add({ session: of.session, token, origin });
    },
  };

  const untouched = async () => undefined;
  it.each(
    Object.entries(WORKS).flatMap(([name, prepare]) =>
      Object.entries({ anybody: untouched, suspected: suspect, unproved: unprove }).map(
        ([state, before]) => ({ name, prepare, state, before }),
      ),
    ),
  )('$name takes rows in the one order: $state', async ({ prepare, before }) => {
    const of = await person();
    const work = await prepare(of);
    await before(of);
    transactions.length = 0;
    await work().catch((error: unknown) => expect(isAuthError(error)).toBe(true));
    const rank = (table: string) => ORDER.indexOf(table);
    const taken = transactions.map((statements) => [
      ...new Set(statements.flatMap(takenBy).filter((table) => rank(table) >= 0)),
    ]);
    expect(taken).not.toEqual([]);
    for (const tables of taken) expect(tables).toEqual(tables.toSorted((a, b) => rank(a) - rank(b)));
  });

  it.each<{ first: string; second: string; before?: (of: Person) => Promise<unknown> }>([
    { first: 'a sign-in', second: 'a password that an administrator gives' },
    { first: 'a sign-in', second: 'a deletion by an administrator' },
    { first: "a sign-in at Flux's API", second: 'a second factor shown in a session' },
    { first: 'a sign-in', second: 'an address taken back', before: suspect },
    { first: 'a reset', second: 'a reset' },
    { first: 'a reset', second: 'a change of password' },
    { first: 'a reset', second: 'a password that an administrator gives' },
    { first: 'a reset', second: 'a deletion by an administrator' },
    { first: 'a reset', second: 'a confirmed address', before: unprove },
    { first: 'an address taken back', second: 'a confirmed address', before: suspect },
    { first: 'another address', second: 'a confirmed address', before: suspect },
    { first: 'a reset', second: 'a magic link', before: unprove },
    { first: 'a place that is approved', second: '"This was not me"' },
    { first: 'a phone number', second: '"This was not me"' },
    { first: 'a phone number', second: 'an address taken back' },
    { first: 'an address in place of one that bounces', second: 'a deletion by an administrator' },
    { first: 'a code for another password', second: 'a deletion by an administrator' },
    { first: 'a hand-off that is taken back', second: 'a deletion by an administrator' },
  ])('never wait for each other in a circle: $first and $second', async ({ first, second, before }) => {
    codes.length = 0;
    const works: Work[] = [];
    for (let pair = 0; pair < 50; pair++) {
      const of = await person();
      await before?.(of);
      for (const name of [first, second]) works.push((await WORKS[name]?.(of)) ?? Promise.reject);
    }
    const done = await Promise.allSettled(works.map((work) => work()));
    const failures = done.filter((one) => one.status === 'rejected' && !isAuthError(one.reason));
    expect(failures).toEqual([]);
    expect(codes.filter((code) => code === '40P01')).toEqual([]);
  });
});
