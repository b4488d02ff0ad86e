import { describe, expect, it } from 'vitest';
import { rulesFrom } from './rules.ts';

describe('the rules of an agent', () => {
  const redirect = (type: string, source: string, target: string, status = 'FOUND') => ({
    ...{ type, source, target, status },
  });
  const page = (type: string, path: string, content: string, contentType = 'TEXT_PLAIN') => ({
    ...{ type, path, content, contentType },
  });

  it.each([
    ['BASIC', '/a', 'x.example', '/a', '/to'],
    ['BASIC', '/a', 'x.example', '/a/', null],
    ['BASIC', '/.', 'x.example', '/a', null],
    ['BASIC_HOST', 'x.example/a', 'x.example', '/a', '/to'],
    ['BASIC_HOST', 'x.example/a', 'y.example', '/a', null],
    ['REGEX', '/shop/(\\d+)', 'x.example', '/shop/12', '/item/12'],
    ['REGEX', '/shop/(\\d+)', 'x.example', '/shop/12/more', null],
    ['REGEX_HOST', '(\\w+)\\.example/a', 'x.example', '/a', '/item/x'],
    ['REGEX', '/(.)', 'x.example', '/é', '/item/%C3%A9'],
    ['REGEX', '(', 'x.example', '(', null],
    ['LATER', '/a', 'x.example', '/a', null],
  ])('take %s %s for %s%s as %s', (type, source, host, path, location) => {
    const rules = rulesFrom([redirect(type, source, type.startsWith('REGEX') ? '/item/$1' : '/to')], []);
    const expected = location === null ? null : { kind: 'redirect', status: 302, location };
    expect(rules.answer(host, path)).toEqual(expected);
  });

  it('are looked at in order, redirects before pages', () => {
    const rules = rulesFrom(
      [redirect('REGEX', '/a.*', '/first', 'PERMANENT_REDIRECT'), redirect('BASIC', '/a', '/second')],
      [page('BASIC', '/a', 'never'), page('BASIC', '/map.xml', '<x/>', 'XML')],
    );
    expect(rules.answer('x', '/a')).toEqual({ kind: 'redirect', status: 308, location: '/first' });
    expect(rules.answer('x', '/map.xml')).toMatchObject({ kind: 'page', content: '<x/>' });
    expect(rules.answer('x', '/b')).toBeNull();
  });
});
