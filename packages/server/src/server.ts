import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { HOUR } from './chance.ts';
import type { Config } from './config/index.ts';
import { permissionsInSession, permissionsOfUser } from './core/access/index.ts';
import {
  findContactByAddress,
  findLoginName,
  findPhone,
  findPrimaryEmail,
  findUserByIdentifier,
  listContacts,
} from './core/contact/index.ts';
import { AuthError } from './core/errors.ts';
import { accountName, findPicture, findProfile, type Profile } from './core/profile/index.ts';
import { findUser } from './core/user/index.ts';
import { pooled, type RandomBytes } from './crypto/index.ts';
import {
  createSerializerCompiler,
  createTraffic,
  createValidatorCompiler,
  followUnused,
  parseTrustedProxies,
  securityHeaders,
} from './http/index.ts';
import { type Instance, openInstance, type Ports } from './instance.ts';
import { serveKitAssets } from './pages-kit/index.ts';
import { createSessionCookies } from './session-cookies.ts';
import { servedProjects, sessionsIn } from './surface-projects.ts';
import { adminSurface } from './surfaces/admin/index.ts';
import { consoleSurface } from './surfaces/console/index.ts';
import { createTokens, flectoSurface } from './surfaces/flecto/index.ts';
import { createTokens as createFluxTokens, fluxSurface, owesFactor } from './surfaces/flux/index.ts';
import { type Account, createSudo, fluxerSurface } from './surfaces/fluxer/index.ts';
import { forwardAuthSurface } from './surfaces/forward-auth/index.ts';
import { createMetrics, operationsSurface, registerOpenApi } from './surfaces/operations/index.ts';
import { notFoundPage, pagesSurface } from './surfaces/pages/index.ts';
import { projectPagesSurface } from './surfaces/project-pages/index.ts';
import { VERSION } from './version.ts';
import { wireAdmin } from './wiring-admin.ts';

export interface Server {
  app: FastifyInstance;
  instance: Instance;
  /** Takes connections; resolves with the address. */
  listen(): Promise<string>;
  /** Lets running requests finish, writes what is unwritten, lets go of everything. Safe to call twice. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  config: Config;
  logger: Logger;
  /** What tests hand in; production takes the real ones. */
  ports?: Partial<Pick<Ports, 'clock' | 'random' | 'captchaAddresses'>>;
}

/** Bodies larger than any request of ours. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** The longest there is: a passkey's id, 1,023 bytes in base64url. */
const MAX_PARAM = 1364;
const CLEAN_EVERY_MS = HOUR;
const SWEEP_EVERY_MS = 50;
const CONSOLE_FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** The composition root: everything is wired here and in `instance.ts`, by hand, top to bottom. */
export async function createServer({ config, logger, ports = {} }: ServerOptions): Promise<Server> {
  const clock = ports.clock ?? Date.now;
  const metrics = createMetrics({ hashesWaiting: () => instance.hasher.waiting });
  const instance: Instance = await openInstance(config, {
    clock,
    random: ports.random ?? pooled(randomBytes),
    onBackgroundError: (error) => logger.error({ err: error }, 'background work failed'),
    onDeliveryFailure: ({ id, kind, attempts, givenUp, error }) => {
      metrics.mailFailed(kind);
      logger.error(
        { err: error, outbox: id, kind, attempts, given_up: givenUp },
        'mail could not be delivered',
      );
    },
    onCaptchaFailure: ({ provider, error }) =>
      logger.error({ err: error, provider }, 'captcha could not be judged, so the request was refused'),
    captchaAddresses: ports.captchaAddresses,
    systemClock: Date.now,
    onSsoFailure: ({ error }) => logger.warn({ err: error }, 'nobody was signed in at the OpenID provider'),
  });
  const app = createApp(config, logger);
  const unused = followUnused(app.server);
  let stopping: Promise<void> | null = null;
  metrics.observe(app);
  await mount(app, { config, instance, clock, metrics, isStopping: () => stopping !== null });
  await app.ready();

  const cleaning = setInterval(() => {
    instance.clean().catch((error: unknown) => logger.error({ err: error }, 'cleaning failed'));
  }, CLEAN_EVERY_MS).unref();

  async function stop(): Promise<void> {
    clearInterval(cleaning);
    // A connection that was busy when the stop began is kept alive by its client afterwards; each is closed as it
    // falls idle, or the stop would wait for the client's patience.
    const sweeping = setInterval(() => {
      app.server.closeIdleConnections();
      unused.close();
    }, SWEEP_EVERY_MS);
    await app.close();
    clearInterval(sweeping);
    await instance.close();
  }

  return {
    app,
    instance,
    async listen() {
      // Ready before the first sign-in asks for it, so that even that one tells nothing by its time.
      await instance.hasher.decoy;
      instance.deliveries.start();
      return await app.listen({ host: config.host, port: config.port });
    },
    async stop() {
      stopping ??= stop();
      await stopping;
    },
  };
}

