import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxMfa,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  PASSWORD,
  type World,
} from '../../testing/index.ts';
import { APP_URL, visitProject } from '../../testing/project-visit.ts';

/** The ways to what opens an account everywhere from then on. */
const SET_UPS: readonly [path: string, body: unknown][] = [
  ['/mfa/factors', { type: 'totp' }],
  ['/mfa/factors', { type: 'sms', phone: '+4915112345678' }],
  ['/passkeys/register/start', {}],
  ['/passkeys/register/finish', { response: {} }],
];

describe.each(DIALECTS)(
  'a session of Flux in a project that asks about new places elsewhere on %s',
  (dialect) => {
    let world: World;
    let flux: FluxProject;
    let mfa: ReturnType<typeof createFluxMfa>;
    beforeAll(async () => {
      const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
      world = await createWorld({ dialect, env });
      const settings = { redirect_urls: [APP_URL], methods: { passkey: true } };
      flux = await createFluxProject(world, { projectId: world.instance.project.id, settings });
      mfa = createFluxMfa(world, flux);
    });
    afterAll(() => world.close());

    async function enter(email: string, client = world.client()): Promise<string> {
      return handed(await flux.page('/sign_in/password', { email, password: PASSWORD }, client)).token;
    }

    it('sets nothing up from a place that the owner has not approved: a password alone would open everything [D12, B09]', async () => {
      const { email } = await world.person();
      const token = await enter(email);
      for (const [path, body] of SET_UPS) {
        const reply = await mfa.post(path, token, body);
        expect([path, reply.status, codeOf(reply)]).toEqual([path, 403, 'place_approval_required']);
      }
      expect(await mfa.factors(token)).toEqual({ factors: [], recovery_codes_left: 0 });
      const login = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
      expect([login.status, login.text]).toEqual([403, expect.stringContaining('IP_AUTHORIZATION_REQUIRED')]);
    });

    it("sets nothing up on the project's pages there, either [D12, B09]", async () => {
      const { email } = await world.person();
      await flux.change({ mfa: { required: true } });
      const visit = visitProject(world, flux);
      await visit.open('sign-in');
      await visit.send('sign-in', { email, password: PASSWORD });
      const replies = [
        await visit.land('step-up/set-up'),
        await visit.send('step-up/app', { code: '000000' }),
        await visit.send('step-up/phone', { phone: '+4915112345678' }),
      ];
      await flux.change({ mfa: { required: false } });
      for (const { status, text } of replies) {
        expect(status).toBe(403);
        expect(text).toContain('does not know this place');
        expect(text).not.toContain('class="secret"');
      }
    });

    it('sets a factor up at home, and from the other place once its owner has approved it', async () => {
      const person = await world.person();
      const away = world.client();
      const token = await enter(person.email, away);
      await away.post('/v1/auth/login', { email: person.email, password: PASSWORD });
      const mail = await world.newestMail(person.email, 'ip_authorization');
      expect((await mfa.post('/mfa/factors', token, { type: 'totp' })).status).toBe(403);
      await away.post('/v1/auth/authorize-ip', { token: mail.token });
      expect((await mfa.post('/mfa/factors', token, { type: 'totp' })).status).toBe(200);
      const other = await world.person();
      const atHome = await enter(other.email, other.client);
      expect((await mfa.post('/passkeys/register/start', atHome, {})).status).toBe(200);
      const { proved } = await mfa.totp(atHome);
      // Two factors are enough anywhere.
      expect(
        (await mfa.post('/mfa/factors', proved.token, { type: 'sms', phone: '+4915112345678' })).status,
      ).toBe(200);
    });

    it('sets nothing up where all places were forgotten, and ends no set-up that was begun before [D12]', async () => {
      const person = await world.person();
      const token = await enter(person.email, person.client);
      const { factor, totp } = await mfa.enrol(token, { type: 'totp' });
      const begun = await mfa.challenge(token, factor.id);
      const { project, places } = world.instance;
      const actor = { userId: person.userId, sessionId: null, origin: null };
      await places.forgetAll({ projectId: project.id, userId: person.userId, actor });
      const later = await enter(person.email, person.client);
      const replies = [
        await mfa.post('/mfa/factors', later, { type: 'totp' }),
        await mfa.post(`/mfa/factors/${factor.id}/challenge`, later),
        await mfa.verify(token, begun, mfa.codeAt(totp?.secret ?? '')),
      ];
      for (const reply of replies) expect(codeOf(reply)).toBe('place_approval_required');
      expect((await mfa.factors(later)).factors.filter(({ status }) => status === 'verified')).toEqual([]);
    });

    it('lets a factor that is there be shown from everywhere', async () => {
      const person = await world.person();
      const app = await mfa.totp(await enter(person.email, person.client));
      const away = await enter(person.email);
      expect((await mfa.show(away, app)).session.mfa_verified).toBe(true);
    });

    it('asks nobody in a project whose people sign in at Flux alone: no place could be approved there', async () => {
      const app = await createFluxProject(world);
      const { user } = await app.signUp();
      const { token } = await app.signIn(user.email);
      const begin = createFluxMfa(world, app).post('/mfa/factors', token, { type: 'totp' });
      expect((await begin).status).toBe(200);
    });
  },
);
