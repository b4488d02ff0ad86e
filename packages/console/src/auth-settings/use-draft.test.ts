import { expect, it } from 'vitest';
import { changesOf } from './use-draft.ts';

it('sends what differs from what is kept, and nothing that was put back', () => {
  const saved = { ttl: 60, idle: null as number | null, urls: ['https://a.example'] };
  expect(changesOf(saved, {})).toEqual({});
  expect(changesOf(saved, { ttl: 60, urls: ['https://a.example'] })).toEqual({});
  expect(changesOf(saved, { idle: 5, urls: [] })).toEqual({ idle: 5, urls: [] });
});
