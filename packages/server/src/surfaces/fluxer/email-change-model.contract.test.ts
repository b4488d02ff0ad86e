import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  emailChangeOf,
  ManualClock,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

/** What a client may hold in a state; what it does not, it takes from another ticket of its own. */
interface Held {
  client: Client;
  userId: string;
  ticket: string;
  original_proof?: string;
  original_code?: string;
  code?: string;
  email_token?: string;
}

const STEPS = [
  'resend-original',
  'verify-original',
  'request-new',
  'resend-new',
  'verify-new',
  'bounced/resend-new',
  'bounced/verify-new',
] as const;
type Step = (typeof STEPS)[number];
/** The refusal of every step; null where it may be taken. */
type Row = Record<Step, string | null>;

const UNKNOWN = 'ticket:INVALID_OR_EXPIRED_TICKET';
const DONE = 'ticket:TICKET_ALREADY_COMPLETED';
const FIRST = 'ticket:ORIGINAL_EMAIL_MUST_BE_VERIFIED_FIRST';
const PROVED = 'ticket:ORIGINAL_EMAIL_ALREADY_VERIFIED';
const NOT_ASKED = 'ticket:ORIGINAL_VERIFICATION_NOT_REQUIRED';
const NO_NEW = 'ticket:NO_NEW_EMAIL_REQUESTED';
const NOT_BOUNCED = { 'bounced/resend-new': UNKNOWN, 'bounced/verify-new': UNKNOWN };

function row(...refusals: (string | null)[]): Row {
  return Object.fromEntries(STEPS.map((step, index) => [step, refusals[index] ?? null])) as Row;
}
const all = (items: string): Row => ({ ...row(items, items, items, items, items), ...NOT_BOUNCED });

const STATES = {
  'just begun': { ...row(null, null, FIRST, FIRST, FIRST), ...NOT_BOUNCED },
  'with the old address proved': { ...row(PROVED, null, null, NO_NEW, NO_NEW), ...NOT_BOUNCED },
  'with a new address asked for': { ...row(PROVED, null, null, null, null), ...NOT_BOUNCED },
  'of an address never proved': { ...row(NOT_ASKED, NOT_ASKED, null, NO_NEW, NO_NEW), ...NOT_BOUNCED },
  'of an account without an address': {
    ...row('ticket:NO_ORIGINAL_EMAIL_ON_RECORD', NOT_ASKED, null, NO_NEW, NO_NEW),
    ...NOT_BOUNCED,
  },
  'ended in a token': all(DONE),
  'ended in a new address': all(DONE),
  'of a mailbox that is gone': row(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, null, null),
  'of a mailbox that was gone and is replaced': row(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, DONE, DONE),
  'given up after too many wrong codes': { ...row(UNKNOWN, UNKNOWN, FIRST, FIRST, FIRST), ...NOT_BOUNCED },
} satisfies Record<string, Row>;
type State = keyof typeof STATES;

