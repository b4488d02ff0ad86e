import { describe, expect, it } from 'vitest';
import { gif, jpeg, png, webp } from '../../testing/pictures.ts';
import { readPicture } from './picture.ts';

describe('what a picture is, its bytes say', () => {
  it.each([
    ['a PNG', png(), 'image/png', false],
    ['a JPEG', jpeg(), 'image/jpeg', false],
    ['a progressive JPEG', jpeg(8, 8, 0xc2), 'image/jpeg', false],
    ['a GIF of one frame', gif(), 'image/gif', false],
    ['a GIF of one frame without a color table', gif(8, 8, 1, false), 'image/gif', false],
    ['a GIF of three frames', gif(8, 8, 3), 'image/gif', true],
    ['a lossy WebP', webp.lossy(), 'image/webp', false],
    ['a lossless WebP', webp.lossless(), 'image/webp', false],
    ['an extended WebP that stands still', webp.extended(8, 8, { animated: false }), 'image/webp', false],
    ['an extended WebP that moves', webp.extended(8, 8, { animated: true }), 'image/webp', true],
  ])('%s', (_what, bytes, type, isAnimated) => {
    expect(readPicture(bytes)).toEqual({ type, isAnimated, bytes });
  });

  const makers = {
    png,
    jpeg,
    gif,
    'lossy WebP': webp.lossy,
    'lossless WebP': webp.lossless,
    'extended WebP': (width: number, height: number) => webp.extended(width, height, { animated: true }),
  };
  it.each(Object.entries(makers))(
    'a %s of 4,096 pixels a side is one, of more or of none it is not',
    (_, make) => {
      expect(readPicture(make(4_096, 4_096))).not.toBe(null);
      expect(readPicture(make(4_097, 1))).toBe(null);
      expect(readPicture(make(1, 4_097))).toBe(null);
    },
  );

  it.each([png, jpeg, gif, webp.lossy])('without any pixels it is none', (make) => {
    expect(readPicture(make(0, 8))).toBe(null);
    expect(readPicture(make(8, 0))).toBe(null);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)])],
    [
      'a PNG whose first chunk is another',
      Buffer.from(png().toString('latin1').replace('IHDR', 'tEXt'), 'latin1'),
    ],
    ['a PNG whose first chunk has another length', Buffer.concat([png().subarray(0, 8), Buffer.alloc(25)])],
    [
      'a WebP of an unknown kind',
      Buffer.from(webp.lossy().toString('latin1').replace('VP8 ', 'VP9 '), 'latin1'),
    ],
    ['a lossy WebP without its start code', Buffer.concat([webp.lossy().subarray(0, 20), Buffer.alloc(12)])],
    [
      'a lossless WebP without its signature',
      Buffer.concat([webp.lossless().subarray(0, 20), Buffer.alloc(12)]),
    ],
    ['another RIFF', Buffer.from(webp.lossy().toString('latin1').replace('WEBP', 'WAVE'), 'latin1')],
    ['a JPEG that ends before its frame', Buffer.from('ffd8ffe000104a464946000101000001', 'hex')],
    ['a JPEG whose pixels come first', Buffer.from('ffd8ffda000800000000000000000000', 'hex')],
    ['a JPEG with a segment of no length', Buffer.from('ffd8ffe0000000000000000000000000', 'hex')],
    ['a JPEG of nothing but marks', Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(100_000, 0xff)])],
  ])('%s is none', (_what, bytes) => {
    expect(readPicture(bytes)).toBe(null);
  });

  it.each([
    ['png', png()],
    ['jpeg', jpeg()],
    ['gif', gif(8, 8, 2)],
    ['lossy', webp.lossy()],
    ['lossless', webp.lossless()],
    ['extended', webp.extended(8, 8, { animated: true })],
  ])('a cut off %s never makes it stumble', (_what, bytes) => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => readPicture(bytes.subarray(0, length))).not.toThrow();
  });
});
