import { expect, it } from 'vitest';
import { mayOpenSettings, settingsPlaces } from './places.ts';

const titles = (rows: string[]) =>
  settingsPlaces({
    admin: rows
      .map((row) => row.split(' '))
      .filter(({ length }) => length === 2)
      .map(([section = '', action = '']) => ({ section, action })),
    resources: rows
      .map((row) => row.split(' '))
      .filter(({ length }) => length === 4)
      .map(([namespace = '', project = '', resource = '', action = '']) => ({
        namespace,
        project,
        resource,
        action,
      })),
  }).map(({ title }) => title);

it.each<[rows: string[], shown: string[]]>([
  [['* *'], ['API Tokens', 'Roles', 'Namespaces']],
  [['tokens read'], ['API Tokens']],
  [['tokens write'], []],
  [['roles *', 'users read'], ['Roles']],
  [['users read', 'ns * page read'], ['Namespaces']],
  [['users read', 'ns * agent write'], []],
])('to who holds %j shows %j', (rows, shown) => {
  expect(titles(rows)).toEqual(shown);
});

it('is not offered to who may see none of it', () => {
  expect(mayOpenSettings({ admin: [{ section: 'users', action: '*' }], resources: [] })).toBe(false);
});
