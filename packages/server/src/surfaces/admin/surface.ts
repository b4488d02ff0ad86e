import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  type Action,
  type AdminSection,
  type ApiTokens,
  isAllowed,
  type Permissions,
  type Roles,
  type TokenSubject,
  type UserRights,
} from '../../core/access/index.ts';
import type { Actor, AuditRecord } from '../../core/audit/index.ts';
import type { Departures } from '../../core/departure/index.ts';
import { AuthError } from '../../core/errors.ts';
import type { ProjectChanges, ProjectKeys, ProjectProviders, Projects } from '../../core/project/index.ts';
import type { GivenPasswords } from '../../core/recovery/index.ts';
import type { Provisioning } from '../../core/registration/index.ts';
import type { FactorRemoval } from '../../core/second-factor/index.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { Gate } from '../../core/sign-in/index.ts';
import type { SigningKeys } from '../../core/signing-key/index.ts';
import type { Agents, Contents, Sites } from '../../core/site/index.ts';
import type { User, UserCursor, Users } from '../../core/user/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import {
  type Bucket,
  type CookieJar,
  isCrossSite,
  originOf,
  parseJsonBody,
  type Traffic,
  type TrustedProxies,
  textOfBody,
} from '../../http/index.ts';
import { accountRoutes } from './account-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { answerError, CrossSiteError, problemSchema, sendNotFound } from './errors.ts';
import { itemRoutes } from './item-routes.ts';
import { meRoutes } from './me-routes.ts';
import { namespaceRoutes } from './namespace-routes.ts';
import type { UserDossier } from './present.ts';
import { projectKeyRoutes } from './project-key-routes.ts';
import type { ProjectUserDossier } from './project-present.ts';
import { projectRoutes } from './project-routes.ts';
import { projectSessionRoutes } from './project-session-routes.ts';
import { projectUserRoutes } from './project-user-routes.ts';
import { roleRoutes } from './role-routes.ts';
import { siteRoutes } from './site-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { userRoutes } from './user-routes.ts';

export interface AdminDependencies {
  projectId: string;
  /** Whose users may hold rights on Flecto's sites; the same, unless it was given another. */
  flectoProjectId: string;
  publicUrl: string;
  clock: () => number;
  sealer: Sealer;
  gate: Gate;
  sessions: Sessions;
  users: Users;
  apiTokens: ApiTokens;
  roles: Roles;
  userRights: UserRights;
  provisioning: Provisioning;
  givenPasswords: GivenPasswords;
  departures: Departures;
  factorRemoval: FactorRemoval;
  sites: Sites;
  contents: Contents;
  agents: Agents;
  projects: Projects;
  projectChanges: ProjectChanges;
  projectProviders: ProjectProviders;
  projectKeys: ProjectKeys;
  signingKeys: SigningKeys;
  pageSizeLimitBytes: number;
  permissionsOf(userId: string): Promise<Permissions>;
  dossierOf(userId: string): Promise<UserDossier>;
  findUsers(search: {
    query: string;
    after: UserCursor | null;
    limit: number;
  }): Promise<{ users: UserDossier[]; next: UserCursor | null }>;
  dossierIn(projectId: string, userId: string): Promise<ProjectUserDossier>;
  findUsersIn(
    projectId: string,
    search: { query: string; after: UserCursor | null; limit: number },
  ): Promise<{ users: User[]; next: UserCursor | null }>;
  readAudit(query: {
    projectId: string;
    userId: string | null;
    event: string | null;
    after: string | null;
    limit: number;
  }): Promise<AuditRecord[]>;
  cookie: CookieJar;
  traffic: Traffic;
  proxies: TrustedProxies;
  allowedOrigins: ReadonlySet<string>;
}

/** What each route needs its caller to hold; a route that declares nothing is refused at start. */
export type AdminNeed =
  | { section: AdminSection; action: Action }
  /** Where rights of both kinds, or those on what the path names, open the route (`site-needs.ts`). */
  | ((held: Permissions, request: FastifyRequest) => boolean)
  /** Anybody who is signed in: about themselves alone. */
  | 'session';

/** Who asks: a person on the hosted pages, or an API token, which has no session and no account. */
export type AdminCaller =
  | { session: LiveSession; token: null; held: Permissions }
  | { session: null; token: TokenSubject; held: Permissions };

declare module 'fastify' {
  interface FastifyRequest {
    admin: AdminCaller | null;
  }
  interface FastifyContextConfig {
    adminNeeds?: AdminNeed;
  }
}

export type AdminScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export const EMPTY = z.null().meta({ description: 'No body.' });

const REQUESTS = { name: 'admin', limit: 600, windowMs: 60_000 };
const TOKEN_REQUESTS = { name: 'admin-token', limit: 600, windowMs: 60_000 };
/** Contract A6: this spelling and no other. */
const BEARER = /^Bearer (flecto_.+)$/;
const SECURITY = { people: [{ pagesCookie: [] }], both: [{ pagesCookie: [] }, { apiToken: [] }] };

const ROUTES = [
  meRoutes,
  userRoutes,
  accountRoutes,
  roleRoutes,
  tokenRoutes,
  auditRoutes,
  namespaceRoutes,
  siteRoutes,
  itemRoutes,
  projectRoutes,
  projectKeyRoutes,
  projectUserRoutes,
  projectSessionRoutes,
];

