import { createHash } from 'node:crypto';

/** Users, each with one session. The server's seed and the load generators derive the same ones from a number. */
export const PEOPLE = 5_000;
export const PASSWORD = 'correct horse battery staple';

const NETWORKS = 65_536;

// Every text is as long for one person as for another, so that every answer has the same number of bytes.
const padded = (person: number) => String(person).padStart(5, '0');

export function userIdOf(person: number): string {
  return String(1_440_000_000_000_000_000n + BigInt(person));
}

export function usernameOf(person: number): string {
  return `bench_${padded(person)}`;
}

export function emailOf(person: number): string {
  return `bench-${padded(person)}@example.com`;
}

/** As the server makes them: `flx_` and 36 characters. */
export function tokenOf(person: number): string {
  return `flx_${createHash('sha256').update(`bench session ${person}`).digest('hex').slice(0, 36)}`;
}

/** An address in a /24 of its own: counters of tries go by network. */
export function addressIn(network: number): string {
  if (network >= NETWORKS) throw new Error('No /24 networks are left in 10.0.0.0/8 for this run.');
  return `10.${network >> 8}.${network & 255}.7`;
}
