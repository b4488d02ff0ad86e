import { expect } from 'vitest';
import type { Reply } from './client.ts';
import { PASSWORD, type World } from './world.ts';

const OPERATOR = { userId: null, sessionId: null, origin: null };

export interface AdminRow {
  section: string;
  action: string;
}
/** As the admin API spells it. */
export interface SiteRow {
  namespace: string;
  project: string;
  resource: string;
  action: string;
}
interface Rows {
  admin?: readonly AdminRow[];
  resources?: readonly SiteRow[];
}

/** Somebody, or some script, who calls the admin API with what it was given. */
export type AdminApi = (method: string, path: string, body?: unknown) => Promise<Reply>;

export const EVERYTHING = { section: '*', action: '*' };
export const EVERYWHERE = { namespace: '*', project: '*', resource: '*', action: '*' };

let made = 0;
/** In the form of tokens' names, roles' codes and login names. */
export const newCode = () => `code-${made++}`;

/** Rights as an agent of Flecto's has them. */
export const AGENT_ROWS: readonly SiteRow[] = [
  { namespace: 'ns', project: 'p', resource: 'agent', action: 'write' },
  { namespace: 'ns', project: 'p', resource: 'redirect', action: 'read' },
];

/** The answer to whoever makes an API token. */
export interface MadeToken {
  token: { id: string; name: string; preview: string };
  plain_token: string;
}

export async function makeToken(
  by: AdminApi,
  permissions: object = { resources: AGENT_ROWS },
  name = newCode(),
): Promise<MadeToken> {
  const reply = await by('POST', '/tokens', { name, permissions });
  expect(reply.status, reply.text).toBe(200);
  return reply.json as MadeToken;
}

/** Callers of the admin API. `root` is a script that may do everything. */
export async function createAdminKit(world: World) {
  const projectId = world.instance.project.id;

  function api(headers: Record<string, string>): AdminApi {
    return (method, path, body) =>
      world.client().send(`/admin/v1${path}`, { method, ...(body !== undefined && { body }), headers });
  }

  async function script({ admin = [], resources = [] }: Rows, name = newCode()): Promise<AdminApi> {
    const { plain } = await world.instance.apiTokens.create({
      ...{ projectId, name, expiresAt: null, actor: OPERATOR },
      permissions: { admin, resources: resources.map(({ project, ...row }) => ({ ...row, site: project })) },
    });
    return api({ authorization: `Bearer ${plain}` });
  }

  const root = await script({ admin: [EVERYTHING], resources: [EVERYWHERE] });

  /** Signed in on the hosted pages, and just proved again. */
  async function person(rows: Rows): Promise<AdminApi & { userId: string }> {
    const { email, userId } = await world.person();
    await root('PUT', `/users/${userId}/permissions`, { permissions: rows, roles: [] });
    const origin = world.baseUrl;
    const signedIn = await world.client().form('/login', { email, password: PASSWORD });
    const headers = { origin, cookie: cookieIn(signedIn) };
    const sudo = await world.client().post('/admin/v1/sudo', { password: PASSWORD }, headers);
    return Object.assign(api({ origin, cookie: cookieIn(sudo) }), { userId });
  }

  return { api, root, script, person };
}

export function expectRefused(reply: Reply, status: number, code: string): void {
  expect([reply.status, (reply.json as { code: string }).code]).toEqual([status, code]);
}

function cookieIn(reply: Reply): string {
  return reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}