export async function adminSurface(app: FastifyInstance, deps: AdminDependencies): Promise<void> {
  await app.register(
    async (plain) => {
      const scope: AdminScope = plain.withTypeProvider<ZodTypeProvider>();
      scope.decorateRequest('admin', null);
      scope.setErrorHandler(answerError);
      scope.setNotFoundHandler(sendNotFound);
      takeStrictJson(scope);
      declareNeeds(scope);
      scope.addHook('onRequest', (request) => admit(request, deps));
      for (const routes of ROUTES) routes(scope, deps);
    },
    { prefix: '/admin/v1' },
  );
}

/** J01: no route without a declared permission. */
function declareNeeds(scope: AdminScope): void {
  scope.addHook('onRoute', (route) => {
    if (!route.config?.adminNeeds)
      throw new Error(`${String(route.method)} ${route.url} declares no permission.`);
    const response = route.schema?.response as Record<string, unknown> | undefined;
    route.schema = {
      tags: ['admin'],
      security: route.config.adminNeeds === 'session' ? SECURITY.people : SECURITY.both,
      ...route.schema,
      response: { ...response, '4xx': problemSchema, '5xx': problemSchema },
    };
  });
}

async function admit(request: FastifyRequest, deps: AdminDependencies): Promise<void> {
  const needs = request.routeOptions.config.adminNeeds;
  if (!needs) return;
  const [, token] = BEARER.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) await admitPerson(request, deps, needs);
  else await admitToken(request, deps, { token, needs });
}

/** Who is it, may they, and, for whatever changes something, did they just prove it again. */
async function admitPerson(
  request: FastifyRequest,
  deps: AdminDependencies,
  needs: AdminNeed,
): Promise<void> {
  const isWrite = request.method !== 'GET' && request.method !== 'HEAD';
  if (isWrite && isCrossSite(request, deps.allowedOrigins)) throw new CrossSiteError();
  const token = deps.cookie.read(request);
  const session = token === null ? null : await deps.sessions.find(token, 'pages');
  if (session?.projectId !== deps.projectId) throw new AuthError('not-signed-in');
  take(deps, REQUESTS, session.userId);
  const held = await deps.permissionsOf(session.userId);
  request.admin = { session, token: null, held };
  if (needs === 'session') return;
  requireHeld(request, held, needs);
  const isElevated = session.elevatedUntil !== null && deps.clock() < session.elevatedUntil;
  if (isWrite && !isElevated) {
    throw new AuthError('proof-required', { methods: deps.gate.provesAgain(session) });
  }
}

/**
 * A script that was given rights of administration (design section 5). No browser sends this header of itself, so no
 * other site can, and where it comes from says nothing; nobody is there who could prove anything again.
 */
async function admitToken(
  request: FastifyRequest,
  deps: AdminDependencies,
  { token, needs }: { token: string; needs: AdminNeed },
): Promise<void> {
  const subject = await deps.apiTokens.find(token);
  if (!subject || subject.projectId !== deps.projectId) throw new AuthError('not-signed-in');
  take(deps, TOKEN_REQUESTS, subject.id);
  const held = subject.permissions;
  request.admin = { session: null, token: subject, held };
  // What an agent may on its project opens none of this.
  if (needs === 'session' || held.admin.length === 0) throw new AuthError('not-allowed');
  requireHeld(request, held, needs);
}

function requireHeld(request: FastifyRequest, held: Permissions, needs: Exclude<AdminNeed, 'session'>): void {
  if (!(typeof needs === 'function' ? needs(held, request) : isAllowed(held, needs)))
    throw new AuthError('not-allowed');
}

function take({ traffic }: AdminDependencies, bucket: Bucket, who: string): void {
  const state = traffic.take(bucket, who);
  if (!state.allowed)
    throw new AuthError('rate-limited', { retryAfterSeconds: Math.ceil(state.retryAfterMs / 1000) });
}

/** JSON and nothing else: a form of another site cannot send this type without asking first (security I03). */
function takeStrictJson(scope: AdminScope): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: 64 * 1024 },
    (_request, body: Buffer, done) => {
      try {
        done(null, parseJsonBody(textOfBody(body)));
      } catch (error) {
        done(Object.assign(error as Error, { statusCode: 400 }));
      }
    },
  );
  scope.addHook('preValidation', async (request) => {
    request.body ??= {};
  });
}

export function adminOf(request: FastifyRequest): AdminCaller {
  if (!request.admin) throw new AuthError('not-signed-in');
  return request.admin;
}

/** For what only a person has. */
export function sessionOf(request: FastifyRequest): { session: LiveSession; held: Permissions } {
  const { session, held } = adminOf(request);
  if (!session) throw new AuthError('not-allowed');
  return { session, held };
}

/** Refuses what nobody may do to their own account here, where it would lock them out. */
export function refuseOwn(request: FastifyRequest, userId: string): void {
  if (adminOf(request).session?.userId === userId) throw new AuthError('not-allowed');
}

export function actorOf(request: FastifyRequest, proxies: TrustedProxies): Actor {
  const { session, token } = adminOf(request);
  const origin = originOf(request, proxies);
  return session
    ? { userId: session.userId, sessionId: session.id, origin }
    : { userId: null, sessionId: null, origin, token: { id: token.id, name: token.name } };
}
