import { isAuthError } from '../core/errors.ts';
import type { Instance } from '../instance.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };
const PAGE = 100;

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

/** The next key that signs session tokens; those there are go on until they end. */
export async function rotateSigningKey({ signingKeys }: Instance): Promise<string> {
  return `Published signing key ${await signingKeys.rotate(OPERATOR)}. It signs in ten minutes.`;
}

/** Throws an `Error` for whoever typed a slug that no project has. */
export async function projectNamed(projects: Instance['projects'], slug: string) {
  try {
    return await projects.read({ slug });
  } catch (error) {
    if (isAuthError(error, 'not-found')) throw new Error(`There is no project ${slug}.`);
    throw error;
  }
}
