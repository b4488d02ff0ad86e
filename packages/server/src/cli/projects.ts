import { ZodError } from 'zod';
import { isAuthError } from '../core/errors.ts';
import type { SettingsChange } from '../core/project/index.ts';
import type { Instance } from '../instance.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const PAGE = 100;
const KINDS = ['secret', 'publishable'] as const;

/** Makes a project, a hard wall around users of its own, and says what it is called. */
export async function createProject(
  { projects }: Instance,
  wanted: { slug: string; name: string },
): Promise<string> {
  try {
    const { id, slug } = await projects.create({ ...wanted, actor: OPERATOR });
    return `Made project ${slug} (${id}).`;
  } catch (error) {
    if (isAuthError(error, 'name-taken')) throw new Error(`There is a project ${wanted.slug} already.`);
    if (isAuthError(error, 'name-refused'))
      throw new Error(
        `"${wanted.slug}" is no name for a project: letters in lower case, digits and hyphens.`,
      );
    throw error;
  }
}

/** One line a project: slug, id, name. */
export async function* listAllProjects({ projects }: Instance): AsyncGenerator<string> {
  let after: string | null = null;
  for (;;) {
    const page: { slug: string; id: string; name: string }[] = await projects.list({ after, limit: PAGE });
    for (const { slug, id, name } of page) yield [slug, id, name].join('\t');
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.slug;
  }
}

/** Changes what is named in `json`, such as `{"methods":{"passkey":true}}`, and leaves the rest. */
export async function setProject(
  { projects }: Instance,
  { project, json }: { project: string; json: string },
): Promise<string> {
  const { id, slug } = await projectNamed(projects, project);
  let settings: SettingsChange;
  try {
    settings = JSON.parse(json) as SettingsChange;
  } catch {
    throw new Error('The settings are no JSON.');
  }
  try {
    await projects.change({ id, settings, actor: OPERATOR });
    return `Changed project ${slug}.`;
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new Error(
      error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`).join('\n'),
    );
  }
}

/** Makes a key that selects a project and returns its plain text, which nothing shows again. */
export async function createProjectKey(
  { projects, projectKeys }: Instance,
  wanted: { project: string; kind: string; name: string },
): Promise<{ plain: string; note: string }> {
  const kind = KINDS.find((one) => one === wanted.kind);
  if (!kind)
    throw new Error(
      `"${wanted.kind}" is no kind of key: secret (for servers) or publishable (for browsers).`,
    );
  const { id: projectId, slug } = await projectNamed(projects, wanted.project);
  const { key, plain } = await projectKeys.create({ projectId, kind, name: wanted.name, actor: OPERATOR });
  return { plain, note: `Made ${kind} key ${key.id} of project ${slug}. It is shown this once:` };
}

/** One line a key: id, kind, preview, name. */
export async function* listProjectKeys(
  { projects, projectKeys }: Instance,
  project: string,
): AsyncGenerator<string> {
  const { id } = await projectNamed(projects, project);
  for (const key of await projectKeys.list(id)) yield [key.id, key.kind, key.preview, key.name].join('\t');
}

export async function revokeProjectKey(
  { projects, projectKeys }: Instance,
  { project, key }: { project: string; key: string },
): Promise<string> {
  const { id: projectId } = await projectNamed(projects, project);
  try {
    await projectKeys.revoke({ projectId, id: key, actor: OPERATOR });
    return `Revoked key ${key}.`;
  } catch (error) {
    if (isAuthError(error, 'not-found')) throw new Error(`Project ${project} has no key ${key}.`);
    throw error;
  }
}

/** The next key that signs session tokens; those there are go on until they end. */
export async function rotateSigningKey({ signingKeys }: Instance): Promise<string> {
  return `Published signing key ${await signingKeys.rotate(OPERATOR)}. It signs in ten minutes.`;
}

async function projectNamed(projects: Instance['projects'], slug: string) {
  try {
    return await projects.read({ slug });
  } catch (error) {
    if (isAuthError(error, 'not-found')) throw new Error(`There is no project ${slug}.`);
    throw error;
  }
}
