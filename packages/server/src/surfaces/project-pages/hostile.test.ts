import { describe, expect, it } from 'vitest';
import { createFluxProject, createWorld, DIALECTS, PASSWORD } from '../../testing/index.ts';
import { APP_URL, visitProject } from '../../testing/project-visit.ts';

const SETTINGS = { redirect_urls: [APP_URL], methods: { 'magic-link': true, passkey: true } };
const FORMS = ['sign-in', 'sign-up', 'forgot', 'magic', 'passkey'];
const LANDINGS = [
  'reset',
  'verify',
  'magic/finish',
  'step-up',
  'step-up/ticket',
  'step-up/app',
  'step-up/phone',
];

describe.each(DIALECTS)("hostile forms at a project's pages on %s", (dialect) => {
  it('let nobody in, and break nothing', async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const project = await createFluxProject(world, { settings: SETTINGS });
    const { email } = (await project.signUp()).user;
    const visit = visitProject(world, project);
    const way = /name="way" value="([^"]+)"/.exec((await visit.open('sign-in')).text)?.[1] ?? '';
    const good = new URLSearchParams({ way, email, password: PASSWORD });
    const form = 'application/x-www-form-urlencoded';
    for (const page of [...FORMS, ...LANDINGS])
      for (const [type, body] of [
        [form, ''],
        [form, `${good}&email=a%40example.com&password=x`],
        [form, `${good}%00`],
        [form, `${good}&__proto__=x&constructor=y`.replace(/email=[^&]*/, 'email=%00')],
        [form, `way=${'x'.repeat(60_000)}`],
        [form, `way=${'x'.repeat(70_000)}`],
        ['application/json', JSON.stringify({ way, email, password: PASSWORD })],
        ['text/plain', String(good)],
      ] as const) {
        const headers = { 'content-type': type, origin: world.baseUrl };
        const reply = await world.direct.send(visit.path(page), { method: 'POST', body, headers });
        expect(reply.status < 500, `${page} ${type} ${body.slice(0, 40)} ${reply.status}`).toBe(true);
        expect(reply.headers.get('location') ?? '').not.toContain('code=');
      }
    await world.close();
  });
});

describe("a project's pages with a CAPTCHA", () => {
  it('show it, and take no form without its answer', async () => {
    const world = await createWorld({ dialect: 'sqlite', env: { FLUXGATE_CAPTCHA: 'pow' } });
    const project = await createFluxProject(world, { settings: SETTINGS });
    const visit = visitProject(world, project);
    for (const page of ['sign-in', 'sign-up', 'forgot']) {
      expect((await visit.open(page)).text, page).toContain('<altcha-widget');
      const reply = await visit.send(page, { email: 'a@example.com', password: PASSWORD });
      expect([reply.status, reply.text.includes('check that you are not a robot is missing')], page).toEqual([
        400,
        true,
      ]);
    }
    expect((await visit.send('magic', { email: 'a@example.com' })).status).toBe(400);
    expect(await world.mails('a@example.com')).toEqual([]);
    await world.close();
  });
});
