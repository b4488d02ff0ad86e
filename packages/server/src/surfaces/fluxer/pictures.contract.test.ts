import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { type Client, createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';
import { gif, jpeg, png, webp } from '../../testing/pictures.ts';

const base64 = (bytes: Buffer) => bytes.toString('base64');
const MEGABYTE = 1024 * 1024;
/** A picture of exactly so many bytes. */
const heavy = (bytes: number, fill = 0) => Buffer.concat([png(), Buffer.alloc(bytes - png().length, fill)]);

describe.each(DIALECTS)('avatar and banner on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  const me = async (client: Client) => decode.user(await client.get('/v1/users/@me'));
  const change = (client: Client, body: unknown) => client.patch('/v1/users/@me', body);
  const fetchPicture = async (path: string, init?: RequestInit) => {
    const response = await fetch(world.baseUrl + path, init);
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  it.each([
    ['avatar', png(), 'image/png', /^[0-9a-f]{32}$/],
    ['avatar', gif(8, 8, 2), 'image/gif', /^a_[0-9a-f]{32}$/],
    ['banner', jpeg(), 'image/jpeg', /^[0-9a-f]{32}$/],
    ['banner', webp.extended(8, 8, { animated: true }), 'image/webp', /^a_[0-9a-f]{32}$/],
  ] as const)('keeps an %s and serves its very bytes for what they are', async (kind, bytes, type, form) => {
    const { client, userId } = await world.person();
    const user = decode.user(await change(client, { [kind]: base64(bytes) }));
    const hash = user[kind] as string;
    expect(hash).toMatch(form);
    expect((await me(client))[kind]).toBe(hash);
    expect((await me(client))[kind === 'avatar' ? 'banner' : 'avatar']).toBe(null);
    for (const extension of ['webp', 'png', 'gif', 'jpg', 'jpeg']) {
      const { response, bytes: served } = await fetchPicture(
        `/${kind}s/${userId}/${hash}.${extension}?size=80`,
      );
      expect(response.status).toBe(200);
      expect(served.equals(bytes)).toBe(true);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy':
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
        'cross-origin-resource-policy': 'cross-origin',
        'access-control-allow-origin': '*',
      });
      expect(response.headers.has('set-cookie')).toBe(false);
    }
  });

  it('shows the avatar to whoever signs in', async () => {
    const { client, email } = await world.person();
    const { avatar } = decode.user(await change(client, { avatar: base64(png()) }));
    const reply = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    decode.token(reply);
    expect((reply.json as { user: unknown }).user).toMatchObject({ avatar });
  });

  it.each(['data:image/png;base64,', 'data:image/webp;base64,', 'DATA:IMAGE/X-PNG;BASE64,'])(
    'takes it behind %s, and believes the bytes',
    async (prefix) => {
      const { client, userId } = await world.person();
      const { avatar } = decode.user(await change(client, { avatar: prefix + base64(png()) }));
      const { response } = await fetchPicture(`/avatars/${userId}/${String(avatar)}.png`);
      expect(response.headers.get('content-type')).toBe('image/png');
    },
  );

  it('is another address for every other picture, the same for the same, and nobody else’s', async () => {
    const [ada, bob] = [await world.person(), await world.person()];
    const show = async (client: Client, bytes: Buffer) =>
      decode.user(await change(client, { avatar: base64(bytes) })).avatar as string;
    const first = await show(ada.client, png());
    expect(await show(ada.client, png())).toBe(first);
    expect(await show(bob.client, png())).not.toBe(first);
    const second = await show(ada.client, png(9, 9));
    expect(second).not.toBe(first);
    const status = async (path: string) => (await fetchPicture(path)).response.status;
    expect(await status(`/avatars/${ada.userId}/${second}.png`)).toBe(200);
    for (const path of [
      `/avatars/${ada.userId}/${first}.png`,
      `/avatars/${bob.userId}/${second}.png`,
      `/banners/${ada.userId}/${second}.png`,
    ])
      expect(await status(path)).toBe(404);
  });

  it('is kept when it is not named, and taken away by null or by nothing', async () => {
    const { client, userId } = await world.person();
    for (const empty of [null, '']) {
      const { avatar, banner } = decode.user(
        await change(client, { avatar: base64(png()), banner: base64(jpeg()) }),
      );
      expect(decode.user(await change(client, { bio: 'words' }))).toMatchObject({ avatar, banner });
      expect(decode.user(await change(client, { avatar: empty }))).toMatchObject({ avatar: null, banner });
      expect(decode.user(await change(client, { banner: empty }))).toMatchObject({
        avatar: null,
        banner: null,
      });
      for (const path of [`/avatars/${userId}/${avatar}.png`, `/banners/${userId}/${banner}.png`]) {
        const { response } = await fetchPicture(path);
        expect(response.status).toBe(404);
        expect(response.headers.get('cache-control')).toBe('no-store');
      }
    }
  });

  it.each([
    ['an SVG', base64(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'))],
    ['an SVG that says so', `data:image/svg+xml;base64,${base64(Buffer.from('<svg/>'))}`],
    [
      'a page that says it is a PNG',
      `data:image/png;base64,${base64(Buffer.from('<script>alert(1)</script>'))}`,
    ],
    ['a PNG that says it is a page', `data:text/html;base64,${base64(png())}`],
    ['a data: URL without base64', 'data:image/png,abc'],
    ['a web address', 'https://example.com/avatar.png'],
    ['blanks within', `${base64(png()).slice(0, 8)} ${base64(png()).slice(8)}`],
    ['the alphabet of URLs', `${base64(png())}_-`],
    ['two pictures one behind the other', `${base64(png())}==${base64(png())}`],
    ['nothing behind its prefix', 'data:image/png;base64,'],
    ['half a surrogate pair', '\ud800'],
    ['a number', 7],
    ['a list', [base64(png())]],
    ['an object', { data: base64(png()) }],
    ['true', true],
    ['too many pixels', base64(png(4_097, 1))],
    ['no pixels', base64(png(0, 0))],
  ])('refuses %s, and changes nothing beside it', async (_what, value) => {
    const { client } = await world.person();
    const before = await me(client);
    for (const kind of ['avatar', 'banner'])
      expect(refusal(await change(client, { bio: 'never', [kind]: value }))).toBe(
        `400 INVALID_FORM_BODY ${kind}:INVALID_FORMAT`,
      );
    expect(await me(client)).toEqual(before);
  });

  it('takes two pictures of a megabyte at once, and not a byte more', async () => {
    const { client, userId } = await world.person();
    const [avatar, banner] = [heavy(MEGABYTE, 1), heavy(MEGABYTE, 2)];
    const user = decode.user(await change(client, { avatar: base64(avatar), banner: base64(banner) }));
    const served = await fetchPicture(`/banners/${userId}/${String(user['banner'])}.webp`);
    expect(served.bytes.equals(banner)).toBe(true);
    for (const more of [1, 3])
      expect(refusal(await change(client, { avatar: base64(heavy(MEGABYTE + more)) }))).toBe(
        '400 INVALID_FORM_BODY avatar:STRING_LENGTH_INVALID',
      );
    expect(refusal(await change(client, { bio: 'b'.repeat(3 * MEGABYTE) }))).toBe(
      '413 INVALID_FORM_BODY body:STRING_LENGTH_INVALID',
    );
    expect(await me(client)).toMatchObject({ avatar: user['avatar'], banner: user['banner'] });
    const elsewhere = await client.post('/v1/auth/login', { email: 'e'.repeat(MEGABYTE) });
    expect(elsewhere.status).toBe(413);
  });

  it('reads no large body of anybody who is not signed in', async () => {
    const reply = await change(world.client(), { avatar: base64(heavy(MEGABYTE)) });
    expect(refusal(reply)).toBe('401 UNAUTHORIZED');
  });

  it('is not for an account that is nobody’s yet', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client, { email: null, password: null })).token;
    expect(refusal(await change(client, { avatar: base64(png()) }))).toBe(
      '400 INVALID_FORM_BODY avatar:UNCLAIMED_ACCOUNTS_CAN_ONLY_SET_EMAIL_VIA_TOKEN',
    );
  });

  it.each([
    '/avatars/1/0123456789abcdef0123456789abcdef.png',
    '/avatars/1/0123456789ABCDEF0123456789ABCDEF.png',
    '/avatars/1/0123456789abcdef0123456789abcdef.svg',
    '/avatars/1/0123456789abcdef0123456789abcdef',
    '/avatars/1/..%2f..%2fetc%2fpasswd.png',
    "/avatars/'%20or%201=1--/0123456789abcdef0123456789abcdef.png",
    '/avatars/%0a/0123456789abcdef0123456789abcdef.png',
    `/avatars/${'9'.repeat(400)}/0123456789abcdef0123456789abcdef.png`,
    '/banners/1/a_0123456789abcdef0123456789abcdef.png%0a.html',
  ])('has nothing at %s', async (path) => {
    const { response } = await fetchPicture(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('ends with whoever showed it', async () => {
    const { client, userId } = await world.person();
    const { avatar } = decode.user(await change(client, { avatar: base64(png()) }));
    const { storage } = world.instance;
    await storage.db.deleteFrom('user').where('id', '=', userId).execute();
    expect(
      await storage.db.selectFrom('picture').select('hash').where('user_id', '=', userId).execute(),
    ).toEqual([]);
    expect((await fetchPicture(`/avatars/${userId}/${avatar}.png`)).response.status).toBe(404);
  });

  it('of fifty at once leaves one, with the bytes that its name says, and loses no switch set beside it', async () => {
    const { client, userId } = await world.person();
    const switches = ['premium_badge_hidden', 'premium_badge_masked', 'used_mobile_client'] as const;
    const pictures = Array.from({ length: 50 }, (_, index) => png(index + 1, 1));
    const replies = await Promise.all(
      pictures.map((bytes, index) =>
        change(client, { avatar: base64(bytes), [switches[index % 3] ?? '']: true }),
      ),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const user = await me(client);
    expect(user).toMatchObject(Object.fromEntries(switches.map((name) => [name, true])));
    const { response, bytes } = await fetchPicture(`/avatars/${userId}/${String(user['avatar'])}.png`);
    expect(response.status).toBe(200);
    expect(pictures.filter((one) => one.equals(bytes))).toHaveLength(1);
  });
});
