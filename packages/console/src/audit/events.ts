import type { Tone } from '../ui/index.ts';

/** Beginnings that select a family of events; the server knows more, and any of them may be typed. */
export const eventSuggestions = [
  'sign-in.',
  'sign-in.succeeded',
  'sign-in.refused',
  'session.',
  'user.',
  'user.suspended',
  'registration.',
  'recovery.',
  'contact.',
  'token.',
  'role.',
  'namespace.',
  'site.',
] as const;

const toneByEnding: Readonly<Record<string, Tone>> = {
  succeeded: 'good',
  completed: 'good',
  verified: 'good',
  restored: 'good',
  refused: 'bad',
  failed: 'bad',
  suspended: 'warning',
};

/** By the word after the dot, so that an event this build has never heard of still gets a fitting colour. */
export function eventTone(event: string): Tone {
  return toneByEnding[event.slice(event.lastIndexOf('.') + 1)] ?? 'neutral';
}
