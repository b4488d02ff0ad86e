import { describe, expect, it } from 'vitest';
import { isAllowed } from './is-allowed.ts';

describe('isAllowed', () => {
  it.each([
    [[], false],
    [[{ section: 'users', action: 'write' }], true],
    [[{ section: 'users', action: '*' }], true],
    [[{ section: '*', action: 'write' }], true],
    [[{ section: '*', action: '*' }], true],
    [[{ section: 'users', action: 'read' }], false],
    [[{ section: 'audit', action: 'write' }], false],
    [[{ section: 'user', action: 'write' }], false],
    // Two halves of two rows make no whole one.
    [
      [
        { section: 'users', action: 'read' },
        { section: 'audit', action: 'write' },
      ],
      false,
    ],
    [
      [
        { section: 'audit', action: 'read' },
        { section: 'users', action: 'write' },
      ],
      true,
    ],
  ])('of %j for users:write is %s [J01]', (rows, expected) => {
    expect(isAllowed(rows, { section: 'users', action: 'write' })).toBe(expected);
  });

  it('does not take write for read', () => {
    expect(isAllowed([{ section: 'users', action: 'write' }], { section: 'users', action: 'read' })).toBe(
      false,
    );
  });
});
