import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, PASSWORD, PageClient, type World } from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const WAITING = '/login/waiting';
const ANSWER = '/authorize-ip';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

describe.each(DIALECTS)('a new place on the hosted pages on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    world = await createWorld({ dialect, env });
  });
  afterAll(() => world.close());

  const open = async (browser: PageClient, path = WAITING) => {
    const reply = await browser.get(path);
    return [reply.status, reply.headers.get('location')].filter((part) => part !== null).join(' ');
  };
  const isOver = async (browser: PageClient) =>
    ((await browser.get(`${WAITING}/state`)).json as { isOver: boolean }).isOver;

  /** Somebody at home, and a browser elsewhere with their password. */
  async function waiting(next = '/account') {
    const { email, client } = await world.person();
    const browser = new PageClient(world.baseUrl);
    const reply = await browser.form(
      '/login',
      { email, password: PASSWORD, next },
      { 'user-agent': FIREFOX },
    );
    expect([reply.status, reply.headers.get('location')]).toEqual([303, WAITING]);
    const { token } = await world.newestMail(email, 'ip_authorization');
    return { email, client, browser, token, mailbox: new PageClient(world.baseUrl) };
  }

  async function mailsOf(email: string): Promise<number> {
    return (await world.mails(email)).filter(({ kind }) => kind === 'ip_authorization').length;
  }

  it('waits for the mail, then goes on where it began, and only there [D11]', async () => {
    const { email, browser, token, mailbox } = await waiting('/check-mail?for=reset');
    expect(browser.hasSession).toBe(false);
    expect(await open(browser)).toBe('200');
    expect(await isOver(browser)).toBe(false);
    const page = (await browser.get(WAITING)).text;
    expect(page).toContain(`${email[0]}•••@example.com`);
    expect(page).not.toContain(email);
    expect(page).toContain(
      '<noscript><meta http-equiv="refresh" content="5;url=/login/waiting"/></noscript>',
    );

    expect(await mailbox.go(ANSWER, { token, answer: 'yes' })).toBe('200');
    expect(mailbox.cookies.size).toBe(0);
    expect(await isOver(browser)).toBe(true);
    expect(await open(browser)).toBe('303 /check-mail?for=reset');
    expect([...browser.cookies.keys()]).toEqual(['fluxgate']);
    expect((await browser.get('/account')).text).toContain(email);
  });

  it('shows who waits before anything is allowed, and by looking allows nothing [D11, L03]', async () => {
    const { browser, token, mailbox } = await waiting();
    for (let times = 0; times < 3; times++) {
      const { status, text } = await mailbox.form(ANSWER, { token });
      expect(status).toBe(200);
      for (const fact of ['Firefox · Linux', browser.address, '10.', 'UTC']) expect(text).toContain(fact);
      expect(text).toMatch(/value="yes".*value="no"/);
    }
    for (const method of ['GET', 'HEAD'])
      expect((await mailbox.send(`${ANSWER}?token=${token}&answer=yes`, { method })).status).toBe(200);
    expect(await isOver(browser)).toBe(false);
    expect(await mailbox.go(ANSWER, { token, answer: 'yes' })).toBe('200');
    expect(await isOver(browser)).toBe(true);
  });

  it('is over for whoever waits when the owner says no, and leads the owner to a new password', async () => {
    const { email, browser, token, mailbox } = await waiting();
    const { status, text } = await mailbox.form(ANSWER, { token, answer: 'no' });
    expect(status).toBe(200);
    expect(text).toContain('href="/forgot"');
    expect(await isOver(browser)).toBe(true);
    expect(await open(browser)).toBe('303 /login?because=unanswered&next=%2Faccount');
    expect(browser.cookies.size).toBe(0);
    expect(await mailbox.go(ANSWER, { token, answer: 'yes' })).toBe('400');
    expect(await browser.go('/login', { email, password: PASSWORD })).toBe(`303 ${WAITING}`);
    const events = await world.instance.storage.db
      .selectFrom('audit_record')
      .select(['event', 'details'])
      .where('event', '=', 'place.refused')
      .execute();
    expect(events.at(-1)?.details).toContain(browser.address);
  });

  it('takes one answer of fifty at once', async () => {
    const { browser, token } = await waiting();
    const answers = ['yes', 'no'];
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        world.client().form(ANSWER, { token, answer: answers[index % 2] ?? '' }),
      ),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await isOver(browser)).toBe(true);
  });

  it('takes a link for a quarter of an hour, and says so afterwards', async () => {
    const { browser, token, mailbox } = await waiting();
    world.clock.advance(15 * MINUTE);
    for (const answer of ['', 'yes', 'no']) {
      const { status, text } = await mailbox.form(ANSWER, { token, answer });
      expect(status).toBe(400);
      expect(text).toContain('used up or too old');
    }
    expect(await open(browser)).toBe('303 /login?because=unanswered&next=%2Faccount');
    expect((await browser.get('/login?because=unanswered')).text).toContain('was not allowed, or its mail');
    expect(browser.hasSession).toBe(false);
  });

  it('can be gone on with when it was allowed in the last moment', async () => {
    const { browser, token, mailbox } = await waiting();
    world.clock.advance(15 * MINUTE - SECOND);
    expect(await mailbox.go(ANSWER, { token, answer: 'yes' })).toBe('200');
    world.clock.advance(2 * SECOND);
    expect(await open(browser)).toBe('303 /account');
    expect(browser.hasSession).toBe(true);
  });

  it('gives the session once for several tabs that wait, and ends it for none', async () => {
    const { browser, token, mailbox } = await waiting();
    await mailbox.form(ANSWER, { token, answer: 'yes' });
    const cookie = `fluxgate-pending=${browser.cookies.get('fluxgate-pending')}`;
    expect(await open(browser)).toBe('303 /account');
    const session = `fluxgate=${browser.cookies.get('fluxgate')}`;
    const tab = await world.client().get(WAITING, { cookie: `${cookie}; ${session}` });
    expect(tab.headers.get('location')).toBe('/account');
    expect(tab.headers.getSetCookie()[0]).toContain(session);
    expect((await browser.get('/account')).status).toBe(200);
  });

  it('sends the mail once more, after half a minute and no third time', async () => {
    const { email, browser, token } = await waiting();
    const early = await browser.form(`${WAITING}/resend`, {});
    expect(early.status).toBe(429);
    expect(early.text).toContain('Wait half a minute');
    world.clock.advance(30 * SECOND);
    expect(await browser.go(`${WAITING}/resend`, {})).toBe(`303 ${WAITING}`);
    expect((await browser.get(WAITING)).text).toContain('on its way once more');
    expect((await browser.get(WAITING)).text).not.toContain('/resend');
    expect(await browser.go(`${WAITING}/resend`, {})).toBe('429');
    expect(await mailsOf(email)).toBe(2);
    expect((await world.newestMail(email, 'ip_authorization')).token).toBe(token);
  });

  it('begins again in a browser that waits for nothing', async () => {
    const browser = new PageClient(world.baseUrl);
    expect(await open(browser)).toBe('303 /login?because=unanswered');
    expect(await isOver(browser)).toBe(true);
    expect(await browser.go(`${WAITING}/resend`, {})).toBe('303 /login?because=unanswered');
  });

  it('keeps the kinds of waiting apart: a second proof is none of these', async () => {
    const { browser, token, mailbox } = await waiting();
    expect(await open(browser, '/login/confirm')).toBe('303 /login?because=over&next=%2Faccount');
    await mailbox.form(ANSWER, { token, answer: 'yes' });
    expect(browser.hasSession).toBe(false);
  });

  it.each(['', 'x', 'a'.repeat(64), '"><script>alert(1)</script>'])(
    'refuses what is no token: %s',
    async (token) => {
      for (const answer of ['', 'yes', 'no']) {
        const reply = await world.client().form(ANSWER, { token, answer });
        expect(reply.status).toBe(400);
        expect(reply.text).not.toContain('<script>alert');
        expect(reply.headers.getSetCookie()).toEqual([]);
      }
    },
  );

  it.each([ANSWER, `${WAITING}/resend`])('does nothing for another site: %s [I03]', async (path) => {
    const { email, browser, token } = await waiting();
    world.clock.advance(30 * SECOND);
    const reply = await browser.form(path, { token, answer: 'yes' }, { origin: 'https://evil.example' });
    expect(reply.status).toBe(403);
    expect(await isOver(browser)).toBe(false);
    expect(await mailsOf(email)).toBe(1);
  });
});
