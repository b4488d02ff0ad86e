import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { adviceOn, spellings } from './spellings.ts';

/** The variable that names the file; without it `fluxgate.yaml` is read where there is one. */
export const FILE_VARIABLE = 'FLUXGATE_CONFIG';
const DEFAULT_FILE = 'fluxgate.yaml';

export interface FileValue {
  value: unknown;
  /** The key as the operator wrote it, dotted. */
  key: string;
}

interface FileSource {
  /** What `FLUXGATE_CONFIG` names. */
  named: string | undefined;
  cwd: string;
  /** Paths of all settings. */
  paths: readonly string[];
}

/** The file's values by the path of their setting; what cannot be understood is told in `problems`. */
export function readFile(source: FileSource, problems: string[]): ReadonlyMap<string, FileValue> {
  const meanings = spellings(source.paths);
  const values = new Map<string, FileValue>();
  for (const [key, value] of keysOf(source, problems)) {
    const path = meanings.get(key);
    const earlier = path === undefined ? undefined : values.get(path);
    if (path === undefined) {
      if (!isEmptyBlock(key, value, meanings))
        problems.push(`The file has "${key}", which is no setting. ${adviceOn(key)}.`);
    } else if (earlier?.key === key) problems.push(`The file has "${key}" twice. Keep one.`);
    else if (earlier)
      problems.push(`The file has "${earlier.key}" and "${key}", two spellings of one setting. Keep one.`);
    else values.set(path, { value, key });
  }
  return values;
}

/** A block whose keys are all commented out. */
function isEmptyBlock(key: string, value: unknown, meanings: ReadonlyMap<string, string>): boolean {
  return value === null && [...meanings.keys()].some((known) => known.startsWith(`${key}.`));
}

function keysOf({ named, cwd }: FileSource, problems: string[]): [string, unknown][] {
  const path = resolve(cwd, named ?? DEFAULT_FILE);
  if (!existsSync(path)) {
    if (named !== undefined) problems.push(`${FILE_VARIABLE} names ${path}, which is not there.`);
    return [];
  }
  try {
    const document = z.record(z.string(), z.unknown()).parse(parseYaml(readFileSync(path, 'utf8')) ?? {});
    return flatten(document, '');
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? 'it must be a mapping of settings' : (error as Error).message;
    problems.push(`${path} cannot be read: ${reason}.`);
    return [];
  }
}

function flatten(document: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(document).flatMap(([key, value]) => {
    const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isBlock
      ? flatten(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[prefix + key, value] as [string, unknown]];
  });
}
