import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import SqliteFile from 'better-sqlite3';

/**
 * Asks `better-auth` whose session a request's cookies belong to, in this process and from a SQLite database in memory:
 * nothing waits for a disk or a network. `cookieCache` is its own way of not asking the database: a signed copy of the
 * session in a second cookie.
 */
export async function createPeer({ cookieCache }: { cookieCache: boolean }): Promise<() => Promise<void>> {
  const options = {
    database: new SqliteFile(':memory:'),
    secret: 'a secret of the benchmark and nobody else',
    baseURL: 'http://localhost:3000',
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: cookieCache, maxAge: 3_600 } },
    telemetry: { enabled: false },
    logger: { disabled: true },
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);
  const body = { email: 'bench@example.com', password: 'correct horse battery staple', name: 'Bench' };
  const { headers: answer } = await auth.api.signUpEmail({ body, returnHeaders: true });
  const cookie = answer
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return async () => {
    const found = await auth.api.getSession({ headers: new Headers({ cookie }) });
    if (found?.user.email !== body.email) throw new Error('better-auth does not know its own session.');
  };
}
