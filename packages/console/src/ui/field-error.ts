import { ApiProblem } from '../api/index.ts';

/** What the server found wrong with one field; null when it spoke of something else. */
export function fieldErrorOf(error: unknown, path: string): string | null {
  if (!(error instanceof ApiProblem)) return null;
  return error.fieldErrors.find((field) => field.path === path)?.message ?? null;
}
