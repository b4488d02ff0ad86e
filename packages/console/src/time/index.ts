/** Owns how a moment is written: near ones relative to now, all of them in full on demand, in the browser's language. */

export { formatAbsolute } from './format-time.ts';
export { instantFrom } from './instant-from.ts';
export { Time, TimeOrNever } from './time.tsx';
export { useNow } from './use-now.ts';
