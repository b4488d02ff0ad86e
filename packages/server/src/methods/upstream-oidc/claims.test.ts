import { describe, expect, it } from 'vitest';
import { personFrom } from './claims.ts';

const ISSUER = 'https://idp.example.com';
const rolesOf = (claims: Record<string, unknown>, rolesClaim: string) =>
  personFrom({ sub: 'a', ...claims }, { issuer: ISSUER, rolesClaim })?.roles;

describe('what claims say of a person', () => {
  it('takes the issuer from the configuration, never from the token [G02, bug 36]', () => {
    const claims = { sub: 'a', iss: 'https://evil.example.com' };
    expect(personFrom(claims, { issuer: ISSUER, rolesClaim: '' })).toEqual({
      issuer: ISSUER,
      subject: 'a',
      email: null,
      isEmailVerified: false,
      firstName: null,
      lastName: null,
      roles: [],
    });
  });

  it('has nothing proved where there is no address to prove [G05]', () => {
    const claims = { sub: 'a', email: ['ada@example.com'], email_verified: true };
    expect(personFrom(claims, { issuer: ISSUER, rolesClaim: '' })).toMatchObject({
      email: null,
      isEmailVerified: false,
    });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['groups', { groups: ['a', 'b', 'a'] }, ['a', 'b']],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['a.b.c', { a: { b: { c: ['x'] } } }, ['x']],
    ['https://example.com/roles', { 'https://example.com/roles': ['a'] }, ['a']],
    ['', { '': ['a'] }, []],
    ['groups', { groups: 'a' }, []],
    ['groups', { groups: ['a', 7] }, []],
    ['groups', { groups: { 0: 'a', length: 1 } }, []],
    ['groups', {}, []],
    ['a.b', { a: ['x'] }, []],
    ['groups.0', { groups: [['a']] }, []],
    ['constructor.name', {}, []],
    ['__proto__.roles', {}, []],
    ['groups', { groups: ['', 'x'.repeat(101), 'b'] }, ['b']],
    ['groups', { groups: ['a\u0000', 'a\ud800', 'é b'] }, ['é b']],
  ])('finds at %j in %j the roles %j', (path, claims, expected) => {
    expect(rolesOf(claims, path)).toEqual(expected);
  });

  it.each([
    ['short', (index: number) => `role-number-${index}`, 150],
    ['in Chinese', (index: number) => `${index}`.padEnd(100, '流'), 9],
    ['escaped in JSON', (index: number) => `${index}`.padEnd(100, '"'), 14],
    ['of two letters', (index: number) => index.toString(36).padStart(2, '0'), 500],
  ])('keeps no more names %s than a header can carry', (_, nameOf, least) => {
    const many = Array.from({ length: 1_000 }, (_, index) => nameOf(index));
    const kept = rolesOf({ groups: many }, 'groups') ?? [];
    expect(kept.length).toBeGreaterThanOrEqual(least);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(3_001);
    expect(kept).toEqual(many.slice(0, kept.length));
  });
});
