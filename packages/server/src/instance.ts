import { availableParallelism } from 'node:os';
import { createPuzzle, type ServiceAddresses } from './captcha/index.ts';
import { type Chance, type Clock, HOUR, MINUTE, SECOND } from './chance.ts';
import { createCleaning } from './cleaning.ts';
import type { Config } from './config/index.ts';
import { type CaptchaProvider, createCaptcha, createCounters } from './core/abuse/index.ts';
import { createApiTokens, createRoles, createUserRights } from './core/access/index.ts';
import { createAuditor } from './core/audit/index.ts';
import { createContacts } from './core/contact/index.ts';
import { createEmailChanges } from './core/contact-change/index.ts';
import { createDepartures } from './core/departure/index.ts';
import { createEvents } from './core/events/index.ts';
import { createHandoffs } from './core/handoff/index.ts';
import { bindInstanceKey } from './core/instance/index.ts';
import { createPlaces } from './core/location/index.ts';
import { createMailedCodes } from './core/mailed-code/index.ts';
import { createNotices, createNotMe, createPushDevices } from './core/notice/index.ts';
import { createPasswordChanges } from './core/password-change/index.ts';
import { createPhoneCodes, createPhones } from './core/phone/index.ts';
import { createProfiles } from './core/profile/index.ts';
import { ensureDefaultProject, hadKeys, sessionLifeOf } from './core/project/index.ts';
import { createGivenPasswords, createRecovery } from './core/recovery/index.ts';
import {
  createMinimumAge,
  createProvisioning,
  createRegistration,
  createSetup,
} from './core/registration/index.ts';
import {
  createFactorChanges,
  createFactorRemoval,
  createPasskeys,
  createSecondFactors,
} from './core/second-factor/index.ts';
import { createSessions } from './core/session/index.ts';
import {
  createApprovals,
  createConclude,
  createFactors,
  createGate,
  createJudge,
} from './core/sign-in/index.ts';
import { createAgents, createContents, createSites } from './core/site/index.ts';
import { createSso } from './core/sso/index.ts';
import { createSnowflakes, createUsers } from './core/user/index.ts';
import { createPasswordHasher, loadInstanceKey, readInstanceKey } from './crypto/index.ts';
import { createDeliveries } from './deliveries.ts';
import { createDevMailbox, createOutbox } from './delivery/index.ts';
import { openGeo } from './geo/index.ts';
import { createLookups } from './lookups/index.ts';
import { createMethods } from './methods/index.ts';
import { createPasskeyKeeper, createRelyingParties } from './methods/passkey/index.ts';
import { createPasswordKeeper } from './methods/password/index.ts';
import { createRecoveryCodeKeeper } from './methods/recovery-code/index.ts';
import { createSmsKeeper } from './methods/sms-code/index.ts';
import { createTotpKeeper } from './methods/totp/index.ts';
import { migrations } from './migrations.ts';
import { pushSenderFor, smsVerifierFor } from './senders.ts';
import { createNodeNumbers, migrate, openStorage, type Storage } from './storage/index.ts';
import { findSurfaceProjects } from './surface-projects.ts';
import { createUpstream } from './upstream.ts';
import { lateMailboxes, wireFlux, wireProjects, wireSocial } from './wiring-flux.ts';

/** For longer than a stream outlives the key that opened it. */
const LISTENS_ON_MS = 10 * SECOND;

/** What the outside hands in; tests hand in their own. */
export interface Ports extends Chance {
  onBackgroundError(error: unknown): void;
  onDeliveryFailure(failure: {
    id: string;
    kind: string;
    attempts: number;
    givenUp: boolean;
    error: unknown;
  }): void;
  onCaptchaFailure(failure: { provider: CaptchaProvider['name']; error: unknown }): void;
  captchaAddresses?: Partial<ServiceAddresses> | undefined;
  /** The system's own clock, which one library reads by itself; the same as `clock` but in tests. */
  systemClock: Clock;
  onSsoFailure(failure: { error: unknown }): void;
}

