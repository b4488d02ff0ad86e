import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/index.ts';
import { createNameServer } from '../testing/name-server.ts';
import { createMailDomains } from './mail-domains.ts';

const HOUR = 3_600_000;

describe('domains that take mail', () => {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  let server: Awaited<ReturnType<typeof createNameServer>>;
  let canReceiveMail: (address: string) => Promise<boolean>;
  beforeAll(async () => {
    server = await createNameServer({
      'mx.example': { mx: ['mail.mx.example'] },
      'four.example': { a: ['192.0.2.1'] },
      'six.example': { aaaa: 1 },
      'empty.example': {},
      'refuses.example': { mx: [''], a: ['192.0.2.1'] },
      'xn--bcher-kva.example': { mx: ['mail.mx.example'] },
    });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.asked.length = 0;
    errors.length = 0;
    server.mood = 'good';
    canReceiveMail = createMailDomains({
      isOn: true,
      servers: [server.address],
      clock: clock.now,
      onBackgroundError: (error) => errors.push(error),
    });
  });

  it.each([
    ['ada@mx.example', true],
    ['ada@MX.EXAMPLE', true],
    ['ada@four.example', true],
    ['ada@six.example', true],
    ['ada@bücher.example', true],
    ['ada@empty.example', false],
    ['ada@refuses.example', false],
    ['ada@nowhere.example', false],
    ['ada@localhost', false],
  ])('%s: %s', async (address, expected) => {
    expect(await canReceiveMail(address)).toBe(expected);
    expect(errors).toEqual([]);
  });

  it('are asked for once an hour, and by their name alone', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => canReceiveMail(`ada${n}@mx.example`)),
    );
    expect(answers).toEqual(Array(50).fill(true));
    clock.advance(HOUR - 1);
    await canReceiveMail('bob@mx.example');
    expect(server.asked.sort()).toEqual(['a mx.example', 'aaaa mx.example', 'mx mx.example']);
    clock.advance(1);
    await canReceiveMail('bob@mx.example');
    expect(server.asked).toHaveLength(6);
  });

  it.each(['failing', 'silent'] as const)(
    'are taken for good while the name server is %s, which is told and not remembered',
    { timeout: 10_000 },
    async (mood) => {
      server.mood = mood;
      expect(await canReceiveMail('ada@nowhere.example')).toBe(true);
      expect(errors).toHaveLength(1);
      expect(String(errors[0])).toContain('check_email_domain');
      server.mood = 'good';
      expect(await canReceiveMail('ada@nowhere.example')).toBe(false);
    },
  );

  it('are all of them, and nobody is asked, while it is off', async () => {
    const off = createMailDomains({
      isOn: false,
      servers: [server.address],
      clock: clock.now,
      onBackgroundError: (error) => errors.push(error),
    });
    expect(await off('ada@nowhere.example')).toBe(true);
    expect(server.asked).toEqual([]);
  });
});
