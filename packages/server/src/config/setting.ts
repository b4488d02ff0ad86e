import type { z } from 'zod';

/** One thing an operator can set. Its path in the file gives its variable: `FLUXGATE_` and the path in upper case. */
export interface Setting<T = unknown> {
  path: string;
  schema: z.ZodType<T>;
  default: T;
  about: string;
  /** Masked by `config show`; also taken from the file that the variable with `_FILE` at its end names. */
  secret?: true;
}

export function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

export function variableOf(path: string): string {
  return `FLUXGATE_${path.toUpperCase().replaceAll('.', '_')}`;
}
