import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
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

describe.each(DIALECTS)('a second step that is owed and not there yet on %s', (dialect) => {
  let world: World;
  let project: FluxProject;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const settings = { redirect_urls: [APP_URL], mfa: { required: true } };
    project = await createFluxProject(world, { settings });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  type Visit = ReturnType<typeof visitProject>;
  const secretIn = (html: string) =>
    (/<code class="secret">([A-Z2-7 ]+)</.exec(html)?.[1] ?? '').replace(/ /g, '');
  const codesIn = (html: string) =>
    [...html.matchAll(/<code>([a-z0-9-]{9})<\/code>/g)].map(([, code]) => code ?? '');

  /** Somebody new, who has just chosen a password. */
  async function begun(email = newEmail()): Promise<Visit> {
    const visit = visitProject(world, project);
    await visit.open('sign-up');
    const led = await visit.send('sign-up', { email, password: PASSWORD });
    expect(led.headers.get('location')).toBe(visit.path('step-up'));
    expect((await visit.land('step-up')).headers.get('location')).toBe(visit.path('step-up/set-up'));
    return visit;
  }

  it('is set up with an app before the way back, and shows recovery codes once [B09]', async () => {
    const email = newEmail();
    const visit = await begun(email);
    const page = await visit.land('step-up/set-up');
    const secret = secretIn(page.text);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(page.text).toContain('role="img" aria-label="QR code');
    expect(secretIn((await visit.land('step-up/set-up')).text)).toBe(secret);
    const wrong = await visit.send('step-up/app', { code: '000000' });
    expect([wrong.status, wrong.text.includes('The code is wrong')]).toEqual([400, true]);
    expect(secretIn(wrong.text)).toBe(secret);
    const done = await visit.send('step-up/app', { code: kit.codeOf(secret) });
    const codes = codesIn(done.text);
    expect([done.status, codes.length]).toEqual([200, 10]);
    expect(done.headers.get('cache-control')).toBe('no-store');
    const led = await visit.land('step-up');
    expect(ledTo(led).searchParams.get('state')).toBe('st/4=te');
    expect(handed(await visit.exchange(led)).session).toMatchObject({
      mfa_verified: true,
      mfa_required: false,
    });
    // Nothing of it comes again.
    expect((await visit.land('step-up/set-up')).text).not.toContain(secret);
    world.clock.advance(30_000);
    const again = visitProject(world, project);
    await again.open('sign-in');
    await again.send('sign-in', { email, password: PASSWORD });
    expect((await again.land('step-up/set-up')).headers.get('location')).toBe(again.path('step-up'));
    expect((await again.send('step-up', { method: 'code', code: codes[0] ?? '' })).status).toBe(303);
  });

  it('is set up with a telephone, whose number may be mistyped', async () => {
    const visit = await begun();
    const refused = await visit.send('step-up/phone', { phone: '12' });
    expect([refused.status, refused.text.includes('Codes cannot be sent to this number')]).toEqual([
      400,
      true,
    ]);
    const phone = '+4915112345678';
    const sent = await visit.send('step-up/phone', { phone });
    expect(sent.headers.get('location')).toBe(visit.path('step-up/set-up'));
    expect((await visit.land('step-up/set-up')).text).toContain('Code from the SMS');
    const { token } = await world.newestMail(phone, 'sms_code');
    const wrong = await visit.send('step-up/phone-code', {
      smsCode: token === '000000' ? '111111' : '000000',
    });
    expect([wrong.status, wrong.text.includes('smsCode-problem')]).toEqual([400, true]);
    const done = await visit.send('step-up/phone-code', { smsCode: token });
    expect(codesIn(done.text)).toHaveLength(10);
    expect(handed(await visit.exchange(await visit.land('step-up'))).session.mfa_verified).toBe(true);
  });

  it('is set up in the ways that the project allows', async () => {
    for (const [methods, shown, hidden] of [
      [['totp'], 'authenticator app', 'Mobile number'],
      [['sms'], 'Mobile number', 'authenticator app'],
    ] as const) {
      await project.change({ mfa: { methods } });
      const visit = await begun();
      const { text } = await visit.land('step-up/set-up');
      expect([text.includes(shown), text.includes(hidden)], methods[0]).toEqual([true, false]);
      const page = methods[0] === 'sms' ? 'step-up/app' : 'step-up/phone';
      const reply = await visit.send(page, { code: '123456', phone: '+4915112345679' });
      expect([reply.status, codesIn(reply.text)]).not.toEqual([303, []]);
      expect(await world.mails('+4915112345679')).toEqual([]);
    }
    await project.change({ mfa: { methods: ['totp', 'sms'] } });
  });

  it('is set up by the browser that owes it alone', async () => {
    const visit = await begun();
    const secret = secretIn((await visit.land('step-up/set-up')).text);
    const stranger = visitProject(world, project);
    for (const [page, fields] of Object.entries({
      'step-up/app': { code: kit.codeOf(secret) },
      'step-up/phone': { phone: '+4915112345670' },
      'step-up/phone-code': { smsCode: '123456' },
      'step-up/phone-again': {},
    })) {
      expect((await stranger.send(page, fields)).status, page).toBe(400);
      expect((await visit.send(page, fields, { origin: 'https://evil.example' })).status, page).toBe(403);
    }
  });

  it('is set up once by fifty forms at once [B02]', async () => {
    const visit = await begun();
    const code = kit.codeOf(secretIn((await visit.land('step-up/set-up')).text));
    const [[name, value] = ['', '']] = [...visit.browser.cookies];
    const replies = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const other = visitProject(world, project);
        other.browser.cookies.set(name, value);
        return await other.send('step-up/app', { code });
      }),
    );
    expect(replies.filter(({ text }) => codesIn(text).length === 10)).toHaveLength(1);
  });
});
