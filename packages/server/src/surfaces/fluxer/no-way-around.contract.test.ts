import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Authenticator,
  createFactorKit,
  createWorld,
  DIALECTS,
  emailChangeOf,
  freshDatabase,
  PASSWORD,
  type Person,
  type Reply,
  type RequestOptions,
  type World,
} from '../../testing/index.ts';

const SECOND = 1_000;
/** What an account has, and what it therefore owes after one proof. */
const POLICIES = {
  'nothing enrolled': { enrolled: [], owed: [] },
  'an authenticator app': { enrolled: ['totp'], owed: ['totp'] },
  'codes by SMS': { enrolled: ['totp', 'sms'], owed: ['totp', 'sms'] },
  'a passkey': { enrolled: ['passkey'], owed: ['webauthn'] },
  everything: { enrolled: ['totp', 'sms', 'passkey'], owed: ['totp', 'sms', 'webauthn'] },
} as const;

type Policy = keyof typeof POLICIES;

/** No answer may carry what opens a session, in whatever place. */
function carriesSession(reply: Reply): boolean {
  const cookies = reply.headers.getSetCookie().filter((line) => /^fluxer_session=[^;]/.test(line));
  return /flx_[0-9A-Za-z]{36}/.test(reply.text) || cookies.length > 0;
}

for (const demand of ['off', 'on'] as const) {
  describe.each(DIALECTS)(
    `where second factors are ${demand === 'on' ? 'demanded of all' : 'up to the user'}, on %s`,
    (dialect) => {
      let database: Awaited<ReturnType<typeof freshDatabase>>;
      let world: World;
      const people = new Map<Policy, Enrolled>();

      beforeAll(async () => {
        database = await freshDatabase(dialect);
        const limits = { FLUXGATE_RATE_LIMITS: 'off' };
        world = await createWorld({ dialect, database, env: limits });
        for (const policy of Object.keys(POLICIES) as Policy[]) people.set(policy, await enrol(policy));
        if (demand === 'off') return;
        // Everybody enrolled where nothing was demanded; then the rule was tightened.
        const { clock, baseUrl } = world;
        await world.close();
        const env = {
          ...limits,
          FLUXGATE_REQUIRE_MFA: 'on',
          // Where the passkeys were made; the port is another one now.
          FLUXGATE_AUTH_PASSKEYS_ADDITIONAL_ALLOWED_ORIGINS: baseUrl,
        };
        world = await createWorld({ dialect, database, clock, env });
      });
      afterAll(async () => {
        await world.close();
        await database.drop();
      });

      interface Enrolled {
        person: Person;
        device: Authenticator | null;
        /** What was mailed to the address that the person had before. */
        revertToken: string;
      }

      async function enrol(policy: Policy): Promise<Enrolled> {
        const kit = createFactorKit(world);
        const person = await world.person();
        const revertToken = await moveHouse(person);
        const wanted: readonly string[] = POLICIES[policy].enrolled;
        let headers: Record<string, string> = {};
        if (wanted.includes('totp')) {
          const app = await kit.totp(person);
          if (wanted.includes('sms')) await kit.sms(person, app);
          headers = await kit.sudo(person, app);
        }
        const device = wanted.includes('passkey') ? await kit.passkey(person, headers) : null;
        return { person, device, revertToken };
      }

      /** Another address, by the proof of both mailboxes; the old one gets the link that takes it back. */
      async function moveHouse(person: Person): Promise<string> {
        const oldEmail = person.email;
        const { email_token } = await emailChangeOf(world, person).token();
        const change = { method: 'PATCH', body: { email_token, password: PASSWORD } };
        person.email = decode.user(await person.client.send('/v1/users/@me', change)).email ?? '';
        return (await world.newestMail(oldEmail, 'email_change_revert')).token;
      }

      function personWith(policy: Policy): Enrolled {
        const found = people.get(policy);
        if (!found) throw new Error(`Nobody has ${policy}.`);
        return found;
      }

      /** What one proof may come to. */
      function expectOwed(reply: Reply, policy: Policy): void {
        const { owed } = POLICIES[policy];
        if (owed.length > 0) {
          expect(decode.owedProof(reply).allowed_methods).toEqual(owed);
          expect(carriesSession(reply)).toBe(false);
        } else if (demand === 'on') {
          expect(refusal(reply)).toBe('400 TWO_FACTOR_REQUIRED');
          expect(carriesSession(reply)).toBe(false);
        } else {
          decode.token(reply);
        }
      }

      for (const policy of Object.keys(POLICIES) as Policy[]) {
        it(`${policy}: a password signs in no further than that [B09, bug 16, bug 23]`, async () => {
          const { person } = personWith(policy);
          const login = { email: person.email, password: PASSWORD };
          expectOwed(await world.client().post('/v1/auth/login', login), policy);
          expectOwed(
            await world.client().post('/v1/auth/login', { login: person.email, password: PASSWORD }),
            policy,
          );
        });

        it(`${policy}: a reset proves the mailbox and no more [B07, bug 12, bug 24]`, async () => {
          const { person } = personWith(policy);
          world.clock.advance(SECOND);
          await world.client().post('/v1/auth/forgot', { email: person.email });
          const { token } = await world.newestMail(person.email, 'password_reset');
          expectOwed(await world.client().post('/v1/auth/reset', { token, password: PASSWORD }), policy);
          expectOwed(
            await world.client().post('/v1/auth/login', { email: person.email, password: PASSWORD }),
            policy,
          );
        });

        it(`${policy}: a hand-off is completed by a session and by nothing less`, async () => {
          const { person } = personWith(policy);
          const app = world.client();
          const { code } = decode.handoff(await app.post('/v1/auth/handoff/initiate'));
          const login = await world
            .client()
            .post('/v1/auth/login', { email: person.email, password: PASSWORD });
          const { ticket } = login.json as { ticket?: string };
          const proofs = ticket === undefined ? ['x'.repeat(64)] : [ticket, `Bearer ${ticket}`];
          for (const token of proofs) {
            const body = { code, token, user_id: person.userId };
            expect(refusal(await world.client().post('/v1/auth/handoff/complete', body))).toBe(
              '401 INVALID_TOKEN',
            );
          }
          expect(decode.handoffStatus(await app.get(`/v1/auth/handoff/${code}/status`))).toBe('pending');
        });

        if (POLICIES[policy].owed.some((method) => method === 'webauthn')) {
          it(`${policy}: a passkey alone shows two factors, but not without its owner [bug 17]`, async () => {
            const { person, device } = personWith(policy);
            const begin = async () =>
              (await world.client().post('/v1/auth/webauthn/authentication-options')).json as RequestOptions;
            const unverified = device?.assert(await begin(), { flags: { uv: false } });
            const refused = await world
              .client()
              .post('/v1/auth/webauthn/authenticate', { response: unverified });
            expect(refusal(refused)).toBe('401 PASSKEY_AUTHENTICATION_FAILED');
            const response = device?.assert(await begin());
            const signedIn = decode.token(
              await world.client().post('/v1/auth/webauthn/authenticate', { response }),
            );
            expect(signedIn.user_id).toBe(person.userId);
          });
        }
      }

      for (const policy of Object.keys(POLICIES) as Policy[]) {
        it(`${policy}: a revert takes the factors away with everything else, and then the rule decides`, async () => {
          const { person, revertToken: token } = personWith(policy);
          const reply = await world.client().post('/v1/auth/email-revert', { token, password: PASSWORD });
          if (demand === 'off') expect(decode.token(reply).user_id).toBe(person.userId);
          else expect(refusal(reply)).toBe('400 TWO_FACTOR_REQUIRED');
          if (demand === 'on') expect(carriesSession(reply)).toBe(false);
          expect(await world.instance.sessions.find(person.client.token ?? '', 'fluxer')).toBeNull();
        });
      }

      it('no registration comes to a session that the rule does not allow', async () => {
        const reply = await world.register(world.client());
        if (demand === 'off') decode.token(reply);
        else expect(refusal(reply)).toBe('400 TWO_FACTOR_REQUIRED');
      });
    },
  );
}

