import { randomBytes } from 'node:crypto';
import type { ServiceAddresses } from '../captcha/index.ts';
import { loadConfig } from '../config/index.ts';
import { createLogger } from '../logger.ts';
import { createServer, type Server } from '../server.ts';
import { Client, type Reply } from './client.ts';
import { ManualClock } from './clock.ts';
import { type Dialect, freshDatabase } from './databases.ts';
import { freePort } from './free-port.ts';

export interface WorldOptions {
  dialect: Dialect;
  /** Settings as an operator gives them, such as `{ FLUXGATE_RATE_LIMITS: 'off' }`. */
  env?: Record<string, string>;
  /** Share a database with another world: a second node. */
  database?: { databaseUrl: string; dataDir: string };
  clock?: ManualClock;
  /** Where a stand-in for a CAPTCHA service is asked. */
  captchaAddresses?: Partial<ServiceAddresses>;
}

interface Mail {
  id: string;
  to: string;
  kind: string;
  subject: string;
  text: string;
  links: string[];
  token: string;
  createdAt: string;
}

export const PASSWORD = 'correct horse battery staple';

export type World = Awaited<ReturnType<typeof createWorld>>;

/** A running server with a database of its own, spoken to over real HTTP. */
export async function createWorld(options: WorldOptions) {
  const { dialect, env = {}, database, clock = new ManualClock(), captchaAddresses } = options;
  const own = database ? null : await freshDatabase(dialect, { migrated: true });
  const { databaseUrl, dataDir } = database ?? own ?? { databaseUrl: '', dataDir: '' };
  const port = await freePort();
  const baseUrl = `http://localhost:${port}`;
  const config = loadConfig({
    cwd: dataDir,
    env: {
      FLUXGATE_HOST: 'localhost',
      FLUXGATE_PORT: String(port),
      FLUXGATE_DATA_DIR: dataDir,
      FLUXGATE_DATABASE_URL: databaseUrl,
      FLUXGATE_TRUSTED_PROXIES: 'loopback',
      // As cheap as the settings allow: what a hash costs is the benchmark's to show.
      FLUXGATE_PASSWORD_HASH_MEMORY_KIB: '7168',
      FLUXGATE_PASSWORD_HASH_PASSES: '1',
      FLUXGATE_PASSWORD_HASH_PLACES: '100',
      FLUXGATE_LOG_LEVEL: 'info',
      // Every client of a test has an address of its own; the tests about new places switch it on.
      FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'off',
      ...env,
    },
  });
  const logLines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void logLines.push(line) });
  const server: Server = await createServer({
    config,
    logger,
    ports: { clock: clock.now, captchaAddresses },
  });
  await server.listen();
  const direct = new Client(baseUrl);

  async function mails(to: string): Promise<Mail[]> {
    await server.instance.outboxWorker.settled();
    const list = await server.instance.devMailbox?.list(to);
    return (list ?? []).map((mail) => ({ ...mail, token: mail.token ?? '', createdAt: '' }));
  }

  async function newestMail(to: string, kind: string): Promise<Mail> {
    const found = (await mails(to)).find((mail) => mail.kind === kind);
    if (!found) throw new Error(`No mail of kind ${kind} to ${to}.`);
    return found;
  }

  async function register(
    client: Client,
    fields: Record<string, unknown> = {},
  ): Promise<Reply & { email: string }> {
    const email = (fields['email'] as string | undefined) ?? newEmail();
    const reply = await client.post('/v1/auth/register', {
      email,
      password: PASSWORD,
      date_of_birth: '1990-05-17',
      consent: true,
      ...fields,
    });
    return { ...reply, email };
  }

  return {
    server,
    instance: server.instance,
    config,
    clock,
    baseUrl,
    databaseUrl,
    dataDir,
    logLines,
    direct,
    client: (address?: string) => new Client(baseUrl, address),
    mails,
    newestMail,
    register,
    /** An account whose address is confirmed, and a client that is signed in to it. */
    async person(fields: Record<string, unknown> = {}) {
      const client = new Client(baseUrl);
      const { email, json } = await register(client, fields);
      const { user_id: userId } = json as { user_id: string };
      const { token } = await newestMail(email, 'email_verification');
      await client.post('/v1/auth/verify', { token });
      const signedIn = await client.post('/v1/auth/login', { email, password: PASSWORD });
      client.token = (signedIn.json as { token: string }).token;
      return { client, email, userId, password: PASSWORD };
    },
    async close(): Promise<void> {
      await server.stop();
      await own?.drop();
    },
  };
}

export function newEmail(): string {
  return `user-${randomBytes(6).toString('hex')}@example.com`;
}
