import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { contradictions } from './consistency.ts';
import { type Setting, variableOf } from './setting.ts';
import { type SettingName, settings } from './settings.ts';

type Values = { [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never };

/** All settings, read once; everything else is handed what it needs of it. */
export interface Config extends Readonly<Values> {
  /** Where each value came from: a variable, the file, or the default. */
  readonly origins: Readonly<Record<SettingName, string>>;
}

/** The configuration cannot be used; each problem names its setting and the fix. */
class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

interface Sources {
  env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths in settings start from. */
  cwd: string;
}

const DEFAULT_FILE = 'fluxgate.yaml';
const FILE_VARIABLE = 'FLUXGATE_CONFIG';

export function loadConfig({ env, cwd }: Sources): Config {
  const problems: string[] = [];
  const file = readFile({ env, cwd }, problems);
  const known = new Map(
    Object.entries(settings).map(([name, setting]) => [setting.path, name as SettingName]),
  );
  for (const path of file.keys()) {
    if (!known.has(path))
      problems.push(`The file has "${path}", which is no setting. See docs/configuration.md.`);
  }
  refuseUnknownVariables(env, problems);
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const given = givenValue(setting, { env, cwd, file }, problems);
    origins[name] = given?.from ?? 'default';
    const parsed = given
      ? setting.schema.safeParse(given.value)
      : { success: true as const, data: setting.default };
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${given?.from}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}.`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const complete = completed(values as Values, cwd);
  const clashes = contradictions(complete);
  if (clashes.length > 0) throw new ConfigError(clashes);
  return Object.freeze({ ...complete, origins: origins as Config['origins'] });
}

/** Defaults that follow from other settings. */
function completed(values: Values, cwd: string): Values {
  const publicUrl = values.publicUrl === '' ? `http://localhost:${values.port}` : values.publicUrl;
  const { origin, hostname } = new URL(publicUrl);
  const fromFolder = (path: string) => (path === '' || isAbsolute(path) ? path : resolve(cwd, path));
  return {
    ...values,
    dataDir: fromFolder(values.dataDir),
    publicUrl,
    passkeyRpName: values.passkeyRpName || values.siteName,
    passkeyRpId: values.passkeyRpId || hostname,
    passkeyOrigins: [...new Set([origin, ...values.passkeyOrigins])],
    vapidEmail: values.vapidEmail || values.mailFrom.replace(/^.*<|>$/g, ''),
    geoipDbPath: fromFolder(values.geoipDbPath),
  };
}

interface Given {
  value: unknown;
  from: string;
}

function givenValue(
  setting: Setting,
  { env, cwd, file }: Sources & { file: Map<string, unknown> },
  problems: string[],
): Given | null {
  const variable = variableOf(setting.path);
  const value = env[variable];
  const secretFile = setting.secret ? env[`${variable}_FILE`] : undefined;
  if (value !== undefined && secretFile !== undefined) {
    problems.push(`${variable} and ${variable}_FILE are both set. Keep one.`);
  }
  if (value !== undefined) return { value, from: variable };
  if (secretFile !== undefined) {
    const path = resolve(cwd, secretFile);
    if (existsSync(path)) return { value: readFileSync(path, 'utf8').trim(), from: `${variable}_FILE` };
    problems.push(`${variable}_FILE names ${path}, which is not there.`);
    return null;
  }
  return file.has(setting.path)
    ? { value: file.get(setting.path), from: `"${setting.path}" in the file` }
    : null;
}

function refuseUnknownVariables(env: Sources['env'], problems: string[]): void {
  const known = new Set([FILE_VARIABLE]);
  for (const setting of Object.values(settings) as Setting[]) {
    known.add(variableOf(setting.path));
    if (setting.secret) known.add(`${variableOf(setting.path)}_FILE`);
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('FLUXGATE_') && !known.has(name)) {
      problems.push(`${name} is no setting${suggestion(name, known)}. See docs/configuration.md.`);
    }
  }
}

function suggestion(name: string, known: ReadonlySet<string>): string {
  const like = [...known].find((other) => other.startsWith(name) || name.startsWith(other));
  return like ? ` (did you mean ${like}?)` : '';
}

/** The file's values by dotted path. */
function readFile({ env, cwd }: Sources, problems: string[]): Map<string, unknown> {
  const named = env[FILE_VARIABLE];
  const path = resolve(cwd, named ?? DEFAULT_FILE);
  if (!existsSync(path)) {
    if (named !== undefined) problems.push(`${FILE_VARIABLE} names ${path}, which is not there.`);
    return new Map();
  }
  try {
    const document = z.record(z.string(), z.unknown()).parse(parseYaml(readFileSync(path, 'utf8')) ?? {});
    return new Map(flatten(document, ''));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? 'it must be a mapping of settings' : (error as Error).message;
    problems.push(`${path} cannot be read: ${reason}.`);
    return new Map();
  }
}

function flatten(document: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(document).flatMap(([key, value]) => {
    const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isBlock ? flatten(value as Record<string, unknown>, `${prefix}${key}.`) : [[prefix + key, value]];
  });
}
