import { describe, expect, it } from 'vitest';
import { isAllowed, mayGrant, NO_PERMISSIONS } from './is-allowed.ts';

const WORDS = ['*', 'users', 'audit', 'read', 'write', ''];

describe('isAllowed, of administration', () => {
  it.each([
    [[], false],
    [[['users', 'write']], true],
    [[['users', '*']], true],
    [[['*', 'write']], true],
    [[['*', '*']], true],
    [[['users', 'read']], false],
    [[['audit', 'write']], false],
    [[['user', 'write']], false],
    // Two halves of two rows make no whole one.
    [
      [
        ['users', 'read'],
        ['audit', 'write'],
      ],
      false,
    ],
    [
      [
        ['audit', 'read'],
        ['users', 'write'],
      ],
      true,
    ],
  ])('of %j for users:write is %s [J01]', (pairs, expected) => {
    const admin = pairs.map(([section = '', action = '']) => ({ section, action }));
    expect(isAllowed({ admin, resources: [] }, { section: 'users', action: 'write' })).toBe(expected);
  });

  it('does not take write for read', () => {
    const admin = [{ section: 'users', action: 'write' }];
    expect(isAllowed({ admin, resources: [] }, { section: 'users', action: 'read' })).toBe(false);
  });
});

describe('isAllowed, of sites (Flecto contract A8)', () => {
  const row = (text: string) => {
    const [namespace = '', site = '', resource = '', action = ''] = text.split(' ');
    return { namespace, site, resource, action };
  };
  it.each([
    ['ns p redirect read', true],
    ['* * * *', true],
    ['* p redirect read', true],
    ['ns * redirect read', true],
    ['ns p * read', true],
    ['ns p redirect *', true],
    ['ns p redirect write', false],
    ['ns p page read', false],
    ['ns q redirect read', false],
    ['other p redirect read', false],
    ['NS p redirect read', false],
    ['ns p any read', false],
    ['n* p redirect read', false],
  ])('of one row "%s" for ns/p redirect read is %s [J01]', (held, expected) => {
    const asked = { namespace: 'ns', site: 'p', resource: 'redirect', action: 'read' } as const;
    expect(isAllowed({ admin: [], resources: [row(held)] }, asked)).toBe(expected);
  });

  it('does not look at the resource when any would do, but at all the rest', () => {
    const asked = { namespace: 'ns', site: 'p', resource: 'any', action: 'read' } as const;
    const answer = (text: string) => isAllowed({ admin: [], resources: [row(text)] }, asked);
    expect(answer('ns p agent read')).toBe(true);
    expect(answer('ns p agent write')).toBe(false);
    expect(answer('ns q agent read')).toBe(false);
  });

  it('never puts two rows together', () => {
    const resources = [row('ns p page read'), row('ns p redirect write'), row('ns q redirect read')];
    const asked = { namespace: 'ns', site: 'p', resource: 'redirect', action: 'read' } as const;
    expect(isAllowed({ admin: [], resources }, asked)).toBe(false);
  });

  it('is never answered by rights of the other kind', () => {
    const stars = { admin: [{ section: '*', action: '*' }], resources: [row('* * * *')] };
    const site = { namespace: 'ns', site: 'p', resource: 'any', action: 'read' } as const;
    expect(isAllowed({ ...stars, resources: [] }, site)).toBe(false);
    expect(isAllowed({ ...stars, admin: [] }, { section: 'users', action: 'read' })).toBe(false);
  });
});

describe('mayGrant', () => {
  it('lets nobody grant what they do not hold, a star included [J03]', () => {
    for (const own of WORDS)
      for (const wanted of WORDS) {
        const held = { admin: [{ section: own, action: 'read' }], resources: [] };
        const given = { admin: [{ section: wanted, action: 'read' }], resources: [] };
        expect(mayGrant(held, given), `${own} grants ${wanted}`).toBe(own === '*' || own === wanted);
      }
  });

  it('asks one held row to cover the whole of a wanted one', () => {
    const row = { namespace: 'ns', site: 'p', resource: 'page', action: 'read' };
    const wanted = { admin: [], resources: [row] };
    expect(mayGrant({ admin: [], resources: [{ ...row, action: '*' }] }, wanted)).toBe(true);
    const halves = [
      { ...row, site: 'q' },
      { ...row, action: 'write' },
    ];
    expect(mayGrant({ admin: [], resources: halves }, wanted)).toBe(false);
    expect(mayGrant(NO_PERMISSIONS, wanted)).toBe(false);
    expect(mayGrant(NO_PERMISSIONS, NO_PERMISSIONS)).toBe(true);
  });
});
