import { randomBytes } from 'node:crypto';
import type { Permissions } from '../core/access/index.ts';
import { setRights } from './admin-client.ts';
import { flectoSteps } from './flecto-steps.ts';
import { createFluxProject, type FluxProject } from './flux-kit.ts';
import { PageClient } from './page-client.ts';
import { PASSWORD, type World } from './world.ts';

/** The ways in which one of our credentials may travel. */
export const CREDENTIAL_KINDS = [
  'Fluxer token',
  'Fluxer token after Bearer',
  'Fluxer cookie',
  "pages' cookie",
  'Flecto access token',
  'Flux session token',
  'API token',
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export interface Caller {
  /** The credential as a header. */
  headers: Record<string, string>;
  /** The credential itself. */
  secret: string;
  /** Null for an API token, which is nobody's account. */
  userId: string | null;
  email: string | null;
  /** Of an API token. */
  tokenId: string | null;
  name: string | null;
  /** Ends this session or deletes this token, and nothing else. */
  revoke(): Promise<void>;
}

const ACTOR = { userId: null, sessionId: null, origin: null };
const NO_RIGHTS: Permissions = { admin: [], resources: [] };

/** Makes people and tokens with a live credential of any kind. */
export function callersOf(world: World) {
  const { apiTokens, project, sessions } = world.instance;
  const steps = flectoSteps(world);
  const projectId = project.id;
  let flux: Promise<FluxProject> | null = null;

  async function token(rights: Partial<Permissions> = {}, expiresAt: number | null = null): Promise<Caller> {
    const name = `agent-${randomBytes(6).toString('hex')}`;
    const permissions = { ...NO_RIGHTS, ...rights };
    const { token: made, plain } = await apiTokens.create({
      projectId,
      name,
      expiresAt,
      permissions,
      actor: ACTOR,
    });
    return {
      headers: { authorization: `Bearer ${plain}` },
      secret: plain,
      userId: null,
      email: null,
      tokenId: made.id,
      name,
      revoke: () => apiTokens.delete({ projectId, id: made.id, actor: ACTOR }),
    };
  }

  /** A person's new credential; their session is the only one of its surface. */
  async function credentialOf(
    { client, email }: { client: { token: string | null }; email: string },
    kind: Exclude<CredentialKind, 'API token'>,
  ): Promise<{ headers: Record<string, string>; secret: string }> {
    const fluxer = client.token ?? '';
    switch (kind) {
      case 'Fluxer token':
        return { secret: fluxer, headers: { authorization: fluxer } };
      case 'Fluxer token after Bearer':
        return { secret: fluxer, headers: { authorization: `Bearer ${fluxer}` } };
      case 'Fluxer cookie':
        return { secret: fluxer, headers: { cookie: `theme=dark; fluxer_session=${fluxer}` } };
      case "pages' cookie": {
        const browser = new PageClient(world.baseUrl);
        await browser.form('/login', { email, password: PASSWORD });
        const secret = browser.cookies.get('fluxgate') ?? '';
        return { secret, headers: { cookie: `fluxgate=${secret}` } };
      }
      case 'Flecto access token': {
        const { accessToken } = (await steps.signIn(email)).tokens;
        return { secret: accessToken, headers: steps.bearer(accessToken) };
      }
      case 'Flux session token': {
        flux ??= createFluxProject(world, { projectId });
        const { token } = await (await flux).signIn(email);
        return { secret: token, headers: steps.bearer(token) };
      }
    }
  }

  return {
    token,
    credentialOf,
    async of(kind: CredentialKind, rights: Partial<Permissions> = {}): Promise<Caller> {
      if (kind === 'API token') return await token(rights);
      const person = await world.person({ global_name: 'Ada Lovelace' });
      const { userId, email } = person;
      await setRights(world, userId, rights);
      const surface =
        { 'Flecto access token': 'flecto', 'Flux session token': 'flux', "pages' cookie": 'pages' }[
          kind as string
        ] ?? 'fluxer';
      const given = await credentialOf(person, kind);
      const listed = await sessions.list(userId);
      const ids = listed.filter((session) => session.surface === surface).map(({ id }) => id);
      return {
        ...{ ...given, userId, email, tokenId: null, name: null },
        async revoke() {
          await sessions.endNamed({ projectId, userId, ids, actor: ACTOR });
        },
      };
    },
  };
}