describe.each(DIALECTS)('every step of a change of address from every state, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const begun = async (client: Client) =>
    (await client.post('/v1/users/@me/email-change/start', {})).json as {
      ticket: string;
      original_proof: string;
    };

  async function register(fields: Record<string, unknown>) {
    const client = world.client();
    const { token, user_id: userId } = decode.token(await world.register(client, fields));
    client.token = token;
    return { client, userId };
  }

  async function bounced(): Promise<Held> {
    const { client, userId, email } = await world.person();
    await world.instance.contacts.noteBounce({ projectId: world.instance.project.id, address: email });
    const address = newEmail();
    const path = '/v1/users/@me/email-change/bounced/request-new';
    const { ticket } = (await client.post(path, { new_email: address })).json as { ticket: string };
    const { token: code } = await world.newestMail(address, 'email_change_new');
    return { client, userId, ticket, code };
  }

  const REACH: Record<State, () => Promise<Held>> = {
    async 'just begun'() {
      const person = await world.person();
      const change = emailChangeOf(world, person);
      return { ...person, ...(await change.started()), original_code: await change.originalCode() };
    },
    async 'with the old address proved'() {
      const person = await world.person();
      const change = emailChangeOf(world, person);
      return { ...person, ...(await change.originalProved()), original_code: await change.originalCode() };
    },
    async 'with a new address asked for'() {
      const person = await world.person();
      const change = emailChangeOf(world, person);
      return { ...person, ...(await change.newRequested()), original_code: await change.originalCode() };
    },
    async 'of an address never proved'() {
      const who = await register({});
      return { ...who, ...(await begun(who.client)) };
    },
    async 'of an account without an address'() {
      const who = await register({ email: null, password: null });
      return { ...who, ...(await begun(who.client)) };
    },
    async 'ended in a token'() {
      const person = await world.person();
      const change = emailChangeOf(world, person);
      const held = await change.newRequested();
      const { json } = await change.post('verify-new', held);
      return { ...person, ...held, ...(json as object), original_code: await change.originalCode() };
    },
    async 'ended in a new address'() {
      const held = await this['ended in a token']();
      const { client, email_token } = held;
      decode.user(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }));
      return held;
    },
    'of a mailbox that is gone': bounced,
    async 'of a mailbox that was gone and is replaced'() {
      const held = await bounced();
      const { client, ticket, code } = held;
      decode.user(await client.post('/v1/users/@me/email-change/bounced/verify-new', { ticket, code }));
      return held;
    },
    async 'given up after too many wrong codes'() {
      const held = await this['just begun']();
      const path = '/v1/users/@me/email-change/verify-original';
      for (let round = 0; round < 5; round++)
        await held.client.post(path, { ticket: held.ticket, code: 'AAAA-AAAA' });
      return held;
    },
  };

  /** All that a step could change, but for when the ticket was last looked at. */
  async function stateOf({ userId, ticket }: Held): Promise<unknown> {
    const { db } = world.instance.storage;
    const change = db.selectFrom('email_change').selectAll().where('user_id', '=', userId);
    const changes = (await change.orderBy('ticket_hash').execute()).map(({ last_step_at, ...rest }) => rest);
    return {
      ticket,
      changes,
      codes: await db
        .selectFrom('mailed_code')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('id')
        .execute(),
      contacts: await db.selectFrom('contact').selectAll().where('user_id', '=', userId).execute(),
      links: await db
        .selectFrom('link_token')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('hash')
        .execute(),
      user: await db.selectFrom('user').selectAll().where('id', '=', userId).execute(),
    };
  }

  const bodyOf = (held: Held) => ({
    ticket: held.ticket,
    original_proof: held.original_proof ?? 'not-to-be-had',
    new_email: newEmail(),
  });

  function send(held: Held, step: Step) {
    const code = step === 'verify-original' ? held.original_code : held.code;
    const body = { ...bodyOf(held), code: code ?? 'AAAA-AAAA' };
    return held.client.post(`/v1/users/@me/email-change/${step}`, body);
  }

  describe.each(Object.keys(STATES) as State[])('a ticket %s', (state) => {
    it('takes the steps that are its turn, and no other changes anything [bug 12, bug 14]', async () => {
      const held = await REACH[state]();
      clock.advance(31_000);
      for (const step of STEPS) {
        const items = STATES[state][step];
        if (items === null) continue;
        const before = await stateOf(held);
        expect(refusal(await send(held, step)), step).toBe(`400 INVALID_FORM_BODY ${items}`);
        expect(await stateOf(held), step).toEqual(before);
      }
      for (const step of STEPS) {
        if (STATES[state][step] !== null) continue;
        const fresh = await REACH[state]();
        clock.advance(31_000);
        expect((await send(fresh, step)).status, step).toBeLessThan(300);
      }
    });

    it('is not moved by a body with nothing in it, or the wrong things [bug 13]', async () => {
      const held = await REACH[state]();
      clock.advance(31_000);
      const before = await stateOf(held);
      const { ticket } = held;
      for (const step of STEPS) {
        for (const body of [
          undefined,
          '',
          {},
          [],
          { ticket: null },
          { ticket: [ticket] },
          { ticket: { a: ticket } },
        ]) {
          const reply = await held.client.post(`/v1/users/@me/email-change/${step}`, body);
          expect(refusal(reply), step).toMatch(/^400 INVALID_FORM_BODY .*/);
        }
      }
      expect(await stateOf(held)).toEqual(before);
    });

    it('gives no token away: nothing that is not one sets an address', async () => {
      const held = await REACH[state]();
      const before = await stateOf(held);
      const wrong = [held.ticket, held.original_proof, held.original_code, held.code, ' ', 'null'];
      for (const email_token of wrong.filter((one) => one !== undefined && one.trim() !== '')) {
        const reply = await held.client.patch('/v1/users/@me', { email_token, password: PASSWORD });
        expect(refusal(reply)).toBe('400 INVALID_FORM_BODY email_token:INVALID_EMAIL_TOKEN');
      }
      expect(await stateOf(held)).toEqual(before);
    });
  });

  it('mixes no two tickets: proof and code are good in their own alone', async () => {
    const person = await world.person();
    const change = emailChangeOf(world, person);
    const one = await change.newRequested();
    clock.advance(31_000);
    const other = await change.newRequested();
    const proofOfOther = { ticket: one.ticket, code: one.code, original_proof: other.original_proof };
    expect(refusal(await change.post('verify-new', proofOfOther))).toBe(
      '400 INVALID_FORM_BODY original_proof:INVALID_PROOF_TOKEN',
    );
    const codeOfOther = { ticket: one.ticket, code: other.code, original_proof: one.original_proof };
    expect(refusal(await change.post('verify-new', codeOfOther))).toBe(
      '400 INVALID_FORM_BODY code:INVALID_VERIFICATION_CODE',
    );
    const proof = { ticket: one.ticket, original_proof: other.original_proof, new_email: newEmail() };
    expect(refusal(await change.post('request-new', proof))).toBe(
      '400 INVALID_FORM_BODY original_proof:INVALID_PROOF_TOKEN',
    );
  });
});
