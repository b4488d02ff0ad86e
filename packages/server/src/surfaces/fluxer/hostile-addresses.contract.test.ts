import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const VICTIM = 'victim@bank.example';
const ATTACKER = 'attacker@evil.example';

const ADDRESSES = [
  // Two addresses where one is looked for.
  `${ATTACKER},${VICTIM}`,
  `${ATTACKER}, ${VICTIM}`,
  `${ATTACKER};${VICTIM}`,
  `${ATTACKER} ${VICTIM}`,
  `${ATTACKER}\t${VICTIM}`,
  `${ATTACKER}|${VICTIM}`,
  `${ATTACKER}%0a${VICTIM}`,
  `${ATTACKER}\u2028${VICTIM}`,
  `${ATTACKER}\u00a0${VICTIM}`,
  `${ATTACKER}\u3000${VICTIM}`,
  `${ATTACKER}\uff0c${VICTIM}`,
  `${ATTACKER}\uff1b${VICTIM}`,
  `${ATTACKER}\n${VICTIM}`,
  `${ATTACKER}\r\nBcc: ${VICTIM}`,
  `${ATTACKER}\nBcc: ${VICTIM}`,
  `${ATTACKER}\r\nRCPT TO:<${VICTIM}>`,
  `${ATTACKER}> RCPT TO:<${VICTIM}`,
  // Names, groups, comments, quotes: what two parsers read differently.
  `Victim <${VICTIM}>`,
  `<${VICTIM}>`,
  `<${VICTIM}`,
  `${VICTIM}>`,
  `"${ATTACKER}" <${VICTIM}>`,
  `${ATTACKER} <${VICTIM}>`,
  `group:${VICTIM};`,
  `group:${ATTACKER},${VICTIM};`,
  `undisclosed-recipients:;`,
  `(comment)${VICTIM}`,
  `${VICTIM}(comment)`,
  `victim(${ATTACKER})@bank.example`,
  `victim@(comment)bank.example`,
  `victim@bank.example(${ATTACKER})`,
  `"victim"@bank.example`,
  `"victim@bank.example"@evil.example`,
  `"victim@bank.example> "@evil.example`,
  `"attacker@evil.example,victim"@bank.example`,
  `"\\"victim"@bank.example`,
  `victim."x"@bank.example`,
  `\\victim@bank.example`,
  // More than one at sign, or what becomes one.
  'attacker@evil.example@bank.example',
  'victim@@bank.example',
  '@bank.example',
  'victim@',
  '@',
  'victim',
  'victim\uff20bank.example',
  'attacker@evil.example\uff20bank.example',
  'victim\ufe6bbank.example',
  'attacker\uff20evil.example@bank.example',
  '@evil.example:victim@bank.example',
  '@evil.example,@b.example:victim@bank.example',
  // Old routes through other hosts, and other protocols.
  'victim%bank.example@',
  'bank.example!victim',
  'mailto:victim@bank.example',
  'smtp:victim@bank.example',
  'victim@bank.example?bcc=attacker@evil.example',
  'victim@bank.example#x',
  'victim@bank.example/x',
  // Hosts that are none, or not what they look like.
  'victim@bank',
  'victim@localhost',
  'victim@.bank.example',
  'victim@bank..example',
  'victim@bank.example.',
  'victim@-bank.example',
  'victim@bank-.example',
  'victim@bank_.example',
  'victim@ba nk.example',
  'victim@bank.example:25',
  'victim@[127.0.0.1]',
  'victim@[IPv6:::1]',
  'victim@127.0.0.1',
  'victim@2130706433',
  'victim@bank.1',
  'victim@b\u0430nk.example',
  'victim@bank\u3002example',
  'victim@bank.ex\u00e4mple',
  'victim@xn--.example',
  `victim@${'a'.repeat(64)}.example`,
  `victim@${'a.'.repeat(120)}example`,
  // Local parts.
  '.victim@bank.example',
  'victim.@bank.example',
  'vic..tim@bank.example',
  'vic tim@bank.example',
  'vic\u200btim@bank.example',
  'vic\u00adtim@bank.example',
  'v\u0131ctim@bank.example',
  '\u017fictim@bank.example',
  'victim\u0301@bank.example',
  `${'v'.repeat(65)}@bank.example`,
  // Valid, if odd: these are one address each.
  "vic'tim@bank.example",
  'vic+tim@bank.example',
  'vic/tim=x@bank.example',
  '$(id)`id`@bank.example'.replace(/[()]/g, ''),
  '{{7*7}}@bank.example',
  '-victim@bank.example',
  'victim@bank.xn--p1ai',
  'victim%bank.example@evil.example',
  'bank.example!victim@evil.example',
  // Cleaned by rule before they are judged.
  ' odd1@bank.example ',
  '\u0000odd2@bank.example',
  'odd3@bank.example\u202e',
  'odd\u001b4@bank.example',
];

/** What the contract removes before it looks at a text (0.3). */
const cleaned = (text: string) =>
  [...text]
    .filter((character) => {
      const point = character.codePointAt(0) ?? 0;
      return point === 10 || point === 13 || (point >= 32 && point !== 127 && point !== 0x202e);
    })
    .join('')
    .trim();

describe.each(DIALECTS)('addresses meant to mislead, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const allMails = async () => {
    await world.instance.outboxWorker.settled();
    return (await world.instance.devMailbox?.list(null)) ?? [];
  };

  it('are at least eighty, each written once', () => {
    expect(new Set(ADDRESSES).size).toBe(ADDRESSES.length);
    expect(ADDRESSES.length).toBeGreaterThanOrEqual(80);
  });

  it.each(ADDRESSES)(
    'are refused, or are one address that gets one mail: %j [L01, bug 62]',
    async (email) => {
      const before = await allMails();
      const client = world.client();
      const reply = await world.register(client, { email });
      const sent = (await allMails()).filter((mail) => !before.some(({ id }) => id === mail.id));
      if (reply.status !== 200) {
        expect(refusal(reply)).toMatch(
          /^400 INVALID_FORM_BODY email:(INVALID_EMAIL_FORMAT|INVALID_EMAIL_LOCAL_PART|EMAIL_LENGTH_INVALID)$/,
        );
        expect(sent).toEqual([]);
      } else {
        client.token = decode.token(reply).token;
        const stored = decode.user(await client.get('/v1/users/@me')).email ?? '';
        expect(stored).toBe(cleaned(email));
        expect(stored).toMatch(/^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i);
        expect(sent.map(({ to }) => to)).toEqual([stored]);
      }
    },
  );

  it.each(ADDRESSES)('never get a mail sent elsewhere: %j [L01]', async (email) => {
    const before = new Set((await allMails()).map(({ id }) => id));
    const reply = await world.client().post('/v1/auth/forgot', { email });
    expect([204, 400]).toContain(reply.status);
    const login = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    expect([400, 403]).toContain(login.status);
    const sent = (await allMails()).filter(({ id }) => !before.has(id));
    for (const { to } of sent) expect(to).toBe(cleaned(email));
  });
});
