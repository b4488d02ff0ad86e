import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createFluxProject, createWorld, DIALECTS, newEmail, until, type World } from '../testing/index.ts';

interface Received {
  recipients: string[];
  sender: string;
  raw: string;
}

/** A real SMTP server that keeps what it is given, and can be told how to misbehave. */
async function mailServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, session, done) {
      let raw = '';
      stream.on('data', (bytes) => {
        raw += bytes;
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          raw,
          sender: mailFrom ? mailFrom.address : '',
          recipients: rcptTo.map(({ address }) => address),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const address = await new Promise<AddressInfo>((listening) => {
    const http = server.listen(0, '127.0.0.1', () => listening(http.address() as AddressInfo));
  });
  return {
    received,
    port: address.port,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}

describe.each(DIALECTS)('mail over SMTP on %s', (dialect) => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  async function worldWith(
    options?: SMTPServerOptions,
  ): Promise<World & { smtp: Awaited<ReturnType<typeof mailServer>> }> {
    const smtp = await mailServer(options);
    const world = await createWorld({
      dialect,
      env: {
        FLUXGATE_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
        FLUXGATE_MAIL_FROM: 'Sign-in desk <login@example.org>',
      },
    });
    open.push(smtp, world);
    return { ...world, smtp };
  }

  it('goes to exactly the stored address, as text and HTML, with the link and the code [L01, L03, bug 62]', async () => {
    const { smtp, ...world } = await worldWith();
    const email = `First.Last+tag!#$%&'*=?^_{|}~-@mail.example.com`;
    expect((await world.register(world.client(), { email })).status).toBe(200);
    await until(() => smtp.received.length === 1);
    const [mail] = smtp.received;
    expect(mail?.recipients).toEqual([email]);
    expect(mail?.sender).toBe('login@example.org');
    const parsed = await PostalMime.parse(mail?.raw ?? '');
    expect(parsed.subject).toBe('Confirm your e-mail address');
    expect(parsed.to).toEqual([expect.objectContaining({ address: email })]);
    const link = /(http:\S+\/verify)#token=([0-9A-Za-z]{64})/.exec(parsed.text ?? '');
    expect(link?.[1]).toBe(`${world.config.publicUrl}/verify`);
    expect(parsed.text).toContain(`\n${link?.[2]}\n`);
    expect(parsed.html).toContain(link?.[0]);
    expect((await world.client().post('/v1/auth/verify', { token: link?.[2] })).status).toBe(204);
  });

  it("is from the project by name, and from the operator's address all the same [L02]", async () => {
    const { smtp, ...world } = await worldWith();
    const name = 'Shop "&" <b>x</b>, Söhne <evil@example.net>';
    const flux = await createFluxProject(world, {});
    const actor = { userId: null, sessionId: null, origin: null };
    await world.instance.projects.change({ id: flux.id, name, actor });
    await flux.signUp();
    await until(() => smtp.received.length === 1);
    const [mail] = smtp.received;
    expect(mail?.sender).toBe('login@example.org');
    const parsed = await PostalMime.parse(mail?.raw ?? '');
    expect(parsed.from).toEqual({ name, address: 'login@example.org' });
    expect(parsed.text).toContain(`an account at ${name}.`);
    expect(parsed.html).toContain('Shop &quot;&amp;&quot; &lt;b>x&lt;/b>, Söhne &lt;evil@example.net>');
  });

  it('keeps the dev mailbox shut while SMTP is configured', async () => {
    const world = await worldWith();
    expect((await fetch(`${world.baseUrl}/dev/mailbox.json`)).status).toBe(404);
  });

  it('that is refused for now is tried again later, and arrives once [L05]', async () => {
    let refusals = 0;
    const { smtp, ...world } = await worldWith({
      onRcptTo(_address, _session, done) {
        if (refusals++ > 0) return done();
        return done(Object.assign(new Error('Come back later'), { responseCode: 451 }));
      },
    });
    expect((await world.register(world.client())).status).toBe(200);
    await until(() => refusals === 1);
    await world.instance.outboxWorker.settled();
    expect(smtp.received).toEqual([]);
    world.clock.advance(16_000);
    world.instance.outboxWorker.wake();
    await until(() => smtp.received.length === 1);
    await world.instance.outboxWorker.settled();
    expect(smtp.received).toHaveLength(1);
    const rows = await world.instance.storage.db.selectFrom('outbox').select('id').execute();
    expect(rows).toEqual([]);
  });

  it('whose server hangs keeps nobody from signing up or in [L05]', async () => {
    const world = await worldWith({ onMailFrom: () => undefined });
    const replies = await Promise.all(Array.from({ length: 10 }, () => world.register(world.client())));
    expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await world.client().get('/v1/users/@me')).status).toBe(401);
  });

  it('waits sealed: neither address nor token can be read in the database [M02]', async () => {
    const world = await worldWith({ onMailFrom: () => undefined });
    const { email } = await world.register(world.client());
    const rows = await world.instance.storage.db.selectFrom('outbox').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(email);
    expect(JSON.stringify(rows)).not.toMatch(/token|@/);
  });

  it('tells the owner when the password was changed [A12]', async () => {
    const { smtp, ...world } = await worldWith();
    const { email } = await world.register(world.client());
    await world.client().post('/v1/auth/forgot', { email });
    await until(() => smtp.received.length === 2);
    const reset = await PostalMime.parse(smtp.received[1]?.raw ?? '');
    const token = /#token=([0-9A-Za-z]{64})/.exec(reset.text ?? '')?.[1];
    await world.client().post('/v1/auth/reset', { token, password: 'a quite different phrase' });
    await until(() => smtp.received.length === 3);
    const told = await PostalMime.parse(smtp.received[2]?.raw ?? '');
    expect(told.subject).toBe('Your password was changed');
    expect(smtp.received[2]?.recipients).toEqual([email]);
    expect(told.text).not.toContain('a quite different phrase');
  });

  it('asked for by a stranger is never sent, and the answer is the same [A09, bug 73]', async () => {
    const { smtp, ...world } = await worldWith();
    const { email } = await world.register(world.client());
    const known = await world.client().post('/v1/auth/forgot', { email });
    const unknown = await world.client().post('/v1/auth/forgot', { email: newEmail() });
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    await until(() => smtp.received.length === 2);
    await world.instance.outboxWorker.settled();
    expect(smtp.received).toHaveLength(2);
  });
});
