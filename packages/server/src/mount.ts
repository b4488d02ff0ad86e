import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import type { Clock } from './chance.ts';
import type { Config } from './config/index.ts';
import { permissionsInSession, permissionsOfUser } from './core/access/index.ts';
import {
  findLoginName,
  findPhone,
  findPrimaryEmail,
  findUserByIdentifier,
  listContacts,
} from './core/contact/index.ts';
import { AuthError } from './core/errors.ts';
import { accountName, findPicture, findProfile, type Profile } from './core/profile/index.ts';
import type { LiveSession } from './core/session/index.ts';
import { findUser } from './core/user/index.ts';
import type { RandomBytes } from './crypto/index.ts';
import { createTraffic, parseTrustedProxies } from './http/index.ts';
import type { Instance } from './instance.ts';
import { serveKitAssets } from './pages-kit/index.ts';
import { createSessionCookies } from './session-cookies.ts';
import { servedProjects, sessionsIn } from './surface-projects.ts';
import { adminSurface } from './surfaces/admin/index.ts';
import { consoleSurface } from './surfaces/console/index.ts';
import { createTokens, flectoSurface } from './surfaces/flecto/index.ts';
import { createTokens as createFluxTokens, fluxSurface, owesFactor } from './surfaces/flux/index.ts';
import { type Account, createSudo, fluxerSurface } from './surfaces/fluxer/index.ts';
import { forwardAuthSurface } from './surfaces/forward-auth/index.ts';
import { type createMetrics, operationsSurface, registerOpenApi } from './surfaces/operations/index.ts';
import { notFoundPage, pagesSurface } from './surfaces/pages/index.ts';
import { projectPagesSurface } from './surfaces/project-pages/index.ts';
import { VERSION } from './version.ts';
import { wireAdmin } from './wiring-admin.ts';

const CONSOLE_FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url));

interface Mounted {
  config: Config;
  instance: Instance;
  clock: Clock;
  random: RandomBytes;
  metrics: ReturnType<typeof createMetrics>;
  isStopping(): boolean;
}

