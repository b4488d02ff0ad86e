import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuditor } from '../../core/audit/index.ts';
import { deletePhone, replacePhone } from '../../core/contact/index.ts';
import { createPhoneCodes } from '../../core/phone/index.ts';
import type { Attempt, Judged, Rejection, SignInMethod } from '../../core/sign-in/index.ts';
import { NOTHING_HELD } from '../../core/sign-in/index.ts';
import { createDevVerifier, createTwilioVerifier, type SmsVerifier } from '../../delivery/sms/index.ts';
import type { Transaction } from '../../storage/index.ts';
import { createFakeTwilio, createWorld, DIALECTS, type FakeTwilio, type World } from '../../testing/index.ts';
import { createSmsCodeMethod } from './sms-code-method.ts';
import { createSmsKeeper } from './sms-keeper.ts';

const MINUTE = 60_000;
let lastNumber = 0;

describe.each(DIALECTS)('the SMS code on %s', (dialect) => {
  let world: World;
  let twilio: FakeTwilio;
  let userId: string;
  let number: string;
  let address: string;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    twilio = await createFakeTwilio(world.clock.now);
  });
  afterAll(async () => {
    await world.close();
    await twilio.close();
  });
  beforeEach(async () => {
    userId = ((await world.register(world.client())).json as { user_id: string }).user_id;
    number = `+49151${String(lastNumber).padStart(8, '0')}`;
    address = `10.9.${lastNumber++}.1`;
    await inTransaction((tx) =>
      replacePhone(tx, chance(), { projectId: world.instance.project.id, userId, number }),
    );
    await inTransaction((tx) => keeper().enable(tx, userId));
  });

  const chance = () => ({ clock: world.clock.now, random: randomBytes });
  const keeper = () => createSmsKeeper(chance());
  function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return world.instance.storage.transaction(work);
  }

  function devVerifier(): SmsVerifier {
    const { storage, devMailbox } = world.instance;
    if (!devMailbox) throw new Error('There is no dev mailbox.');
    return createDevVerifier({ ...chance(), storage, devMailbox, siteName: 'Lanterns' });
  }

  function methodWith(verifier: SmsVerifier | null, hourlyLimit = 10_000): SignInMethod<{ code: string }> {
    const { storage, counters } = world.instance;
    const { clock } = chance();
    const audit = createAuditor(chance());
    const codes = createPhoneCodes({ storage, clock, counters, audit, verifier, hourlyLimit });
    return createSmsCodeMethod({ codes });
  }

  /** A sign-in of its own, known by its ticket; or a session that proves again. */
  function flow(method = methodWith(devVerifier()), change: Partial<Attempt> = {}) {
    const attempt: Attempt = {
      projectId: world.instance.project.id,
      origin: { address, source: address, network: address, userAgent: null, isDesktop: false },
      userId,
      purpose: 'second-factor',
      binding: randomBytes(8).toString('hex'),
      ...change,
    };
    const { db } = world.instance.storage;
    const judge = async (code: string): Promise<Judged | Rejection> => {
      const subject = await method.identify(db, attempt, { code });
      return await method.judge(db, { attempt, subject, proof: { code }, held: NOTHING_HELD });
    };
    return {
      ask: () => method.challenge?.(db, attempt) ?? Promise.reject(new Error('Nothing to ask.')),
      judge,
      async prove(code: string): Promise<string> {
        return await concluded(await judge(code));
      },
    };
  }

  async function concluded(judged: Judged | Rejection): Promise<string> {
    if (judged.outcome === 'rejected') return judged.reason;
    const proved = await world.instance.storage.transaction((tx) => judged.consume(tx));
    return proved.outcome === 'rejected' ? proved.reason : proved.factors.join();
  }

  const codeSent = async () => (await world.newestMail(number, 'sms_code')).token;
  const sent = async () => (await world.mails(number)).length;

  it('shows that its owner has the phone, once [B02]', async () => {
    const { ask, prove } = flow();
    await ask();
    const code = await codeSent();
    expect(await prove(code === '000000' ? '111111' : '000000')).toBe('wrong');
    expect(await prove('no digits')).toBe('wrong');
    expect(await prove(` ${code} `)).toBe('has');
    expect(await prove(code)).toBe('expired');
  });

  it('is proved by exactly one of fifty who have it at once [B02]', async () => {
    const { ask, prove } = flow();
    await ask();
    const code = await codeSent();
    const ends = await Promise.all(Array.from({ length: 50 }, () => prove(code)));
    expect(ends.filter((end) => end === 'has')).toHaveLength(1);
    expect(ends.filter((end) => end === 'wrong')).toEqual([]);
  });

  it('is proved once even where a provider says yes to everybody [B02]', async () => {
    const verifier: SmsVerifier = {
      start: async () => ({ outcome: 'started', reference: 'the same for all' }),
      check: async () => 'right',
    };
    const { ask, judge } = flow(methodWith(verifier));
    await ask();
    const judged = await Promise.all(Array.from({ length: 50 }, () => judge('123456')));
    const ends = await Promise.all(judged.map(concluded));
    expect(ends.filter((end) => end === 'has')).toHaveLength(1);
    expect(ends.filter((end) => end === 'already-used')).toHaveLength(49);
  });

  it('lives for ten minutes [B03]', async () => {
    const [early, late] = [flow(), flow()];
    await early.ask();
    world.clock.advance(9 * MINUTE + 59_000);
    expect(await early.prove(await codeSent())).toBe('has');
    await late.ask();
    world.clock.advance(10 * MINUTE + 1000);
    expect(await late.prove(await codeSent())).toBe('expired');
  });

  describe.each(['the dev mailbox', 'Twilio'])('sent by %s', (provider) => {
    const method = () =>
      methodWith(provider === 'Twilio' ? createTwilioVerifier(twilio.options) : devVerifier());
    const code = async () => (provider === 'Twilio' ? twilio.codeOf(number) : await codeSent());

    it('is good in the attempt that asked for it and in no other [B03]', async () => {
      const [asking, other] = [flow(method()), flow(method())];
      await asking.ask();
      expect(await other.prove(await code())).toBe('expired');
      expect(await asking.prove(await code())).toBe('has');
    });

    it('ends when another attempt asks for its own, which is not the same [B03]', async () => {
      const [first, second] = [flow(method()), flow(method())];
      await first.ask();
      const earlier = await code();
      await second.ask();
      const later = await code();
      expect(await first.prove(earlier)).toBe('expired');
      expect(await first.prove(later)).toBe('expired');
      if (earlier !== later) expect(await second.prove(earlier)).toBe('wrong');
      expect(await second.prove(later)).toBe('has');
    });

    it('can be asked for again in one attempt, and the newest message holds it', async () => {
      const { ask, prove } = flow(method());
      await ask();
      await ask();
      expect(await prove(await code())).toBe('has');
    });
  });

  it('of a sign-in does not open a session for sensitive acts, whatever they are called [B03]', async () => {
    const binding = 'one name for both';
    const signIn = flow(undefined, { binding });
    const again = flow(undefined, { binding, purpose: 'again' });
    await signIn.ask();
    expect(await again.prove(await codeSent())).toBe('expired');
    expect(await signIn.prove(await codeSent())).toBe('has');
  });

  it('never begins a sign-in', async () => {
    const { ask, prove } = flow(undefined, { userId: null, binding: null, purpose: 'sign-in' });
    await expect(ask()).rejects.toMatchObject({ code: 'sms-not-enabled' });
    expect(await prove('123456')).toBe('not-enrolled');
    expect(await sent()).toBe(0);
  });

  it('is sent only where it is switched on, to a number that was proved [B10]', async () => {
    const off = flow(methodWith(null));
    await expect(off.ask()).rejects.toMatchObject({ code: 'sms-not-enabled' });
    await inTransaction((tx) => keeper().disable(tx, userId));
    await expect(flow().ask()).rejects.toMatchObject({ code: 'sms-not-enabled' });
    await inTransaction((tx) => keeper().enable(tx, userId));
    const { db } = world.instance.storage;
    await db
      .updateTable('contact')
      .set({ verified_at: null })
      .where('user_id', '=', userId)
      .where('kind', '=', 'phone')
      .execute();
    await expect(flow().ask()).rejects.toMatchObject({ code: 'phone-required' });
    await inTransaction((tx) => deletePhone(tx, userId));
    await expect(flow().ask()).rejects.toMatchObject({ code: 'phone-required' });
    expect(await sent()).toBe(0);
  });

  it('that was found right counts no more once SMS is off or the number another', async () => {
    const [first, second] = [flow(), flow()];
    await first.ask();
    const judged = await first.judge(await codeSent());
    await inTransaction((tx) => keeper().disable(tx, userId));
    expect(await concluded(judged)).toBe('not-enrolled');
    await inTransaction((tx) => keeper().enable(tx, userId));
    await second.ask();
    const rejudged = await second.judge(await codeSent());
    await inTransaction((tx) =>
      replacePhone(tx, chance(), {
        projectId: world.instance.project.id,
        userId,
        number: number.replace('+49151', '+49160'),
      }),
    );
    expect(await concluded(rejudged)).toBe('not-enrolled');
  });

  it('is a factor while it is on and there is a number', async () => {
    const method = methodWith(devVerifier());
    const isEnrolled = () => inTransaction(async (tx) => await method.isEnrolled?.(tx, userId));
    expect(await isEnrolled()).toBe(true);
    await inTransaction((tx) => method.forget?.(tx, userId) ?? Promise.resolve());
    expect(await isEnrolled()).toBe(false);
    await inTransaction((tx) => keeper().enable(tx, userId));
    expect(await isEnrolled()).toBe(true);
    await inTransaction((tx) => deletePhone(tx, userId));
    expect(await isEnrolled()).toBe(false);
  });

  it('goes with the number when everything is taken away', async () => {
    const { factors, storage } = world.instance;
    await inTransaction((tx) => factors.refresh(tx, userId));
    await inTransaction((tx) => factors.forgetAll(tx, userId));
    const left = await storage.db
      .selectFrom('contact')
      .select('address')
      .where('user_id', '=', userId)
      .where('kind', '=', 'phone')
      .execute();
    expect(left).toEqual([]);
    const { factors: listed } = await storage.db
      .selectFrom('user')
      .select('factors')
      .where('id', '=', userId)
      .executeTakeFirstOrThrow();
    expect(listed).toBe('');
  });

  describe('is sent within limits [K06]:', () => {
    const used = { code: 'phone-rate-limited', details: { retryAfterSeconds: expect.any(Number) } };

    it('five to a number in ten minutes, and twenty in a day, whoever asks', async () => {
      for (let day = 0; day < 20; day++) {
        if (day % 5 === 0 && day > 0) {
          await expect(flow().ask()).rejects.toMatchObject(used);
          world.clock.advance(61 * MINUTE);
        }
        await flow().ask();
      }
      world.clock.advance(61 * MINUTE);
      await expect(flow().ask()).rejects.toMatchObject(used);
      expect(await sent()).toBe(20);
    });

    it('so many in an hour in all', async () => {
      world.clock.advance(61 * MINUTE);
      const method = methodWith(devVerifier(), 3);
      for (let round = 0; round < 3; round++) await flow(method).ask();
      await expect(flow(method).ask()).rejects.toMatchObject(used);
      expect(await sent()).toBe(3);
      world.clock.advance(61 * MINUTE);
    });

    it('none of them used up by a provider that is down [L05]', async () => {
      const method = methodWith(createTwilioVerifier(twilio.options));
      twilio.misbehave('cut');
      for (let round = 0; round < 8; round++)
        await expect(flow(method).ask()).rejects.toMatchObject({ name: 'ProviderError' });
      twilio.misbehave(null);
      for (let round = 0; round < 5; round++) await flow(method).ask();
      await expect(flow(method).ask()).rejects.toMatchObject(used);
    });
  });
});
