import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type App,
  createFactorKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  PASSWORD,
  type World,
} from '../../testing/index.ts';
import { APP_URL, ledTo, visitProject } from '../../testing/project-visit.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('the second step of a project on %s', (dialect) => {
  let world: World;
  let project: FluxProject;
  let email: string;
  let app: App;
  let phone: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const { id: projectId } = world.instance.project;
    project = await createFluxProject(world, { projectId, settings: { redirect_urls: [APP_URL] } });
    const kit = createFactorKit(world);
    const person = await world.person();
    ({ email } = person);
    app = await kit.totp(person);
    phone = await kit.sms(person, app);
  });
  afterAll(() => world.close());

  type Visit = ReturnType<typeof visitProject>;

  /** The password was right, and a second factor is owed. */
  async function owing(): Promise<Visit> {
    const visit = visitProject(world, project);
    await visit.open('sign-in');
    const led = await visit.send('sign-in', { email, password: PASSWORD });
    expect([led.status, led.headers.get('location')]).toEqual([303, visit.path('step-up')]);
    return visit;
  }

  const prove = (visit: Visit, code: string) => visit.send('step-up', { method: 'code', code });
  const fresh = () => {
    world.clock.advance(30_000);
    return app.code();
  };

  it('is asked for before the way back, and marks the session that the code stands for [B09]', async () => {
    const visit = await owing();
    const page = await visit.land('step-up');
    expect(page.text).toContain('Code from your authenticator app');
    expect(page.text).not.toMatch(/eyJ|sess_/);
    const wrong = await prove(visit, app.wrong());
    expect([wrong.status, wrong.text.includes('The code is wrong')]).toEqual([400, true]);
    const led = await prove(visit, fresh());
    expect(ledTo(led).searchParams.get('state')).toBe('st/4=te');
    expect(handed(await visit.exchange(led)).session).toMatchObject({
      mfa_verified: true,
      mfa_required: false,
      authentication_method: 'password',
    });
    expect(visit.browser.cookies.size).toBe(0);
  });

  it('takes a code by SMS to the number that it hints at, and a recovery code', async () => {
    const visit = await owing();
    const sent = await visit.send('step-up/sms', { method: 'sms-send' });
    const page = await visit.browser.get(sent.headers.get('location') ?? '');
    expect(page.text).toContain('Code from the SMS');
    expect(page.text).not.toContain(phone);
    const { token } = await world.newestMail(phone, 'sms_code');
    expect(
      handed(await visit.exchange(await visit.send('step-up', { method: 'sms', smsCode: token }))),
    ).toMatchObject({
      session: { mfa_verified: true },
    });
    const other = await owing();
    const code = app.backupCodes[0] ?? '';
    expect(handed(await other.exchange(await prove(other, code))).session.mfa_verified).toBe(true);
    expect((await prove(await owing(), code)).status).toBe(400);
  });

  it('is done in the browser that gave the password, and in no other [D02]', async () => {
    const visit = await owing();
    const stranger = visitProject(world, project);
    expect((await prove(stranger, fresh())).status).toBe(400);
    const [[name, value] = ['', '']] = [...visit.browser.cookies];
    for (const planted of [value.slice(0, -4), `${value}AAAA`, value.toLowerCase(), 'x']) {
      stranger.browser.cookies.set(name, planted);
      expect((await prove(stranger, fresh())).status).toBe(400);
    }
    expect(ledTo(await prove(visit, fresh())).searchParams.has('code')).toBe(true);
  });

  it('is over after a quarter of an hour, and for another project', async () => {
    const other = await createFluxProject(world, { settings: { redirect_urls: [APP_URL] } });
    const visit = await owing();
    const elsewhere = await visit.browser.form(`/p/${other.id}/step-up`, {
      method: 'code',
      code: app.code(),
    });
    expect(elsewhere.status).toBe(400);
    world.clock.advance(15 * MINUTE);
    expect((await prove(visit, app.code())).status).toBe(400);
  });

  it('leads nowhere once the address has been taken off the list', async () => {
    const visit = await owing();
    await project.change({ redirect_urls: [] });
    const reply = await prove(visit, fresh());
    await project.change({ redirect_urls: [APP_URL] });
    expect([reply.status, reply.headers.get('location')]).toEqual([400, null]);
  });

  it('makes one code of fifty equal proofs at once [B02]', async () => {
    const visit = await owing();
    const code = fresh();
    const cookies = [...visit.browser.cookies];
    const replies = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const browser = visitProject(world, project);
        for (const [name, value] of cookies) browser.browser.cookies.set(name, value);
        return await prove(browser, code);
      }),
    );
    expect(replies.filter(({ status }) => status === 303)).toHaveLength(1);
    // The tries of an account count, not those of a browser.
    world.clock.advance(15 * MINUTE);
  });

  it('can be asked for by an app for a session of its own, and leads back with its state alone', async () => {
    const { token, session } = await project.signIn(email);
    const asked = await world.direct.post(
      '/flux/v1/mfa/step_up',
      { redirect_url: APP_URL, state: 'mine' },
      { ...project.asPage, 'x-flux-session': token },
    );
    const { url } = asked.json as unknown as { url: string };
    const visit = visitProject(world, project);
    expect((await visit.land('step-up')).text).toContain('Address that the app sent you to');
    // As somebody without script pastes it.
    const begun = await visit.send('step-up/ticket', { token: url });
    expect(begun.headers.get('location')).toBe(visit.path('step-up'));
    const page = await visit.land('step-up');
    expect(page.headers.get('content-security-policy')).toContain('https://app.example.com');
    // Whoever knows the password could have asked for this and sent the owner here.
    const [day = ''] = session.created_at.split('T');
    expect(page.text).toMatch(new RegExp(`It is for the sign-in of ${day} .* from the address [\\d.:]+\\.`));
    expect((await (await owing()).land('step-up')).text).not.toContain('It is for the sign-in of');
    const led = ledTo(await prove(visit, fresh()));
    expect(Object.fromEntries(led.searchParams)).toEqual({ from: 'flux', state: 'mine' });
    expect(handed(await project.verify(token)).session).toMatchObject({ id: session.id, mfa_verified: true });
    expect((await visit.send('step-up/ticket', { token: url })).status).toBe(400);
  });

  it('does nothing for another site [I03]', async () => {
    const visit = await owing();
    for (const page of ['step-up', 'step-up/sms', 'step-up/ticket', 'step-up/passkey-options', 'sign-in']) {
      const reply = await visit.send(
        page,
        { method: 'code', code: app.code() },
        { origin: 'https://evil.example' },
      );
      expect(reply.status, page).toBe(403);
    }
  });
});