export type Instance = Awaited<ReturnType<typeof openInstance>>;

/** The database that is configured, opened under a name no other process has. */
export async function storageFor(
  config: Config,
  { random, onBackgroundError }: Pick<Ports, 'random' | 'onBackgroundError'>,
): Promise<Storage> {
  const { databaseUrl, dataDir } = config;
  try {
    return await openStorage({
      databaseUrl,
      dataDir,
      poolSize: config.databasePoolSize,
      nodeName: Buffer.from(random(8)).toString('hex'),
      onBackgroundError,
    });
  } catch (cause) {
    // What a driver says names no setting.
    const fix =
      databaseUrl === ''
        ? `SQLite cannot open its file in ${dataDir}. Set FLUXGATE_DATA_DIR to a folder on a local disk that this user may write to, and that holds no other fluxgate.db.`
        : 'PostgreSQL cannot be reached as FLUXGATE_DATABASE_URL says. Look whether it runs there, and whether host, port, user, password and database are right.';
    throw new Error(fix, { cause });
  }
}

/** Opens the database, brings it up to date, and wires core by hand, top to bottom. */
export async function openInstance(config: Config, ports: Ports) {
  const storage = await storageFor(config, ports);
  try {
    return await wire(config, ports, storage);
  } catch (error) {
    await storage.close().catch(() => undefined);
    throw error;
  }
}