function createApp(config: Config, logger: Logger): FastifyInstance {
  const random = pooled(randomBytes);
  const headers = securityHeaders(config.publicUrl.startsWith('https:'));
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // One line an answer, by route template: paths and queries may hold secrets.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestIdHeader: false,
    genReqId: (request) => requestId(request.headers['x-request-id'], random),
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    return503OnClosing: true,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: MAX_PARAM, caseSensitive: true, ignoreTrailingSlash: false },
    frameworkErrors: (_error, _request, reply) => {
      const answer = { code: 'BAD_REQUEST', message: 'This address cannot be read.' };
      (reply as FastifyReply).headers(headers).code(400).send(answer);
    },
  });
  app.setValidatorCompiler(createValidatorCompiler());
  app.setSerializerCompiler(createSerializerCompiler());
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    // No database takes a NUL in a text, and nothing of ours is called by one.
    if (request.url.includes('%00') && request.routeOptions.url !== undefined) {
      // Thrown, so that each surface answers in its own words.
      throw Object.assign(new Error('This address cannot be read.'), { statusCode: 400 });
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });
  return app;
}

/** A client's own id if it is harmless in a log, else a new one. */
function requestId(sent: string | string[] | undefined, random: RandomBytes): string {
  return typeof sent === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(sent)
    ? sent
    : Buffer.from(random(12)).toString('hex');
}

interface Mounted {
  config: Config;
  instance: Instance;
  clock: () => number;
  metrics: ReturnType<typeof createMetrics>;
  isStopping(): boolean;
}

async function mount(
  app: FastifyInstance,
  { config, instance, clock, metrics, isStopping }: Mounted,
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
    random: pooled(randomBytes),
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
      const email = await findContactByAddress(storage.db, served.flecto, identifier);
      // An address that is not proved names nobody.
      if (email?.verifiedAt === null) return false;
      const id = email?.userId ?? (await findUserByIdentifier(storage.db, served.flecto, identifier));
      const user = id === null ? null : await findUser(storage.db, served.flecto, id);
      return user?.passwordChangedAt === null;
    },
  });
  await fluxSurface(app, {
    ...{ ...shared, ...instance, random: pooled(randomBytes) },
    requireSecondFactor: config.requireMfa,
  });
  const readFlectoToken = createTokens(flectoTokens).read;
  const readFluxToken = createFluxTokens({ ...shared, ...instance, random: pooled(randomBytes) }).read;
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
    isFromStrangePlace: async ({ userId, email, isMultiFactor, madeAt }) =>
      // As at the gate: two factors are enough anywhere, and without a mailbox nobody could approve a place.
      config.requireNewPlaceApproval &&
      !isMultiFactor &&
      email !== null &&
      (await instance.places.isStrange(userId, madeAt)),
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
    ...{ ...shared, ...instance, random: pooled(randomBytes) },
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
