import { expect, it } from 'vitest';
import { ApiProblem } from '../api/index.ts';
import { isToldAt, settingError } from './setting-error.ts';

const wrong = (...paths: string[]) =>
  new ApiProblem({
    status: 400,
    code: 'invalid_request',
    fieldErrors: paths.map((path) => ({ path, message: `wrong: ${path}`, code: 'custom' })),
  });

it('finds what is wrong at a place and within it, but not beside it', () => {
  const error = wrong('settings.redirect_urls.1', 'settings.session.ttl_seconds');
  expect(settingError(error, 'settings.redirect_urls')).toBe('wrong: settings.redirect_urls.1');
  expect(settingError(error, 'settings.redirect_urls.1')).toBe('wrong: settings.redirect_urls.1');
  expect(settingError(error, 'settings.redirect_urls.10')).toBeNull();
  expect(settingError(error, 'settings.redirect')).toBeNull();
  expect(settingError(new Error('else'), 'settings')).toBeNull();
});

it('knows when there is more to say than the fields do', () => {
  expect(isToldAt(wrong('settings.a', 'settings.b.0'), ['settings.a', 'settings.b'])).toBe(true);
  expect(isToldAt(wrong('settings.a', 'settings.c'), ['settings.a', 'settings.b'])).toBe(false);
  expect(isToldAt(wrong(), ['settings.a'])).toBe(false);
  expect(isToldAt(null, ['settings.a'])).toBe(false);
});