describe.each(DIALECTS)('a place that waits for its approval on %s', (dialect) => {
  it('opens no session for an account that has set up a second factor meanwhile [bug 12]', async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    const world = await createWorld({ dialect, env });
    try {
      const kit = createFactorKit(world);
      const person = await world.person();
      const elsewhere = world.client();
      const login = { email: person.email, password: PASSWORD };
      const { ticket } = decode.newPlace(await elsewhere.post('/v1/auth/login', login));
      const { token } = await world.newestMail(person.email, 'ip_authorization');
      await kit.totp(person);
      const approved = await world.client().post('/v1/auth/authorize-ip', { token });
      expect(refusal(approved)).toBe('400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_AUTHORIZATION_TOKEN');
      const polled = await elsewhere.get(`/v1/auth/ip-authorization/poll?ticket=${ticket}`);
      expect(carriesSession(polled)).toBe(false);
      decode.owedProof(await elsewhere.post('/v1/auth/login', login));
    } finally {
      await world.close();
    }
  });

  it('lets nobody set up a factor of his own from a place that the owner has not approved', async () => {
    const database = await freshDatabase(dialect);
    const limits = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' };
    const before = await createWorld({ dialect, database, env: limits });
    const person = await before.person();
    const { clock } = before;
    await before.close();
    const world = await createWorld({
      dialect,
      database,
      clock,
      env: { ...limits, FLUXGATE_REQUIRE_MFA: 'on' },
    });
    try {
      const login = { email: person.email, password: PASSWORD };
      const stranger = world.client();
      const { ticket } = decode.newPlace(await stranger.post('/v1/auth/login', login));
      const { token } = await world.newestMail(person.email, 'ip_authorization');
      decode.empty(await world.client().post('/v1/auth/authorize-ip', { token }));
      const polled = await stranger.get(`/v1/auth/ip-authorization/poll?ticket=${ticket}`);
      expect(carriesSession(polled)).toBe(false);
      expect(refusal(await stranger.post('/v1/auth/login', login))).toBe('400 TWO_FACTOR_REQUIRED');
    } finally {
      await world.close();
      await database.drop();
    }
  });
});
