import { describe, expect, it } from 'vitest';
import { createRecentTexts } from './recent-texts.ts';

describe('recent texts', () => {
  it('knows what was added, and nothing that only looks like it', () => {
    const recent = createRecentTexts(3);
    recent.add('one');
    expect(recent.has('one')).toBe(true);
    for (const other of ['', 'One', 'one ', 'on', 'onee', '\u0000one']) expect(recent.has(other)).toBe(false);
  });

  it('keeps at least as many as it was made for, and forgets the oldest', () => {
    const recent = createRecentTexts(3);
    for (let n = 0; n < 9; n++) recent.add(`text ${n}`);
    for (let n = 6; n < 9; n++) expect(recent.has(`text ${n}`)).toBe(true);
    for (let n = 0; n < 3; n++) expect(recent.has(`text ${n}`)).toBe(false);
  });

  it('keeps what is asked about again and again, however much else comes', () => {
    const recent = createRecentTexts(3);
    recent.add('in use');
    for (let n = 0; n < 50; n++) {
      recent.add(`text ${n}`);
      expect(recent.has('in use')).toBe(true);
    }
  });
});
