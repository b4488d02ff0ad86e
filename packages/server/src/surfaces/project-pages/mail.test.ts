import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';
import { APP_URL, ledTo, visitProject } from '../../testing/project-visit.ts';

const NEW_PASSWORD = 'another horse battery staple';

describe.each(DIALECTS)("the mails of a project's pages on %s", (dialect) => {
  let world: World;
  let project: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const settings = { redirect_urls: [APP_URL], methods: { 'magic-link': true } };
    project = await createFluxProject(world, { settings });
  });
  afterAll(() => world.close());

  type Visit = ReturnType<typeof visitProject>;

  async function asked(email: string): Promise<{ visit: Visit; token: string; code: string; link: string }> {
    const visit = visitProject(world, project);
    await visit.open('sign-in');
    const sent = await visit.send('magic', { email });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, visit.path('magic')]);
    expect((await visit.land('magic')).text).toContain('Check your mail');
    const mail = await world.newestMail(email, 'magic_link');
    return {
      visit,
      token: mail.token,
      code: /\b\d{6}\b/.exec(mail.text)?.[0] ?? '',
      link: mail.links[0] ?? '',
    };
  }

  it('sign in by the link or the code in the browser that asked, and make the account', async () => {
    const email = newEmail();
    const byLink = await asked(email);
    expect(byLink.link).toBe(`${world.baseUrl}/p/${project.id}/magic#flux_magic=${byLink.token}`);
    const led = await byLink.visit.send('magic/finish', { token: byLink.token });
    expect(ledTo(led).searchParams.get('state')).toBe('st/4=te');
    const first = handed(await byLink.visit.exchange(led));
    expect(first).toMatchObject({
      user: { email, email_verified: true },
      session: { authentication_method: 'magic_link' },
    });
    const byCode = await asked(email);
    const second = handed(
      await byCode.visit.exchange(await byCode.visit.send('magic/finish', { code: byCode.code })),
    );
    expect(second.user.id).toBe(first.user.id);
    expect((await byCode.visit.send('magic/finish', { code: byCode.code })).status).toBe(200);
  });

  it('open nothing in another browser, and say what to do there', async () => {
    const { visit, token, code } = await asked(newEmail());
    const other = visitProject(world, project);
    expect((await other.land('magic')).text).toContain('Go back to where you began');
    for (const fields of [{ token }, { code }]) {
      const reply = await other.send('magic/finish', fields);
      expect([reply.headers.get('location'), reply.text.includes('Go back to where you began')]).toEqual([
        null,
        true,
      ]);
    }
    expect((await visit.send('magic/finish', { token })).status).toBe(303);
  });

  it('let somebody guess a code five times, and then ask for another mail', async () => {
    const { visit, code } = await asked(newEmail());
    const wrong = code === '000000' ? '111111' : '000000';
    for (let times = 0; times < 4; times++) {
      const reply = await visit.send('magic/finish', { code: wrong });
      expect([reply.status, reply.text.includes('code-problem')]).toEqual([400, true]);
    }
    const last = await visit.send('magic/finish', { code: wrong });
    expect(last.text).toContain('Ask for a new one');
    expect(last.text).toContain('Mail me a link');
    expect((await visit.send('magic/finish', { code })).headers.get('location')).toBeNull();
  });

  it('say the same of a known and an unknown address [A09]', async () => {
    const { email } = (await project.signUp()).user;
    const told = async (page: string, address: string) => {
      const visit = visitProject(world, project);
      await visit.open(page === 'magic' ? 'sign-in' : page);
      const { status, text } = await visit.send(page, { email: address });
      return [status, text.replace(/code_challenge=[\w-]+/g, '')];
    };
    for (const page of ['magic', 'forgot'])
      expect(await told(page, email)).toEqual(await told(page, newEmail()));
  });

  it('sign nobody in by a link once links are switched off', async () => {
    const { visit, token } = await asked(newEmail());
    await project.change({ methods: { 'magic-link': false } });
    for (const reply of [
      await visit.send('magic/finish', { token }),
      await visit.send('magic', { email: newEmail() }),
      await visit.land('magic'),
    ])
      expect([reply.status, reply.headers.get('location')]).toEqual([403, null]);
    await project.change({ methods: { 'magic-link': true } });
    expect((await visit.send('magic/finish', { token })).status).toBe(303);
  });

  it('let somebody choose a new password, and lead on from the browser that asked', async () => {
    const { user, token } = await project.signUp();
    const visit = visitProject(world, project);
    await visit.open('forgot');
    expect((await visit.send('forgot', { email: user.email })).text).toContain('Check your mail');
    const mail = await world.newestMail(user.email, 'password_reset');
    expect(mail.links).toEqual([`${world.baseUrl}/p/${project.id}/reset#flux_reset=${mail.token}`]);
    expect((await visit.land('reset')).text).toContain('Link from the mail');
    const weak = await visit.send('reset', { token: mail.token, password: 'short' });
    expect([weak.status, weak.text.includes('password-problem')]).toEqual([400, true]);
    const led = await visit.send('reset', { token: mail.token, password: NEW_PASSWORD });
    expect(handed(await visit.exchange(led)).user.id).toBe(user.id);
    // FX-14: all others have ended.
    expect((await project.verify(token)).status).toBe(401);
    expect((await visit.send('reset', { token: mail.token, password: NEW_PASSWORD })).status).toBe(400);
  });

  it('let somebody choose it in another browser, by the pasted link, and leave no session there', async () => {
    const { user } = await project.signUp();
    const visit = visitProject(world, project);
    await visit.open('forgot');
    await visit.send('forgot', { email: user.email });
    const [link = ''] = (await world.newestMail(user.email, 'password_reset')).links;
    const other = visitProject(world, project);
    const done = await other.send('reset', { token: link, password: NEW_PASSWORD });
    expect([done.status, done.text.includes('The new password holds')]).toEqual([200, true]);
    expect(other.browser.cookies.size).toBe(0);
    expect(await world.instance.sessions.list(user.id)).toEqual([]);
    const again = visitProject(world, project);
    await again.open('sign-in');
    expect((await again.send('sign-in', { email: user.email, password: NEW_PASSWORD })).status).toBe(303);
  });

  it('confirm an address by a press, once, and not by opening the page', async () => {
    const email = newEmail();
    const visit = visitProject(world, project);
    await visit.open('sign-up');
    const { token } = handed(
      await visit.exchange(await visit.send('sign-up', { email, password: PASSWORD })),
    );
    const mail = await world.newestMail(email, 'email_verification');
    const other = visitProject(world, project);
    await other.land('verify');
    expect(handed(await project.verify(token)).user.email_verified).toBe(false);
    expect((await other.send('verify', { token: mail.token })).text).toContain('Address confirmed');
    expect(handed(await project.verify(token)).user.email_verified).toBe(true);
    expect((await other.send('verify', { token: mail.token })).status).toBe(400);
  });

  it('are taken by the pages of their own project alone', async () => {
    const { user } = await project.signUp();
    const other = await createFluxProject(world, { settings: { redirect_urls: [APP_URL] } });
    const { token } = await world.newestMail(user.email, 'email_verification');
    const foreign = visitProject(world, other);
    expect((await foreign.send('verify', { token })).status).toBe(400);
    expect((await visitProject(world, project).send('verify', { token })).status).toBe(200);
  });
});
