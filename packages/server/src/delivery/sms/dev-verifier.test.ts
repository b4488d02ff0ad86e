import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';
import { createDevVerifier } from './dev-verifier.ts';
import { deleteExpiredSmsCodes } from './sms-code-store.ts';
import type { SmsVerifier } from './sms-verifier.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('codes in the dev mailbox on %s', (dialect) => {
  let world: World;
  let verifier: SmsVerifier;
  let to: string;
  let lastNumber = 0;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    const { storage, devMailbox } = world.instance;
    if (!devMailbox) throw new Error('There is no dev mailbox.');
    const { now: clock } = world.clock;
    verifier = createDevVerifier({ storage, devMailbox, siteName: 'Lanterns', clock, random: randomBytes });
  });
  afterAll(() => world.close());
  beforeEach(() => {
    to = `+49151${String(lastNumber++).padStart(8, '0')}`;
  });

  const db = () => world.instance.storage.db;
  const codeSent = async () => (await world.newestMail(to, 'sms_code')).token;

  async function started(replaces: string | null = null): Promise<string> {
    const answer = await verifier.start({ to, replaces });
    if (answer.outcome !== 'started') throw new Error(answer.reason);
    return answer.reference;
  }

  it('are six digits, in a message that names the site', async () => {
    await started();
    const [message] = await world.mails(to);
    expect(message?.token).toMatch(/^\d{6}$/);
    expect(message?.text).toContain(`${message?.token} is your code for Lanterns`);
    expect(message?.links).toEqual([]);
  });

  it('are right once, in fifty hands at once too [B02]', async () => {
    const reference = await started();
    const code = await codeSent();
    const checks = await Promise.all(
      Array.from({ length: 50 }, () => verifier.check({ to, reference, code })),
    );
    expect(checks.filter((check) => check === 'right')).toHaveLength(1);
    expect(checks.filter((check) => check === 'wrong')).toEqual([]);
    expect(await verifier.check({ to, reference, code })).toBe('gone');
  });

  it('live for ten minutes [B03]', async () => {
    const [first, second] = [await started(), await started()];
    const [later, earlier] = (await world.mails(to)).map(({ token }) => token);
    world.clock.advance(10 * MINUTE - 1000);
    expect(await verifier.check({ to, reference: first, code: earlier ?? '' })).toBe('right');
    world.clock.advance(2000);
    expect(await verifier.check({ to, reference: second, code: later ?? '' })).toBe('gone');
  });

  it('take five guesses, however many come at once [B05]', async () => {
    const reference = await started();
    const code = await codeSent();
    const guesses = Array.from({ length: 50 }, (_, index) => String(index).padStart(6, '9'));
    const checks = await Promise.all(
      guesses
        .filter((guess) => guess !== code)
        .map((guess) => verifier.check({ to, reference, code: guess })),
    );
    expect(checks.filter((check) => check === 'wrong')).toHaveLength(5);
    expect(checks.filter((check) => check === 'right')).toEqual([]);
    expect(await verifier.check({ to, reference, code })).toBe('gone');
  });

  it('belong to the message they came in, and end with it [B03]', async () => {
    const reference = await started();
    const code = await codeSent();
    const another = await started(reference);
    if ((await codeSent()) !== code)
      expect(await verifier.check({ to, reference: another, code })).toBe('wrong');
    expect(await verifier.check({ to, reference, code })).toBe('gone');
    expect(await verifier.check({ to, reference: another, code: await codeSent() })).toBe('right');
  });

  it('stand nowhere as they are, and go when they are over', async () => {
    const reference = await started();
    const rows = await db().selectFrom('sms_code').selectAll().where('reference', '=', reference).execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(await codeSent());
    world.clock.advance(10 * MINUTE);
    await deleteExpiredSmsCodes(db(), world.clock.now());
    expect(await db().selectFrom('sms_code').selectAll().execute()).toEqual([]);
  });

  it('are drawn without favour', async () => {
    const digits: number[] = Array.from({ length: 10 }, () => 0);
    const messages: string[] = [];
    const { now: clock } = world.clock;
    const storage = world.instance.storage;
    const devMailbox = {
      keep: async ({ token }: { token: string | null }) => void messages.push(token ?? ''),
      list: async () => [],
    };
    const drawer = createDevVerifier({ storage, devMailbox, siteName: 'L', clock, random: randomBytes });
    for (let round = 0; round < 500; round++) await drawer.start({ to, replaces: null });
    for (const digit of messages.join('')) digits[Number(digit)] = (digits[Number(digit)] ?? 0) + 1;
    // 3,000 digits: each is expected 300 times, with a standard deviation of 16.
    for (const count of digits) expect(Math.abs(count - 300)).toBeLessThan(100);
    expect(new Set(messages).size).toBeGreaterThan(490);
  });
});
