import { hash } from '@node-rs/argon2';
import { NAMESPACE, SITE } from '../checks.ts';
import {
  APP_PEOPLE,
  APP_SECRET,
  apiTokenOf,
  emailOf,
  homeOf,
  networkIn,
  PASSWORD,
  PEOPLE,
  tokenOf,
  userIdOf,
  usernameOf,
} from '../people.ts';
import { type Server, tokenHash } from './built.ts';

/** Few enough that one statement stays below SQLite's 32,766 parameters. */
const ROWS_PER_STATEMENT = 1_000;
/** A session check notes its session's last use when the noted one is this old. */
const LAST_USE_IS_COARSE_MS = 60_000;

type Instance = Server['instance'];

/**
 * Accounts with a confirmed address, one approved place, one password and one session each. The last uses are spread over the past
 * minute, so that the writes that session checks cause do not come all at once.
 */
export async function seed({ storage, project, sealer }: Instance, passwordHash: string): Promise<void> {
  const sealedSecret = sealer.seal('totp', APP_SECRET);
  const now = Date.now();
  await storage.transaction(async (tx) => {
    for (let first = 0; first < PEOPLE + APP_PEOPLE; first += ROWS_PER_STATEMENT) {
      const haveApps = first >= PEOPLE;
      const people = Array.from({ length: ROWS_PER_STATEMENT }, (_, i) => first + i);
      await tx
        .insertInto('user')
        .values(people.map((person) => userRow(person, project.id, { now, haveApps })))
        .execute();
      await tx
        .insertInto('profile')
        .values(people.map((person) => profileRow(person, project.id)))
        .execute();
      await tx
        .insertInto('contact')
        .values(people.map((person) => contactRow(person, project.id, now)))
        .execute();
      await tx
        .insertInto('password_credential')
        .values(people.map((person) => ({ user_id: userIdOf(person), hash: passwordHash, changed_at: now })))
        .execute();
      await tx
        .insertInto('authorised_place')
        .values(people.map((person) => placeRow(person, now)))
        .execute();
      if (haveApps) {
        const credential = { sealed: sealedSecret, last_used_step: 0, confirmed_at: now, created_at: now };
        await tx
          .insertInto('totp_credential')
          .values(people.map((person) => ({ user_id: userIdOf(person), ...credential })))
          .execute();
        continue;
      }
      await tx
        .insertInto('session')
        .values(people.map((person) => sessionRow(person, project.id, now)))
        .execute();
    }
  });
}

/** A site, and API tokens with the three rows that an agent of it needs. */
export async function seedAgents({ storage, project, sites }: Instance): Promise<void> {
  const actor = { userId: null, sessionId: null, origin: null };
  const namespace = { projectId: project.id, namespace: NAMESPACE };
  await sites.createNamespace({ ...namespace, name: 'Bench', actor });
  await sites.create({ ...namespace, site: SITE, name: 'Shop', actor });
  const now = Date.now();
  await storage.transaction(async (tx) => {
    for (let first = 0; first < PEOPLE; first += ROWS_PER_STATEMENT) {
      const agents = Array.from({ length: ROWS_PER_STATEMENT }, (_, i) => first + i);
      const tokens = agents.map((agent) => tokenRow(agent, project.id, now));
      await tx.insertInto('api_token').values(tokens).execute();
      const own = { project_id: project.id, code: null, user_id: null, created_at: now, updated_at: now };
      const roles = tokens.map(({ id }) => ({ ...own, id: `role_${id}`, token_id: id }));
      await tx.insertInto('role').values(roles).execute();
      const rows = roles.flatMap(({ id }) => rowsOf(id));
      await tx.insertInto('role_resource_row').values(rows).execute();
    }
  });
}

function tokenRow(agent: number, project_id: string, now: number) {
  const token = apiTokenOf(agent);
  const name = `bench_agent_${String(agent).padStart(5, '0')}`;
  return {
    id: `tok_${name}`,
    project_id,
    name,
    token_hash: tokenHash(token),
    preview: `${token.slice(0, 11)}...${token.slice(-4)}`,
    expires_at: null,
    created_at: now,
    updated_at: now,
    last_used_at: lastUseOf(agent, now),
  };
}

function rowsOf(role_id: string) {
  const on = { role_id, namespace: NAMESPACE, site: SITE };
  return [
    { ...on, resource: 'redirect', action: 'read' },
    { ...on, resource: 'page', action: 'read' },
    { ...on, resource: 'agent', action: 'write' },
  ];
}

function lastUseOf(asker: number, now: number): number {
  return now - Math.floor((asker / PEOPLE) * LAST_USE_IS_COARSE_MS);
}

/** At the cost the server is set to: another one would be renewed at the first sign-in. */
export async function hashPassword(cost: { memoryCost: number; timeCost: number }): Promise<string> {
  return await hash(PASSWORD, { ...cost, parallelism: 1 });
}

function userRow(person: number, projectId: string, { now, haveApps }: { now: number; haveApps: boolean }) {
  return {
    id: userIdOf(person),
    project_id: projectId,
    status: 'active' as const,
    suspended_reason: null,
    suspended_until: null,
    created_at: now,
    password_changed_at: now,
    last_seen_at: now,
    factors: haveApps ? 'totp' : '',
    suspicion: 0,
    mfa_required: 0,
  };
}

function profileRow(person: number, projectId: string) {
  return {
    user_id: userIdOf(person),
    project_id: projectId,
    username: usernameOf(person),
    username_normal: usernameOf(person),
    discriminator: 1234,
    global_name: null,
    bio: null,
    pronouns: null,
    accent_color: null,
    date_of_birth: '1990-05-17',
    preferences: '{}',
  };
}

function contactRow(person: number, projectId: string, now: number) {
  return {
    id: `con_bench_${person}`,
    project_id: projectId,
    user_id: userIdOf(person),
    kind: 'email' as const,
    address: emailOf(person),
    address_normal: emailOf(person),
    verified_at: now,
    is_primary: 1,
    created_at: now,
  };
}

function placeRow(person: number, now: number) {
  return {
    user_id: userIdOf(person),
    place_key: networkIn(homeOf(person)),
    label: null,
    created_at: now,
    last_used_at: now,
  };
}

function sessionRow(person: number, projectId: string, now: number) {
  return {
    id: `sess_bench_${person}`,
    project_id: projectId,
    user_id: userIdOf(person),
    surface: 'fluxer' as const,
    token_hash: tokenHash(tokenOf(person)),
    created_at: now - LAST_USE_IS_COARSE_MS,
    last_used_at: lastUseOf(person, now),
    elevated_until: null,
    address: '127.0.0.1',
    network: '127.0.0.0/24',
    user_agent: null,
    is_desktop: 0,
    is_multi_factor: 0,
  };
}
