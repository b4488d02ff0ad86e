import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { contradictions } from './consistency.ts';
import { mailOf, mailProblems } from './email-settings.ts';
import { FILE_VARIABLE, type FileValue, readFile } from './file.ts';
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

export function loadConfig({ env, cwd }: Sources): Config {
  const problems: string[] = [];
  const paths = Object.values(settings).map(({ path }) => path);
  const file = readFile({ named: env[FILE_VARIABLE], cwd, paths }, problems);
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
  const clashes = [
    ...mailProblems(values as Values, origins['mailFrom'] !== 'default'),
    ...contradictions(complete),
  ];
  if (clashes.length > 0) throw new ConfigError(clashes);
  if (complete.emailHost !== undefined) origins['smtpUrl'] = origins['emailHost'] ?? '';
  if (complete.emailFrom !== '') origins['mailFrom'] = origins['emailFrom'] ?? '';
  return Object.freeze({ ...complete, origins: origins as Config['origins'] });
}

/** Defaults that follow from other settings. */
function completed(values: Values, cwd: string): Values {
  const publicUrl = values.publicUrl === '' ? `http://localhost:${values.port}` : values.publicUrl;
  const { origin, hostname } = new URL(publicUrl);
  const mail = mailOf(values);
  const fromFolder = (path: string) => (path === '' || isAbsolute(path) ? path : resolve(cwd, path));
  return {
    ...values,
    ...mail,
    dataDir: fromFolder(values.dataDir),
    publicUrl,
    passkeyRpName: values.passkeyRpName || values.siteName,
    passkeyRpId: values.passkeyRpId || hostname,
    passkeyOrigins: [...new Set([origin, ...values.passkeyOrigins])],
    vapidEmail: values.vapidEmail || mail.mailFrom.replace(/^.*<|>$/g, ''),
    geoipDbPath: fromFolder(values.geoipDbPath),
    openidRedirectUrl: values.openidRedirectUrl || `${publicUrl}/auth/openid/callback`,
    openidScopes: values.openidScopes.length > 0 ? values.openidScopes : ['openid', 'profile', 'email'],
  };
}

interface Given {
  value: unknown;
  from: string;
}

function givenValue(
  setting: Setting,
  { env, cwd, file }: Sources & { file: ReadonlyMap<string, FileValue> },
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
    try {
      return { value: readFileSync(path, 'utf8').trim(), from: `${variable}_FILE` };
    } catch (error) {
      problems.push(`${variable}_FILE names ${path}, ${unread(error as NodeJS.ErrnoException)}.`);
      return null;
    }
  }
  const inFile = file.get(setting.path);
  return inFile ? { value: inFile.value, from: `"${inFile.key}" in the file` } : null;
}

function unread({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'which is not there';
  if (code === 'EISDIR') return 'which is a folder. Name the file in it';
  return `which cannot be read (${code}). Let the user that runs this server read it`;
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
