import { isAuthError } from '../core/errors.ts';
import { MAX_OVERLAP_SECONDS } from '../core/project/index.ts';
import type { Instance } from '../instance.ts';
import { instant } from './instant.ts';
import { projectNamed } from './projects.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const KINDS = ['secret', 'publishable'] as const;

/** Makes a key that selects a project and returns its plain text, which nothing shows again. */
export async function createProjectKey(
  { projects, projectKeys, clock }: Instance,
  wanted: { project: string; kind: string; name: string; expires: string | null },
): Promise<{ plain: string; note: string }> {
  const kind = KINDS.find((one) => one === wanted.kind);
  if (!kind)
    throw new Error(
      `"${wanted.kind}" is no kind of key: secret (for servers) or publishable (for browsers).`,
    );
  const expiresAt = wanted.expires === null ? null : instant(wanted.expires, clock());
  const { id: projectId, slug } = await projectNamed(projects, wanted.project);
  const made = { projectId, kind, name: wanted.name, expiresAt, actor: OPERATOR };
  const { key, plain } = await projectKeys.create(made);
  return { plain, note: `Made ${kind} key ${key.id} of project ${slug}. It is shown this once:` };
}

/** One line a key: id, kind, preview, name, and when it ends or that somebody ended it. */
export async function* listProjectKeys(
  { projects, projectKeys }: Instance,
  project: string,
): AsyncGenerator<string> {
  const { id } = await projectNamed(projects, project);
  for (const key of await projectKeys.list(id)) {
    const end = key.expiresAt === null ? [] : [`until ${new Date(key.expiresAt).toISOString()}`];
    const state = key.revokedAt === null ? end : ['revoked'];
    yield [key.id, key.kind, key.preview, key.name, ...state].join('\t');
  }
}

/** A new key in place of one, which works for `grace` seconds more; returns the new one's plain text. */
export async function rotateProjectKey(
  { projects, projectKeys }: Instance,
  { project, key: id, grace }: { project: string; key: string; grace: string },
): Promise<{ plain: string; note: string }> {
  const overlapSeconds = /^\d{1,9}$/.test(grace) ? Number(grace) : Number.POSITIVE_INFINITY;
  if (overlapSeconds > MAX_OVERLAP_SECONDS)
    throw new Error(`"${grace}" is no time of grace: 0 to ${MAX_OVERLAP_SECONDS} seconds.`);
  const { id: projectId, slug } = await projectNamed(projects, project);
  const { key, plain } = await found(
    { project, key: id },
    projectKeys.rotate({ projectId, id, overlapSeconds, actor: OPERATOR }),
  );
  const old = overlapSeconds === 0 ? 'no longer works' : `works for ${overlapSeconds} seconds more`;
  const note = `Made ${key.kind} key ${key.id} of project ${slug}; ${id} ${old}. It is shown this once:`;
  return { plain, note };
}

export async function revokeProjectKey(
  { projects, projectKeys }: Instance,
  { project, key }: { project: string; key: string },
): Promise<string> {
  const { id: projectId } = await projectNamed(projects, project);
  await found({ project, key }, projectKeys.revoke({ projectId, id: key, actor: OPERATOR }));
  return `Revoked key ${key}.`;
}

async function found<T>({ project, key }: { project: string; key: string }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isAuthError(error, 'not-found'))
      throw new Error(`Project ${project} has no key ${key} that still works.`);
    throw error;
  }
}