async function wire(config: Config, ports: Ports, opened: Storage) {
  const { clock, random, onBackgroundError } = ports;
  const chance: Chance = { clock, random };
  await migrate(opened, migrations, clock);
  const keySource = { configured: config.instanceKey, dataDir: config.dataDir };
  const sealer = await bindInstanceKey(opened.db, {
    found: readInstanceKey(keySource, random),
    make: () => loadInstanceKey(keySource, random),
  });
  const tellsTokens = config.internalSecret !== undefined;
  const events = createEvents({
    ...{ ...chance, storage: opened, sealer, tellsTokens, onBackgroundError },
    // A listener is let go a moment after its key.
    isHeard: (tx, projectId) => hadKeys(tx, { projectId, since: clock() - LISTENS_ON_MS }),
  });
  const storage = events.watching(opened);
  const project = await ensureDefaultProject(storage.db, chance);

  const hasher = createPasswordHasher({
    cost: { memoryCost: config.passwordMemoryKib, timeCost: config.passwordPasses, parallelism: 1 },
    threads: config.passwordThreads === 0 ? availableParallelism() : config.passwordThreads,
    places: config.passwordPlaces,
  });
  const { isBreached, canReceiveMail } = createLookups({ ...config, clock, onBackgroundError });
  const siteWords = [config.siteName, ...new URL(config.publicUrl).hostname.split('.')];
  const passwords = createPasswordKeeper({ hasher, clock, siteWords, isBreached });
  const audit = createAuditor(chance);
  const { close: closeProjects, ...projectParts } = wireProjects({
    ...{ ...chance, storage, sealer, audit, events, onBackgroundError },
    projectId: project.id,
  });
  const { projects, signingKeys } = projectParts;
  const surfaceProjects = await findSurfaceProjects(config, { projects, project });
  const relyingPartyOf = createRelyingParties({
    ...{ ...config, projects },
    servedIds: [project.id, surfaceProjects.fluxer],
  });
  const counters = createCounters({ storage, clock, enabled: config.rateLimits });
  const keepsMail = config.devMailbox === 'auto' ? config.smtpUrl === '' : config.devMailbox;
  const devMailbox = keepsMail ? createDevMailbox({ ...chance, storage, sealer }) : null;
  const verifier = smsVerifierFor({ ...chance, config, storage, devMailbox });
  const hourlyLimit = config.smsHourlyLimit;
  const codes = createPhoneCodes({ storage, clock, counters, audit, verifier, hourlyLimit });
  const snowflakes = createSnowflakes(createNodeNumbers(storage.db, storage.nodeName), clock);
  const geo = await openGeo({ path: config.geoipDbPath, clock, onBackgroundError });
  const places = createPlaces({
    ...{ storage, clock, geo, audit },
    areAskedAbout: config.requireNewPlaceApproval,
  });
  const outbox = createOutbox({ storage, sealer, ...chance });
  const notices = createNotices({ ...chance, outbox, siteName: config.siteName, projectId: project.id });
  const beforeGate = {
    ...{ ...chance, config, sealer, audit, snowflakes, notices, places },
    systemClock: ports.systemClock,
    onSsoFailure: ports.onSsoFailure,
  };
  const upstream = createUpstream(beforeGate);
  const social = wireSocial({ ...beforeGate, ...projectParts });
  const methods = createMethods({
    ...{ ...chance, hasher, sealer, codes, relyingPartyOf, ...upstream, ...social },
    mailboxes: lateMailboxes(() => flux.mailboxes),
  });
  const factors = createFactors(storage, methods);
  const sms = createSmsKeeper(chance);

  const puzzle = createPuzzle(config, { ...chance, key: sealer, addresses: ports.captchaAddresses });
  const captcha = createCaptcha({
    storage,
    provider: puzzle?.provider ?? null,
    onFailure: ports.onCaptchaFailure,
  });
  const sender = await pushSenderFor({ ...chance, config, storage, sealer });
  const pushDevices = createPushDevices({ ...chance, storage, sealer, audit, sender });
  const idleMs = config.sessionIdleHours * HOUR;
  const flectoIdleMs = config.flectoRefreshTokenHours * HOUR;
  const sessions = createSessions({
    ...chance,
    storage,
    audit,
    events,
    onBackgroundError,
    lives: {
      fluxer: { idleMs, absoluteMs: null },
      pages: { idleMs, absoluteMs: config.pagesAbsoluteHours * HOUR },
      flecto: { idleMs: flectoIdleMs, absoluteMs: config.flectoAbsoluteHours * HOUR },
    },
    fluxLifeOf: (projectId) => sessionLifeOf(projects, projectId),
  });
  const contacts = createContacts({ ...chance, storage, outbox, counters, audit, factors, places, sessions });
  const minimumAgeAt = createMinimumAge(config, (address) => geo.find(address)?.countryCode ?? null);
  const conclude = createConclude({
    ...chance,
    sealer,
    outbox,
    audit,
    notices,
    sessions,
    places,
    methods,
    requireVerifiedEmail: config.requireVerifiedEmail,
    requireSecondFactor: config.requireMfa,
    requireNewPlaceApproval: config.requireNewPlaceApproval,
  });
  const gate = createGate({
    storage,
    clock,
    counters,
    audit,
    contacts,
    sessions,
    methods,
    judge: createJudge({ storage, counters, audit, places }),
    conclude,
    elevatedMs: config.sudoModeMinutes * MINUTE,
  });
  const sso = createSso({ db: storage.db, gate, ...upstream });
  const approvals = createApprovals({ storage, clock, sealer, outbox, audit, places, conclude });
  const common = { ...chance, storage, audit, gate, passwords, places, snowflakes };
  const registration = createRegistration({
    ...common,
    outbox,
    counters,
    contacts,
    canReceiveMail,
    minimumAgeAt,
  });
  const setup = createSetup(common);
  const userRights = createUserRights({ storage, clock, audit });
  const provisioning = createProvisioning({ ...common, outbox, contacts, userRights });
  const givenPasswords = createGivenPasswords({ ...common, notices, sessions });
  const handoffs = createHandoffs({ ...chance, storage, sealer, counters, audit, places, sessions });
  const factorChanges = createFactorChanges({ factors, audit, notices });
  const passkeys = createPasskeys({
    storage,
    audit,
    sessions,
    changes: factorChanges,
    keeper: createPasskeyKeeper({ ...chance, relyingPartyOf }),
  });
  const keepers = {
    totp: createTotpKeeper({ ...chance, sealer }),
    sms,
    recoveryCodes: createRecoveryCodeKeeper({ random, sealer }),
    changes: factorChanges,
  };
  const phones = createPhones({ ...chance, storage, counters, audit, codes, factors, ...keepers });
  const secondFactors = createSecondFactors({ storage, counters, audit, gate, factors, ...keepers });
  const recovering = { ...common, canReceiveMail, outbox, counters, notices, sessions, factors };
  const recovery = createRecovery(recovering);
  const notMe = createNotMe({ storage, clock, outbox, audit, sessions, places });
  const mailedCodes = createMailedCodes({ ...chance, outbox });
  const changing = { ...chance, storage, outbox, counters, audit, codes: mailedCodes };
  const emailChanges = createEmailChanges({ ...changing, canReceiveMail, notices, sealer });
  const passwordChanges = createPasswordChanges({ ...changing, recovery });
  const profiles = createProfiles({ ...chance, storage, counters, audit });
  const departures = createDepartures({
    storage,
    clock,
    outbox,
    audit,
    sessions,
    passwords,
    graceHours: config.deletionGracePeriodHours,
  });
  const users = createUsers({ storage, audit, sessions });
  const roles = createRoles({ ...chance, storage, audit });
  const apiTokens = createApiTokens({ ...chance, storage, audit, onBackgroundError });
  const factorRemoval = createFactorRemoval({ storage, audit, notices, factors, sessions });

  const sites = createSites({ ...chance, storage, audit });
  const contents = createContents({
    ...{ storage, clock, audit },
    pageLimits: { each: config.pageSizeLimitBytes, all: config.pagesSizeLimitBytes },
  });
  const agents = createAgents({ storage, clock, audit, offlineAfterMs: config.agentOfflineHours * HOUR });

  const flux = wireFlux({ ...recovering, ...projectParts, ...social, phones, secondFactors, ...keepers });

  const deliveries = createDeliveries({
    ...{ config, storage, sealer, clock, devMailbox, contacts, recovery, pushDevices, onBackgroundError },
    ...{ projects, projectId: project.id, magicLinks: flux.magicLinks },
    onFailure: ports.onDeliveryFailure,
  });

  return {
    clock,
    storage,
    sealer,
    project,
    hasher,
    counters,
    captcha,
    puzzle,
    factors,
    events,
    sessions,
    contacts,
    gate,
    sso,
    approvals,
    sudoSecret: config.sudoModeSecret ? Buffer.from(config.sudoModeSecret) : sealer.derive('sudo-mode'),
    flectoKey: config.flectoJwtSecret ? Buffer.from(config.flectoJwtSecret) : sealer.derive('flecto-jwt'),
    registration,
    setup,
    recovery,
    notMe,
    secondFactors,
    profiles,
    places,
    handoffs,
    users,
    ...projectParts,
    ...flux,
    apiTokens,
    roles,
    userRights,
    provisioning,
    givenPasswords,
    factorRemoval,
    departures,
    passkeys,
    relyingPartyOf,
    surfaceProjects,
    emailChanges,
    passwordChanges,
    phones,
    sites,
    contents,
    agents,
    devMailbox,
    deliveries,
    outboxWorker: deliveries.outboxWorker,
    pushDevices,
    clean: createCleaning({
      storage,
      clock,
      counters,
      handoffs,
      departures,
      signingKeys,
      sessionsIdleMs: Math.max(idleMs, flectoIdleMs),
    }),
    async close(): Promise<void> {
      await deliveries.stop();
      sites.close();
      await sessions.close();
      await closeProjects();
      await apiTokens.close();
      await hasher.close();
      await storage.close();
    },
  };
}
