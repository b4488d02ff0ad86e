import { ZodError } from 'zod';
import { PROVIDERS, type SettingsChange } from '../core/project/index.ts';
import type { Instance } from '../instance.ts';
import { projectNamed } from './projects.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };

/** Every setting of a project, one a line, as `project set` takes it; then its providers. */
export async function* showProject(
  { projects, projectProviders }: Instance,
  slug: string,
): AsyncGenerator<string> {
  const { id, name, settings } = await projectNamed(projects, slug);
  yield `name=${name}`;
  yield* flat('', settings);
  for (const [provider, { has_secret, ...shown }] of Object.entries(await projectProviders.list(id))) {
    yield* flat(`providers.${provider}`, shown);
    yield `providers.${provider}.client_secret=${has_secret ? '(set)' : ''}`;
  }
}

/**
 * Changes what is named, such as `session.ttl_seconds=3600` or `{"methods":{"passkey":true}}`, all of it or nothing,
 * and leaves the rest.
 */
export async function setProject(
  { projects, projectChanges }: Instance,
  { project, changes }: { project: string; changes: readonly string[] },
): Promise<string> {
  const { id, slug, settings: now } = await projectNamed(projects, project);
  const settings: Record<string, unknown> = {};
  let name: string | undefined;
  for (const text of changes) {
    if (text.trimStart().startsWith('{')) {
      Object.assign(settings, parsed(text));
      continue;
    }
    const [, key = '', value = ''] = /^([a-z_.-]+)=(.*)$/s.exec(text) ?? [];
    if (key === '') throw new Error(`"${text}" is no setting. Write session.ttl_seconds=3600.`);
    if (key === 'name') name = value;
    else put(settings, key.split('.'), valueFrom(value, at(now, key.split('.'))));
  }
  await worded(projectChanges.apply({ id, name, settings: settings as SettingsChange, actor: OPERATOR }));
  return `Changed project ${slug}.`;
}

/** What a provider knows the project by; without a secret the one that is there stays. */
export async function setProvider(
  { projects, projectProviders }: Instance,
  wanted: { project: string; provider: string; secret: string | null; options: Record<string, unknown> },
): Promise<string> {
  const provider = providerNamed(wanted.provider);
  const { id: projectId, slug } = await projectNamed(projects, wanted.project);
  const settings = { ...wanted.options, ...(wanted.secret !== null && { client_secret: wanted.secret }) };
  await worded(projectProviders.save({ projectId, provider, settings, actor: OPERATOR }));
  return `Set ${provider} of project ${slug}. Switch it on with: npm run fluxgate -- project set ${slug} methods.${provider}=true`;
}

export async function removeProvider(
  { projects, projectProviders }: Instance,
  wanted: { project: string; provider: string },
): Promise<string> {
  const provider = providerNamed(wanted.provider);
  const { id: projectId, slug } = await projectNamed(projects, wanted.project);
  await projectProviders.remove({ projectId, provider, actor: OPERATOR });
  return `Took ${provider} away from project ${slug}.`;
}

function providerNamed(text: string) {
  const provider = PROVIDERS.find((one) => one === text);
  if (!provider) throw new Error(`"${text}" is no provider: ${PROVIDERS.join(', ')}.`);
  return provider;
}

function* flat(prefix: string, value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield `${prefix}=${Array.isArray(value) ? value.join(',') : (value ?? '')}`;
    return;
  }
  for (const [key, inner] of Object.entries(value))
    if (inner !== undefined) yield* flat(prefix === '' ? key : `${prefix}.${key}`, inner);
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error('The settings are no JSON.');
  }
}

/** What a setting is now, from which the form of its next value is known; undefined for none. */
function at(settings: unknown, path: readonly string[]): unknown {
  const [key = '', ...rest] = path;
  const isGroup = typeof settings === 'object' && settings !== null && Object.hasOwn(settings, key);
  if (!isGroup) return undefined;
  const inner = (settings as Record<string, unknown>)[key];
  return rest.length === 0 ? inner : at(inner, rest);
}

function put(
  settings: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    settings[key] = value;
    return;
  }
  if (!Object.hasOwn(settings, key)) settings[key] = {};
  put(settings[key] as Record<string, unknown>, rest, value);
}

/** Lists have commas; nothing at all is none. What the text means beyond that is for the settings to say. */
function valueFrom(text: string, now: unknown): unknown {
  if (Array.isArray(now)) return text === '' ? [] : text.split(',').map((one) => one.trim());
  if (text === 'true' || text === 'on') return true;
  if (text === 'false' || text === 'off') return false;
  if (text === '' || text === 'null') return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Where the library's own words would ask for a type, what to write instead. */
function said(issue: ZodError['issues'][number]): string {
  return issue.code === 'invalid_type' && issue.expected === 'boolean'
    ? 'Write true or false.'
    : issue.message;
}

/** Problems with settings, one a line, by the names they are set by. */
async function worded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new Error(
      error.issues
        .map((issue) => `${issue.path.join('.').replace(/^settings\./, '') || 'settings'}: ${said(issue)}`)
        .join('\n'),
    );
  }
}
