import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PAGE = new URL('../../../../../docs/flux-requirements.md', import.meta.url);
const PACKAGES = new URL('../../../../', import.meta.url);
const ROW = /^\| (FX-\d+) \| ([^|]*) \| `([\w./-]+\.test\.ts)` \| (.+) \|$/gm;

const page = readFileSync(PAGE, 'utf8');
const rows = [...page.matchAll(ROW)].map(([, id = '', what = '', file = '', test = '']) => ({
  id,
  what,
  file,
  test: test.replaceAll('\\|', '|'),
}));
const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const url = new URL(file, PACKAGES);
  const known = sources.get(file) ?? (existsSync(url) ? readFileSync(url, 'utf8') : '');
  sources.set(file, known);
  return known;
}

/** What Flux's own part has to do; organizations, other languages' SDKs and the rest have numbers of their own. */
const REQUIRED = [
  ...[1, 2, 3, 4, 5, 6],
  ...[10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ...[35, 36, 37, 38],
  ...[40, 41, 42, 43, 45, 46, 47, 48, 49, 50, 51, 52, 53],
  ...[60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70],
].map((number) => `FX-${String(number).padStart(2, '0')}`);

describe("the page of Flux's requirements", () => {
  it('has each of them, in their order', () => {
    const named = [...new Set(rows.map(({ id }) => id))];
    expect(named).toEqual(REQUIRED);
    expect(rows.every(({ what }) => what.trim().length > 10)).toBe(true);
  });

  it('has no line that this test passes over', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('| FX-'));
    expect(lines).toHaveLength(rows.length);
  });

  it.each(rows)('$id is shown by $file: $test', ({ id, file, test }) => {
    const source = sourceOf(file);
    expect(source, 'the file').not.toBe('');
    // The same promise on both databases, over HTTP.
    expect(source).toMatch(/describe\.each\(DIALECTS\)/);
    const titles = source.split('\n').filter((line) => line.includes(`${test} [`));
    expect(titles, 'a test of this name').toHaveLength(1);
    expect(titles[0], 'its tags').toMatch(new RegExp(`\\[[^\\]]*\\b${id}\\b[^\\]]*\\]`));
  });
});
