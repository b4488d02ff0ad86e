import { describe, expect, it } from 'vitest';
import { brandStyle } from './colours.ts';

/** WCAG 2.2's contrast of two colours, written anew. */
function contrast(one: string, other: string): number {
  const light = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, bright = 0] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

const GROUNDS = { light: ['#ffffff', '#f5f5fa'], dark: ['#17171f', '#0e0e14'] };
const COLOURS = [
  '#ffffff',
  '#000000',
  '#ffff00',
  '#0000ff',
  '#ff0000',
  '#777777',
  '#767676',
  '#4f46e5',
  '#0b7a75',
  '#ffb4ab',
  '#16161d',
];

describe('the colour of a project', () => {
  it.each(COLOURS)('%s can be read on, and as a link, in both colour schemes', (colour) => {
    const [light = '', dark = ''] = brandStyle(colour).split('@media');
    for (const [style, grounds] of [
      [light, GROUNDS.light],
      [dark, GROUNDS.dark],
    ] as const) {
      const of = (name: string) => new RegExp(`--${name}:(#[0-9a-f]{6})`).exec(style)?.[1] ?? '';
      expect(contrast(of('accent'), of('on-accent'))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(of('accent-hover'), of('on-accent'))).toBeGreaterThanOrEqual(4.5);
      for (const ground of grounds) {
        expect(contrast(of('accent-strong'), ground)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(of('accent-edge'), ground)).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('stays as it is where it can be seen', () => {
    expect(brandStyle('#0b7a75')).toContain(
      ':root{--accent:#0b7a75;--accent-edge:#0b7a75;--accent-strong:#0b7a75;',
    );
  });
});
