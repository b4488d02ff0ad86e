import { HOTP, Secret } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  newEmail,
  newPhoneNumber,
  PASSWORD,
  PageClient,
  type Reply,
  type World,
} from '../../testing/index.ts';

const STEP_MS = 30_000;
const NEW_PASSWORD = 'plum anvil quiet harbour';
const SECURITY = '/account/security';

/** What a form carries along unseen. */
const hidden = ({ text }: Reply, name: string) =>
  unescaped(new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '');
const unescaped = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<');
const leadsTo = ({ status, headers }: Reply) => `${status} ${headers.get('location')}`;

describe.each(DIALECTS)('the security pages on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  /** Somebody signed in on the pages by the password, before there is any second factor. */
  async function owner() {
    const person = await world.person();
    const page = new PageClient(world.baseUrl);
    expect(await page.go('/login', { email: person.email, password: PASSWORD })).toBe('303 /account');
    return { ...person, person, page };
  }

  const codeOf = (secret: string) => {
    const code = HOTP.generate({
      secret: Secret.fromBase32(secret),
      counter: Math.floor(world.clock.now() / STEP_MS),
    });
    world.clock.advance(STEP_MS);
    return code;
  };

  it('shows nothing to whom is not signed in, and does nothing for them', async () => {
    const stranger = new PageClient(world.baseUrl);
    for (const path of [SECURITY, '/account/email', '/account/password', `${SECURITY}/phone`])
      expect(leadsTo(await stranger.get(path))).toMatch(/^303 \/login\?next=/);
    for (const path of ['authenticator/begin', 'recovery-codes', 'passkeys/new', 'places/forget', 'delete'])
      expect(leadsTo(await stranger.form(`${SECURITY}/${path}`, {}))).toMatch(/^303 \/login\?next=/);
    for (const path of ['/account/passkey-options', `${SECURITY}/passkeys/options`])
      expect((await stranger.form(path, {})).status).toBe(410);
  });

  it('sets up an authenticator app from the shown secret, and asks for it from then on [B11, D06]', async () => {
    const { page, email, client } = await owner();
    const asked = await page.form(`${SECURITY}/authenticator/begin`, {});
    expect(asked.text).toContain('Prove once that you are its owner');
    expect(asked.text).not.toMatch(/recovery code|passkey</i);
    expect(hidden(asked, 'secret')).toBe('');
    const wrong = await page.form(`${SECURITY}/authenticator/begin`, { password: 'wrong' });
    expect(wrong.text).toContain('The password is wrong');

    const setup = await page.form(`${SECURITY}/authenticator/begin`, { password: PASSWORD });
    const secret = hidden(setup, 'secret');
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(setup.text).toContain('<svg class="qr"');
    expect(setup.text).toContain('otpauth://totp/');
    const refused = await page.form(`${SECURITY}/authenticator`, { secret, appCode: '000000' });
    expect(refused.status).toBe(400);
    expect(hidden(refused, 'secret')).toBe(secret);
    const codes = await page.form(`${SECURITY}/authenticator`, { secret, appCode: codeOf(secret) });
    const shown = codes.text.match(/[a-z0-9]{4}-[a-z0-9]{4}(?=<)/g) ?? [];
    expect(shown).toHaveLength(10);
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ mfa_enabled: true });

    const download = await page.form(`${SECURITY}/recovery-codes/download`, {});
    expect(download.headers.get('content-disposition')).toBe('attachment; filename="recovery-codes.txt"');
    expect(download.headers.get('cache-control')).toBe('no-store');
    expect(download.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    for (const code of shown) expect(download.text).toContain(code);

    // The proof is good for a quarter of an hour; then the password alone is no proof any more.
    world.clock.advance(15 * 60_000);
    for (const path of [
      'authenticator/remove',
      'recovery-codes',
      'recovery-codes/download',
      'recovery-codes/renew',
    ]) {
      const again = await page.form(`${SECURITY}/${path}`, { password: PASSWORD });
      expect(again.text).toContain('Code from your authenticator app');
      expect(shown.some((code) => again.text.includes(code))).toBe(false);
    }
    const proof = { method: 'code', code: codeOf(secret) };
    const renewed = await page.form(`${SECURITY}/recovery-codes/renew`, proof);
    expect(renewed.text).toContain('Your recovery codes');
    expect(shown.some((code) => renewed.text.includes(code))).toBe(false);
    expect(leadsTo(await page.form(`${SECURITY}/authenticator/remove`, {}))).toBe(
      `303 ${SECURITY}?done=app-removed`,
    );
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ mfa_enabled: false });
    await world.newestMail(email, 'factor_removed');
  });

  it('keeps what was typed while it asks, but no secret of it [D06]', async () => {
    const { page, person } = await owner();
    const app = await kit.totp(person);
    const sessions = await page.get('/account');
    const other = /name="session" value="([^"]+)"/.exec(sessions.text)?.[1] ?? '';
    const asked = await page.form('/account/sessions', { which: 'chosen', session: other });
    expect(JSON.parse(hidden(asked, 'kept'))).toEqual({ which: 'chosen', session: other });
    const kept = hidden(asked, 'kept');
    const wrong = await page.form('/account/sessions', { kept, method: 'code', code: app.wrong() });
    expect(wrong.status).toBe(400);
    expect(hidden(wrong, 'kept')).toBe(kept);
    expect((await page.get('/account')).text).toContain(other);
    const done = await page.form('/account/sessions', { kept, method: 'code', code: app.code() });
    expect(leadsTo(done)).toBe('303 /account?done=ended');
    expect((await page.get('/account')).text).not.toContain(other);

    world.clock.advance(15 * 60_000);
    const change = await page.form('/account/password', { newPassword: NEW_PASSWORD });
    expect(change.text).toContain('Confirm it is you');
    expect(change.text).not.toContain(NEW_PASSWORD);
  });

  it('takes a code by SMS and a recovery code for a proof, each once', async () => {
    const { page, person } = await owner();
    const app = await kit.totp(person);
    const phone = await kit.sms(person, app);
    const path = `${SECURITY}/recovery-codes`;
    const sent = await page.form(path, { method: 'sms-send' });
    expect(sent.text).toContain('A code is on its way to your phone');
    const smsCode = await kit.smsCode(phone);
    expect((await page.form(path, { method: 'sms', smsCode })).text).toContain('Your recovery codes');
    world.clock.advance(15 * 60_000);
    expect((await page.form(path, { method: 'sms', smsCode })).text).toContain('The code is wrong');
    const [code = ''] = app.backupCodes;
    expect((await page.form(path, { method: 'code', code })).text).toContain(`<s>${code}</s>`);
    world.clock.advance(15 * 60_000);
    expect((await page.form(path, { method: 'code', code })).status).toBe(400);
  });

  it('adds a number, sends codes to it, and takes both away', async () => {
    const { page, person, client } = await owner();
    const app = await kit.totp(person);
    const phone = newPhoneNumber();
    const typed = phone.replace(/^(\+\d\d)(\d{3})/, '$1 $2 ');
    const proof = { method: 'code', code: app.code() };
    const asked = await page.form(`${SECURITY}/phone`, { phone: typed, ...proof });
    expect(asked.text).toContain(phone);
    const wrong = await page.form(`${SECURITY}/phone/keep`, { phone, phoneCode: '000000' });
    expect(wrong.text).toContain('The code is wrong');
    const phoneCode = await kit.smsCode(phone);
    expect(leadsTo(await page.form(`${SECURITY}/phone/keep`, { phone, phoneCode }))).toBe(
      `303 ${SECURITY}?done=phone-added`,
    );
    expect(leadsTo(await page.form(`${SECURITY}/sms/on`, {}))).toBe(`303 ${SECURITY}?done=sms-on`);
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ phone });
    expect((await page.form(`${SECURITY}/phone/remove`, {})).status).toBe(400);
    expect(leadsTo(await page.form(`${SECURITY}/sms/off`, {}))).toBe(`303 ${SECURITY}?done=sms-off`);
    expect(leadsTo(await page.form(`${SECURITY}/phone/remove`, {}))).toBe(
      `303 ${SECURITY}?done=phone-removed`,
    );
    expect((await client.get('/v1/users/@me')).json).toMatchObject({ phone: null });
  });

  it('changes the address by the proof of both mailboxes', async () => {
    const { page, email } = await owner();
    const address = newEmail();
    expect((await page.form('/account/email/begin', {})).text).toContain('Prove once');
    const begun = await page.form('/account/email/begin', { password: PASSWORD });
    const ticket = hidden(begun, 'ticket');
    const wrong = await page.form('/account/email/original', { ticket, mailCode: 'AAAA-AAAA' });
    expect(wrong.text).toContain('The code is wrong');
    const { token: first } = await world.newestMail(email, 'email_change_original');
    const mailCode = first.toLowerCase().replace('-', ' ');
    const proof = hidden(await page.form('/account/email/original', { ticket, mailCode }), 'proof');
    expect((await page.form('/account/email/new', { ticket, proof, email: 'nobody' })).status).toBe(400);
    const taken = await page.form('/account/email/new', { ticket, proof, email });
    expect(taken.text).toContain('This is your address already');
    await page.form('/account/email/new', { ticket, proof, email: address });
    const { token: second } = await world.newestMail(address, 'email_change_new');
    const held = { ticket, proof, email: address };
    expect((await page.form('/account/email/apply', { ...held, mailCode: 'AAAA-AAAA' })).status).toBe(400);
    expect((await page.get(SECURITY)).text).toContain(email);
    const done = await page.form('/account/email/apply', { ...held, mailCode: second });
    expect(leadsTo(done)).toBe(`303 ${SECURITY}?done=email`);
    expect((await page.get(SECURITY)).text).toContain(address);
    expect((await page.form('/account/email/apply', { ...held, mailCode: second })).status).toBe(400);
  });

  it('changes the password by the old one, here and nowhere else [D05]', async () => {
    const { page, email, client } = await owner();
    const path = '/account/password';
    const wrong = await page.form(path, { password: 'wrong', newPassword: NEW_PASSWORD });
    expect(wrong.text).toContain('The password is wrong');
    expect(wrong.text).not.toContain(NEW_PASSWORD);
    expect((await page.form(path, { newPassword: NEW_PASSWORD })).status).toBe(400);
    const weak = await page.form(path, { password: PASSWORD, newPassword: 'password' });
    expect(weak.text).toContain('id="newPassword-problem"');
    expect(leadsTo(await page.form(path, { newPassword: NEW_PASSWORD }))).toBe(
      `303 ${SECURITY}?done=password`,
    );
    expect((await page.get(SECURITY)).status).toBe(200);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    const fresh = new PageClient(world.baseUrl);
    expect((await fresh.form('/login', { email, password: PASSWORD })).status).toBe(400);
    expect(await fresh.go('/login', { email, password: NEW_PASSWORD })).toBe('303 /account');
  });

  it('changes the password by mail, and wants the second factor too where there is one', async () => {
    const { page, email, person } = await owner();
    const app = await kit.totp(person);
    const path = '/account/password';
    expect((await page.form(`${path}/mail`, {})).text).toContain('Confirm it is you');
    expect(await world.mails(email)).not.toContainEqual(
      expect.objectContaining({ kind: 'password_change_verification' }),
    );
    const begun = await page.form(`${path}/mail`, { method: 'code', code: app.code() });
    const ticket = hidden(begun, 'ticket');
    const { token: mailCode } = await world.newestMail(email, 'password_change_verification');
    const proof = hidden(await page.form(`${path}/code`, { ticket, mailCode }), 'proof');
    const weak = await page.form(`${path}/new`, { ticket, proof, newPassword: 'password' });
    expect(weak.text).toContain('id="newPassword-problem"');
    const done = await page.form(`${path}/new`, { ticket, proof, newPassword: NEW_PASSWORD });
    expect(leadsTo(done)).toBe(`303 ${SECURITY}?done=password`);
    expect((await page.get(SECURITY)).status).toBe(200);
  });

  it('forgets all places', async () => {
    const { page } = await owner();
    expect((await page.get(SECURITY)).text).toContain('Forget all places');
    expect(leadsTo(await page.form(`${SECURITY}/places/forget`, { password: PASSWORD }))).toBe(
      `303 ${SECURITY}?done=places`,
    );
    expect((await page.get(SECURITY)).text).toContain('None is remembered');
  });

  it.each(['disable', 'delete'])('does %s the account, until its owner signs in again', async (what) => {
    const { page, email, client } = await owner();
    const path = `${SECURITY}/${what}`;
    expect((await page.form(path, { understood: 'yes' })).text).toContain('Confirm it is you');
    expect((await page.form(path, { password: PASSWORD })).status).toBe(400);
    expect((await page.get(SECURITY)).status).toBe(200);
    const gone = await page.form(path, { understood: 'yes' });
    expect(gone.text).toContain('Goodbye');
    expect(page.hasSession).toBe(false);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    expect(await page.go('/login', { email, password: PASSWORD })).toBe('303 /account');
  });

  it('does nothing for a form of another site [I03]', async () => {
    const { page } = await owner();
    await page.form(`${SECURITY}/places/forget`, { password: PASSWORD });
    const headers = { origin: 'https://evil.example' };
    for (const path of [
      `${SECURITY}/authenticator/begin`,
      `${SECURITY}/recovery-codes`,
      `${SECURITY}/delete`,
      `${SECURITY}/passkeys/options`,
      '/account/passkey-options',
      '/account/password',
      '/account/email/begin',
    ])
      expect((await page.form(path, { understood: 'yes' }, headers)).status, path).toBe(403);
    expect((await page.get(SECURITY)).status).toBe(200);
  });
});
