import { createHash } from 'node:crypto';

/** Users, each with one session. The server's seed and the load generators derive the same ones from a number. */
export const PEOPLE = 5_000;
/** After them come those who also have an authenticator app, and no session. */
export const APP_PEOPLE = 3_000;
/** The secret of all their apps, in base32. */
export const APP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const PASSWORD = 'correct horse battery staple';

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

/** As the server makes them: `flecto_` and 43 characters; there are as many of them as sessions. */
export function apiTokenOf(agent: number): string {
  return `flecto_${createHash('sha256').update(`bench agent ${agent}`).digest('base64url')}`;
}

/** An address in a /24 of its own: counters of tries go by network. */
export function addressIn(network: number): string {
  return `10.${network >> 8}.${network & 255}.7`;
}

/** The network a person signs in from, and has approved. Those of the session checks are left alone. */
export function homeOf(person: number): number {
  return PEOPLE + person;
}

/** As the server names it. */
export function networkIn(network: number): string {
  return `10.${network >> 8}.${network & 255}.0/24`;
}