/** Every surface with what it serves by, one after the other. */
export async function mount(
  app: FastifyInstance,
  { config, instance, clock, random, metrics, isStopping }: Mounted,
): Promise<void> {
  const { storage, project } = instance;
  const served = servedProjects(config, instance.surfaceProjects);
  const isHttps = config.publicUrl.startsWith('https:');
  const publicOrigin = new URL(config.publicUrl).origin;
  const shared = {
    projectId: project.id,
    publicUrl: config.publicUrl,
    clock,
    traffic: createTraffic({ monotonicMs: () => performance.now(), enabled: config.rateLimits }),
    proxies: parseTrustedProxies(config.trustedProxies, config),
    // Web apps of other origins may call `/v1`; pages and console obey nobody but themselves.
    allowedOrigins: new Set([publicOrigin]),
    permissionsOf: (userId: string) => permissionsOfUser(storage.db, userId),
    phoneOf: (userId: string) => findPhone(storage.db, userId),
  };
  const { pagesCookie, pendingCookie, projectPagesCookie, fluxerCookie } = createSessionCookies(config);

  async function profileOf(userId: string): Promise<Profile> {
    const profile = await findProfile(storage.db, userId);
    if (!profile) throw new AuthError('not-found', { what: 'user' });
    return profile;
  }

  async function accountNameOf(userId: string): Promise<string> {
    const email = await findPrimaryEmail(storage.db, userId);
    return email?.address ?? accountName(await profileOf(userId));
  }

  async function accountOf(userId: string): Promise<Account | null> {
    const user = await findUser(storage.db, served.fluxer, userId);
    const profile = await findProfile(storage.db, userId);
    if (!user || !profile) return null;
    const primary = (await listContacts(storage.db, userId)).find((contact) => contact.isPrimary);
    return {
      ...user,
      profile,
      phone: await findPhone(storage.db, userId),
      email: primary
        ? {
            address: primary.address,
            verified: primary.verifiedAt !== null,
            bounces: primary.bouncedAt !== null,
          }
        : null,
    };
  }

  await app.register(cookie);
  await registerOpenApi(app, { siteName: config.siteName, publicUrl: config.publicUrl, version: VERSION });
  operationsSurface(app, {
    metrics,
    isStopping,
    pingDatabase: storage.ping,
    metricsToken: config.metricsToken,
  });
  await fluxerSurface({
    ...{ ...shared, ...instance, projectId: served.fluxer },
    sessions: sessionsIn(instance.sessions, served.fluxer),
    sudo: createSudo({
      gate: instance.gate,
      clock,
      secret: instance.sudoSecret,
      lifeSeconds: config.sudoModeMinutes * 60,
      cookies: { isHttps, domain: config.cookieDomain || undefined },
    }),
    profileOf,
    pictureOf: (wanted) => findPicture(storage.db, wanted),
    allowedOrigins: new Set([publicOrigin, ...config.corsOrigins]),
    cookie: fluxerCookie,
    cookieEnabled: config.cookieSessionEnabled,
    internal: {
      secret: config.internalSecret,
      events: instance.events,
      users: instance.users,
      accountOf,
    },
  })(app);
  const flectoTokens = {
    clock,
    random,
    key: instance.flectoKey,
    issuer: config.flectoJwtIssuer,
    accessSeconds: config.flectoAccessTokenMinutes * 60,
    refreshSeconds: config.flectoRefreshTokenHours * 60 * 60,
  };
  const givesRoles = config.openidEnabled && config.openidRolesClaim !== '';
  /** Roles of a provider end with the setting that let them in, though the sign-ins that brought them go on (J08). */
  const heldIn = (userId: string, given: readonly string[]) =>
    permissionsInSession(storage.db, { projectId: project.id, userId, roles: givesRoles ? given : [] });
  await flectoSurface(app, {
    ...{ ...shared, ...instance, ...flectoTokens },
    projectId: served.flecto,
    sitesProjectId: project.id,
    headerName: config.flectoHeaderName,
    findApiToken: instance.apiTokens.find,
    permissionsOf: heldIn,
    usernameOf: async (userId) => (await findLoginName(storage.db, userId)) ?? (await accountNameOf(userId)),
    async isWithoutPassword(identifier) {
      const id = await findUserByIdentifier(storage.db, served.flecto, identifier);
      const user = id === null ? null : await findUser(storage.db, served.flecto, id);
      return user?.passwordChangedAt === null;
    },
  });
  const asked = new Set([project.id, served.fluxer, served.flecto]);
  /** Flux asks nobody about places; what its sessions open elsewhere, other surfaces ask about. */
  const isFromStrangePlace = async (session: LiveSession) =>
    asked.has(session.projectId) && (await instance.places.isUnapproved(session));
  await fluxSurface(app, {
    ...{ ...shared, ...instance, random, isFromStrangePlace },
    requireSecondFactor: config.requireMfa,
  });
  const readFlectoToken = createTokens(flectoTokens).read;
  const readFluxToken = createFluxTokens({ ...shared, ...instance, random }).read;
  await forwardAuthSurface(app, {
    projectId: project.id,
    surfaceProjects: { ...served, pages: project.id, flux: project.id },
    sessions: instance.sessions,
    flectoHeaderName: config.flectoHeaderName,
    flectoSessionIdIn(token) {
      const said = readFlectoToken(token);
      return said?.type === 'access' ? said.sid : null;
    },
    async fluxSessionIdIn(token) {
      const now = await instance.projects.find(project.id);
      const said = now && (await readFluxToken(token, now));
      return said && !said.isExpired ? said.claims.sid : null;
    },
    async owesFactor(session) {
      const now = await instance.projects.find(project.id);
      return now === null || owesFactor(session, { project: now, requireSecondFactor: config.requireMfa });
    },
    isFromStrangePlace,
    findApiToken: instance.apiTokens.find,
    fluxerCookie,
    pagesCookie,
    permissionsOf: ({ userId, upstreamRoles }) => heldIn(userId, upstreamRoles ?? []),
    requireSecondFactor: config.requireMfa,
    requireVerifiedEmail: config.requireVerifiedEmail,
    hasLoginName: async (userId) => (await findLoginName(storage.db, userId)) !== null,
  });
  await adminSurface(app, {
    ...shared,
    ...instance,
    ...wireAdmin({ ...instance, permissionsOf: shared.permissionsOf }),
    flectoProjectId: served.flecto,
    pageSizeLimitBytes: config.pageSizeLimitBytes,
    cookie: pagesCookie,
  });
  serveKitAssets(app);
  await pagesSurface(app, {
    ...shared,
    ...instance,
    siteName: config.siteName,
    deletionGraceHours: config.deletionGracePeriodHours,
    mailSettled: () => instance.outboxWorker.settled(),
    accountNameOf,
    cookie: pagesCookie,
    pendingCookie,
  });
  await projectPagesSurface(app, {
    ...{ ...shared, ...instance, random, isFromStrangePlace },
    siteName: config.siteName,
    cookie: projectPagesCookie,
    areCodesSent: instance.phones.areCodesSent,
    accountNameOf,
    owesFactor: (session, project) =>
      owesFactor(session, { project, requireSecondFactor: config.requireMfa }),
    takesPasskeysOf: async ({ id }) => (await instance.relyingPartyOf(id)).origins.includes(publicOrigin),
  });
  await consoleSurface(app, CONSOLE_FOLDER);
  const missing = notFoundPage(config.siteName);
  app.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).type('text/html; charset=utf-8').send(missing),
  );
}
