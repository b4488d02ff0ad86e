import type { SettingsChange } from '../core/project/index.ts';
import type { Client, Reply } from './client.ts';
import { newEmail, PASSWORD, type World } from './world.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };

interface FluxUser {
  id: string;
  email: string;
  email_verified: boolean;
  created_at: string;
}

interface FluxSession {
  id: string;
  user_id: string;
  mfa_verified: boolean;
  mfa_required: boolean;
  authentication_method: string;
  created_at: string;
  expires_at: string;
  last_active_at: string;
}

/** The answer to every way in, and to a verified request. */
export interface FluxHanded {
  user: FluxUser;
  session: FluxSession;
  token: string;
}

export type FluxProject = Awaited<ReturnType<typeof createFluxProject>>;

let made = 0;

/** A project of its own (or a given one) with a key of each kind, and what its app and its pages send. */
export async function createFluxProject(
  world: World,
  { settings, projectId }: { settings?: SettingsChange; projectId?: string } = {},
) {
  const { projects, projectKeys } = world.instance;
  const project =
    projectId === undefined
      ? await projects.create({ slug: `app-${++made}`, name: 'App', actor: ACTOR })
      : await projects.read({ id: projectId });
  const { id } = project;
  const change = (settings: SettingsChange) => projects.change({ id, settings, actor: ACTOR });
  if (settings) await change(settings);
  const common = { projectId: id, name: 'test', actor: ACTOR };
  const secret = await projectKeys.create({ ...common, kind: 'secret' });
  const publishable = await projectKeys.create({ ...common, kind: 'publishable' });
  const asApp = { authorization: `Bearer ${secret.plain}` };
  const asPage = { 'x-flux-publishable-key': publishable.plain };

  /** What the app's own server asks. */
  const app = (path: string, body?: unknown, at: World = world): Promise<Reply> =>
    at.direct.post(`/flux/v1${path}`, body, asApp);
  /** What the app's pages ask, from an address of their own. */
  const page = (path: string, body?: unknown, client: Client = world.client()): Promise<Reply> =>
    client.post(`/flux/v1${path}`, body, asPage);

  return {
    id,
    change,
    keys: { secret, publishable },
    asApp,
    asPage,
    app,
    page,
    async signUp(email = newEmail()): Promise<FluxHanded> {
      return handed(await page('/sign_up', { email, password: PASSWORD }));
    },
    async signIn(email: string): Promise<FluxHanded> {
      return handed(await page('/sign_in/password', { email, password: PASSWORD }));
    },
    verify: (token: string, at?: World) => app('/sessions/verify', { token }, at),
  };
}

export function handed({ status, json, text }: Reply): FluxHanded {
  if (status !== 200) throw new Error(`${status} ${text}`);
  return json;
}

/** The code of a refusal. */
export function codeOf({ json }: Reply): string {
  return (json as { error: { code: string } }).error.code;
}

/** What a token says, unread by anybody who checks. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}
