import { ApiProblem } from '../api/index.ts';

/** What the server found wrong at a place of the body, such as `settings.session.ttl_seconds`, or within it. */
export function settingError(error: unknown, place: string): string | null {
  if (!(error instanceof ApiProblem)) return null;
  return error.fieldErrors.find(({ path }) => isWithin(path, place))?.message ?? null;
}

/** Whether the fields at these places say everything that was wrong, so that the form need not repeat it. */
export function isToldAt(error: unknown, places: readonly string[]): boolean {
  if (!(error instanceof ApiProblem) || error.fieldErrors.length === 0) return false;
  return error.fieldErrors.every(({ path }) => places.some((place) => isWithin(path, place)));
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`);
}
