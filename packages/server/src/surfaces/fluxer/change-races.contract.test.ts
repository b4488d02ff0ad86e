import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  Client,
  createNodes,
  DIALECTS,
  emailChangeOf,
  type Nodes,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

const PARALLEL = 50;
const form = (items: string) => `400 INVALID_FORM_BODY ${items}`;

describe.each(DIALECTS)('the changes by mail in fifty hands at once on %s', (dialect) => {
  let nodes: Nodes;
  let world: World;
  let second: World;
  beforeAll(async () => {
    nodes = await createNodes(dialect, { FLUXGATE_RATE_LIMITS: 'off' });
    ({ first: world, second } = nodes);
  });
  afterAll(() => nodes.close());

  /** The same session at both nodes. */
  const all = (client: Client, send: (sender: Client, index: number) => Promise<Reply>) => {
    const elsewhere = new Client(second.baseUrl, client.address);
    elsewhere.token = client.token;
    return Promise.all(
      Array.from({ length: PARALLEL }, (_, index) => send(index % 2 ? client : elsewhere, index)),
    );
  };
  const winnersOf = (replies: Reply[]) => replies.filter(({ status }) => status === 200);
  const losersOf = (replies: Reply[]) => [
    ...new Set(replies.filter(({ status }) => status !== 200).map((reply) => refusal(reply))),
  ];

  it('the code for the new address becomes one token [B02, bug 4]', async () => {
    const person = await world.person();
    const { ticket, original_proof, code } = await emailChangeOf(world, person).newRequested();
    const replies = await all(person.client, (sender) =>
      sender.post('/v1/users/@me/email-change/verify-new', { ticket, original_proof, code }),
    );
    expect(winnersOf(replies)).toHaveLength(1);
    expect(losersOf(replies)).toEqual([form('ticket:TICKET_ALREADY_COMPLETED')]);
  });

  it('the code for the old address becomes one proof, told to all who typed it', async () => {
    const person = await world.person();
    const change = emailChangeOf(world, person);
    const { ticket } = await change.started();
    const code = await change.originalCode();
    const replies = await all(person.client, (sender) =>
      sender.post('/v1/users/@me/email-change/verify-original', { ticket, code }),
    );
    expect(losersOf(replies)).toEqual([]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  });

  it('fifty wrong codes use up exactly five tries [B05, bug 4, K02]', async () => {
    const person = await world.person();
    const change = emailChangeOf(world, person);
    const { ticket } = await change.started();
    const replies = await all(person.client, (sender, index) =>
      sender.post('/v1/users/@me/email-change/verify-original', {
        ticket,
        code: `AAAA-${String(index).padStart(4, '0')}`,
      }),
    );
    const said = replies.map((reply) => refusal(reply));
    expect(said.filter((one) => one === form('code:INVALID_VERIFICATION_CODE'))).toHaveLength(5);
    expect(said.filter((one) => one === form('ticket:INVALID_OR_EXPIRED_TICKET'))).toHaveLength(45);
    const code = await change.originalCode();
    expect(refusal(await change.post('verify-original', { ticket, code }))).toBe(
      form('ticket:INVALID_OR_EXPIRED_TICKET'),
    );
  });

  it('the token changes the address once, and mails one way back', async () => {
    const person = await world.person();
    const { email_token, address } = await emailChangeOf(world, person).token();
    const replies = await all(person.client, (sender) =>
      sender.patch('/v1/users/@me', { email_token, password: PASSWORD }),
    );
    expect(winnersOf(replies)).toHaveLength(1);
    expect(losersOf(replies)).toEqual([form('email_token:INVALID_EMAIL_TOKEN')]);
    const mails = await world.mails(person.email);
    expect(mails.filter(({ kind }) => kind === 'email_change_revert')).toHaveLength(1);
    expect(decode.user(await person.client.get('/v1/users/@me'))).toMatchObject({ email: address });
  });

  it('a repetition is mailed once', async () => {
    const person = await world.person();
    const change = emailChangeOf(world, person);
    const { ticket } = await change.started();
    world.clock.advance(31_000);
    const replies = await all(person.client, (sender) =>
      sender.post('/v1/users/@me/email-change/resend-original', { ticket }),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(PARALLEL - 1);
    const mails = await world.mails(person.email);
    expect(mails.filter(({ kind }) => kind === 'email_change_original')).toHaveLength(2);
  });

  it('one address that ten accounts want becomes the address of one', async () => {
    const address = newEmail();
    const wanting: { client: Client; email_token: string }[] = [];
    for (let index = 0; index < 10; index++) {
      // Two nodes may send mails of one instant to one mailbox; of two instants, the newest is the last.
      world.clock.advance(1);
      const person = await world.person();
      const { email_token } = await emailChangeOf(world, person).token(address);
      wanting.push({ client: person.client, email_token });
    }
    const replies = await Promise.all(
      wanting.map(({ client, email_token }) =>
        client.patch('/v1/users/@me', { email_token, password: PASSWORD }),
      ),
    );
    expect(winnersOf(replies)).toHaveLength(1);
    expect(losersOf(replies)).toEqual([form('email:EMAIL_ALREADY_IN_USE')]);
  });

  it('the revert token takes the account back once, with one password and one session [B02]', async () => {
    const person = await world.person();
    const { revertToken } = await emailChangeOf(world, person).changed();
    const wished = (index: number) => `wish number ${index} of a horse`;
    const replies = await all(world.client(), (sender, index) =>
      sender.post('/v1/auth/email-revert', { token: revertToken, password: wished(index) }),
    );
    expect(winnersOf(replies)).toHaveLength(1);
    expect(losersOf(replies)).toEqual([form('token:INVALID_OR_EXPIRED_REVERT_TOKEN')]);
    const winner = replies.findIndex(({ status }) => status === 200);
    const login = (password: string) =>
      world.client().post('/v1/auth/login', { email: person.email, password });
    const owner = world.client();
    owner.token = decode.token(await login(wished(winner))).token;
    expect((await login(wished((winner + 1) % PARALLEL))).status).toBe(400);
    expect(decode.sessions(await owner.get('/v1/auth/sessions'))).toHaveLength(2);
  });

  it('the code for a new password becomes one proof, and the proof one password [B02]', async () => {
    const { client, email } = await world.person();
    const base = '/v1/users/@me/password-change';
    const { ticket } = (await client.post(`${base}/start`, {})).json as { ticket: string };
    const { token: code } = await world.newestMail(email, 'password_change_verification');
    const verified = await all(client, (sender) => sender.post(`${base}/verify`, { ticket, code }));
    expect(winnersOf(verified)).toHaveLength(1);
    expect(losersOf(verified)).toEqual([form('code:VERIFICATION_CODE_NOT_ISSUED')]);
    const [won] = winnersOf(verified).map(({ json }) => json as { verification_proof: string });
    const wished = (index: number) => `wish number ${index} of a horse`;
    const completed = await all(client, (sender, index) =>
      sender.post(`${base}/complete`, { ticket, ...won, new_password: wished(index) }),
    );
    expect(winnersOf(completed)).toHaveLength(1);
    for (const said of losersOf(completed))
      expect(['401 UNAUTHORIZED', form('ticket:TICKET_ALREADY_COMPLETED')]).toContain(said);
    const winner = completed.findIndex(({ status }) => status === 200);
    const login = (password: string) => world.client().post('/v1/auth/login', { email, password });
    decode.token(await login(wished(winner)));
    expect((await login(wished((winner + 1) % PARALLEL))).status).toBe(400);
    expect((await login(PASSWORD)).status).toBe(400);
  });
});
