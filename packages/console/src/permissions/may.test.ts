import { describe, expect, it } from 'vitest';
import { type AdminSection, mayAdminister, mayOnSites, type SiteQuestion } from './may.ts';

describe('what an administrator is shown', () => {
  it.each<[section: string, action: string, asked: [AdminSection, 'read' | 'write'], shown: boolean]>([
    ['tokens', 'read', ['tokens', 'read'], true],
    ['tokens', 'read', ['tokens', 'write'], false],
    ['tokens', 'write', ['tokens', 'read'], false],
    ['tokens', '*', ['tokens', 'write'], true],
    ['*', 'read', ['roles', 'read'], true],
    ['*', 'read', ['roles', 'write'], false],
    ['*', '*', ['projects', 'write'], true],
    ['users', '*', ['roles', 'read'], false],
    ['Tokens', 'read', ['tokens', 'read'], false],
  ])('by a row %s %s, asked %j: %s', (section, action, asked, shown) => {
    expect(mayAdminister([{ section, action }], ...asked)).toBe(shown);
  });

  it('never puts two rows together', () => {
    const rows = [
      { section: 'tokens', action: 'read' },
      { section: 'users', action: 'write' },
    ];
    expect(mayAdminister(rows, 'tokens', 'write')).toBe(false);
    expect(mayAdminister([], 'tokens', 'read')).toBe(false);
  });
});

describe('what is shown of a project', () => {
  const asked: SiteQuestion = { namespace: 'ns', project: 'site', resource: 'agent', action: 'read' };
  it.each<[row: string, asked: Partial<SiteQuestion>, shown: boolean]>([
    ['ns site agent read', {}, true],
    ['* * * *', { action: 'write' }, true],
    ['ns * agent *', { action: 'write' }, true],
    ['ns site page read', {}, false],
    ['ns site page read', { resource: 'any' }, true],
    ['ns site page read', { resource: 'any', action: 'write' }, false],
    ['ns other agent read', {}, false],
    ['other * agent read', {}, false],
  ])('by a row %s, asked %j: %s', (row, change, shown) => {
    const [namespace = '', project = '', resource = '', action = ''] = row.split(' ');
    expect(mayOnSites([{ namespace, project, resource, action }], { ...asked, ...change })).toBe(shown);
  });
});
