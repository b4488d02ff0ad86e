import { describe, expect, it } from 'vitest';
import type { Permissions } from '../api/index.ts';
import { draftOf, isSame, keyed, permissionsOf } from './draft.ts';
import { agentRows, codePattern, inNamespace, newResourceRow, resourceText, rowsBeyond } from './rows.ts';

const some: Permissions = {
  resources: [{ namespace: 'ns', project: 'site', resource: 'page', action: 'read' }],
  admin: [{ section: 'users', action: 'read' }],
};

describe('the preset for agents', () => {
  it('is what an agent needs on its project, and no more', () => {
    expect(agentRows({ namespace: 'ns', project: 'site' }, []).map(resourceText)).toEqual([
      'ns site redirect read',
      'ns site page read',
      'ns site agent write',
    ]);
  });

  it('leaves out what is there already', () => {
    expect(agentRows({ namespace: 'ns', project: 'site' }, some.resources)).toHaveLength(2);
  });

  it('means all projects where it means all namespaces', () => {
    expect(agentRows({ namespace: '*', project: 'site' }, []).every(({ project }) => project === '*')).toBe(
      true,
    );
  });
});

it('takes the project along when a row is opened to all namespaces', () => {
  const row = { ...newResourceRow, namespace: 'ns', project: 'site' };
  expect(inNamespace(row, '*')).toMatchObject({ namespace: '*', project: '*' });
  expect(inNamespace(row, 'other')).toMatchObject({ namespace: 'other', project: 'site' });
});

describe('a draft', () => {
  it('becomes what it was made of, without its keys', () => {
    expect(permissionsOf(draftOf(some))).toEqual(some);
    expect(isSame(draftOf(some), some)).toBe(true);
  });

  it('sends a row that was written twice once, and blanks around a code not at all', () => {
    const [row] = some.resources;
    const draft = {
      ...draftOf(some),
      resources: [row, { ...row, namespace: ' ns ' }].map((each) => keyed({ ...newResourceRow, ...each })),
    };
    expect(permissionsOf(draft)).toEqual(some);
  });

  it('knows a change from another order', () => {
    const two = { ...some, admin: [...some.admin, { section: 'audit', action: 'read' }] };
    expect(isSame(draftOf({ ...two, admin: two.admin.toReversed() }), two)).toBe(true);
    expect(isSame(draftOf(some), two)).toBe(false);
  });
});

it('tells the rows of roles from the own', () => {
  const all = { resources: [...some.resources, newResourceRow], admin: some.admin };
  expect(rowsBeyond(all, some)).toEqual({ resources: [newResourceRow], admin: [] });
  expect(rowsBeyond(some, some)).toEqual({ resources: [], admin: [] });
});

it.each([
  ['*', true],
  ['my-site_1', true],
  ['a'.repeat(50), true],
  ['a'.repeat(51), false],
  ['**', false],
  ['a b', false],
  ['', false],
])('takes %j for a code: %s', (value, isTaken) => {
  // As a browser reads it: the whole value, by the rules of the `v` flag.
  expect(new RegExp(`^(?:${codePattern})$`, 'v').test(value)).toBe(isTaken);
});
