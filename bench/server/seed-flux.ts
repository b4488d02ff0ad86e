import type { FluxCredentials } from '../checks.ts';
import { userIdOf } from '../people.ts';
import { type Server, tokenHash } from './built.ts';

/** Each is met again after this many renewals. */
const SESSIONS = 500;
/** A key may ask 2,000 times a second; together they are never the limit. */
const KEYS = 25;
const DAY_S = 86_400;

/** Sessions of the first people at an app of the default project, a token of each, and the keys of its servers. */
export async function seedFlux(
  { storage, project, projectKeys, signingKeys }: Server['instance'],
  publicUrl: string,
): Promise<FluxCredentials> {
  const actor = { userId: null, sessionId: null, origin: null };
  const keys: string[] = [];
  for (let n = 0; n < KEYS; n++) {
    const wanted = { projectId: project.id, kind: 'secret', name: `bench ${n}`, actor } as const;
    keys.push((await projectKeys.create(wanted)).plain);
  }
  const people = Array.from({ length: SESSIONS }, (_, person) => person);
  const now = Date.now();
  await storage.transaction(async (tx) => {
    const rows = people.map((person) => sessionRow(person, project.id, now));
    await tx.insertInto('session').values(rows).execute();
  });
  const iat = Math.floor(now / 1000) - 1;
  const tokens: string[] = [];
  for (const person of people) {
    const about = {
      iss: `${publicUrl}/flux/v1/projects/${project.id}`,
      aud: project.id,
      sub: userIdOf(person),
      sid: sessionIdOf(person),
    };
    const jti = `bench-token-${String(person).padStart(10, '0')}`;
    tokens.push(
      await signingKeys.sign({ ...about, jti, iat, exp: iat + 7 * DAY_S, amr: ['pwd'], mfa: false }),
    );
  }
  return { keys, tokens };
}

function sessionIdOf(person: number): string {
  return `sess_bench_flux_${String(person).padStart(5, '0')}`;
}

function sessionRow(person: number, projectId: string, now: number) {
  return {
    id: sessionIdOf(person),
    project_id: projectId,
    user_id: userIdOf(person),
    surface: 'flux' as const,
    token_hash: tokenHash(sessionIdOf(person)),
    created_at: now,
    last_used_at: now,
    elevated_until: null,
    address: '127.0.0.1',
    network: '127.0.0.0/24',
    user_agent: null,
    is_desktop: 0,
    methods: 'password',
    is_multi_factor: 0,
  };
}
