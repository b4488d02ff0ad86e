import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { HOUR, SECOND } from './chance.ts';
import type { Config } from './config/index.ts';
import { pooled } from './crypto/index.ts';
import { followUnused } from './http/index.ts';
import { type Instance, openInstance, type Ports } from './instance.ts';
import { mount } from './mount.ts';
import { createMetrics } from './surfaces/operations/index.ts';

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

const CLEAN_EVERY_MS = HOUR;
const SWEEP_EVERY_MS = 50;
const CLEANED_WITHIN_MS = 3 * SECOND;

/** The composition root: everything is wired in `instance.ts` and `mount.ts`, by hand, top to bottom. */
export async function createServer({ config, logger, ports = {} }: ServerOptions): Promise<Server> {
  const clock = ports.clock ?? Date.now;
  const random = ports.random ?? pooled(randomBytes);
  const metrics = createMetrics({ hashesWaiting: () => instance.hasher.waiting });
  const instance: Instance = await openInstance(config, {
    clock,
    random,
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
  const app = createApp({ publicUrl: config.publicUrl, logger, random });
  const unused = followUnused(app.server);
  let stopping: Promise<void> | null = null;
  metrics.observe(app);
  await mount(app, { config, instance, clock, random, metrics, isStopping: () => stopping !== null });
  await app.ready();

  let cleaned: Promise<void> = Promise.resolve();
  const cleaning = setInterval(() => {
    cleaned = instance.clean().catch((error: unknown) => logger.error({ err: error }, 'cleaning failed'));
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
    // Cut off, it would keep the lease, and the other nodes from cleaning.
    await Promise.race([cleaned, wait(CLEANED_WITHIN_MS, undefined, { ref: false })]);
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
