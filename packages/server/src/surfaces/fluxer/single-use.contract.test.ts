import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createNodes, DIALECTS, type Nodes, PASSWORD, type World } from '../../testing/index.ts';

const PARALLEL = 50;

describe.each(DIALECTS)('a mailed token in fifty hands at once on %s', (dialect) => {
  let nodes: Nodes;
  let world: World;
  let second: World;
  beforeAll(async () => {
    nodes = await createNodes(dialect, { FLUXGATE_RATE_LIMITS: 'off' });
    ({ first: world, second } = nodes);
  });
  afterAll(() => nodes.close());

  const all = (path: string, bodyOf: (index: number) => unknown) =>
    Promise.all(
      Array.from({ length: PARALLEL }, (_, index) =>
        (index % 2 ? world : second).client().post(path, bodyOf(index)),
      ),
    );

  it('resets one password to what exactly one of them wanted [B02]', async () => {
    const { email } = await world.person();
    decode.empty(await world.client().post('/v1/auth/forgot', { email }));
    const { token } = await world.newestMail(email, 'password_reset');
    const wished = (index: number) => `wish number ${index} of a horse`;
    const replies = await all('/v1/auth/reset', (index) => ({ token, password: wished(index) }));
    const winners = replies.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect(winners).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200)) {
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_RESET_TOKEN');
      expect(reply.headers.has('set-cookie')).toBe(false);
    }
    const [winner = -1] = winners;
    const login = (password: string) => world.client().post('/v1/auth/login', { email, password });
    const client = world.client();
    client.token = decode.token(await login(wished(winner))).token;
    expect((await login(PASSWORD)).status).toBe(400);
    expect((await login(wished((winner + 1) % PARALLEL))).status).toBe(400);
    // The winner's own and the one just made: nobody else was let in.
    expect(decode.sessions(await client.get('/v1/auth/sessions'))).toHaveLength(2);
  });

  it('confirms an address exactly once [B02]', async () => {
    const { email } = await world.register(world.client());
    const { token } = await world.newestMail(email, 'email_verification');
    const replies = await all('/v1/auth/verify', () => ({ token }));
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 204)) {
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY token:INVALID_OR_EXPIRED_VERIFICATION_TOKEN');
    }
  });

  it('registers an address exactly once', async () => {
    const { email } = await world.register(world.client());
    const fresh = `new-${email}`;
    const replies = await all('/v1/auth/register', (index) => ({
      email: index % 3 ? fresh : fresh.toUpperCase(),
      password: PASSWORD,
      date_of_birth: '1990-05-17',
      consent: true,
    }));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200)) {
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY email:EMAIL_ALREADY_IN_USE');
    }
    expect(await world.mails(fresh)).toHaveLength(1);
  });
});
