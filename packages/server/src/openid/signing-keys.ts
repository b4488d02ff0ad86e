import type { ExportedJWKSCache } from 'openid-client';
import { type Clock, MINUTE } from '../chance.ts';

/** As a provider shows it; `issuer` is Microsoft's own word. */
export type SigningKey = Readonly<Record<string, unknown>>;

/** So that answers with bad signatures, be they ever so many, make us ask no more often. */
const MAX_RENEWALS_A_MINUTE = 3;

/**
 * A provider's keys, between one sign-in and the next. The library asks for new ones when those here are five minutes old, or
 * one old when none fits; a provider that has just changed its keys is asked before that.
 */
export function createSigningKeys({ clock, ask }: { clock: Clock; ask(uri: string): Promise<Response> }) {
  let kept: ExportedJWKSCache | undefined;
  let asking: Promise<Response> | null = null;
  let renewals: number[] = [];

  return {
    get kept() {
      return kept;
    },
    keep(found: ExportedJWKSCache | undefined): void {
      kept = found ?? kept;
    },
    /** Those of now, asked for once for all who come at the same time; null when that was done too often of late. */
    async renewed(uri: string): Promise<Response | null> {
      if (!asking) {
        const now = clock();
        renewals = renewals.filter((at) => at > now - MINUTE && at <= now);
        if (renewals.length >= MAX_RENEWALS_A_MINUTE) return null;
        renewals.push(now);
        asking = ask(uri).finally(() => {
          asking = null;
        });
      }
      return (await asking).clone();
    },
  };
}

/**
 * Whether the key that has signed signs for this token's issuer. One document lists keys of several, and a key of people without a
 * tenant must not sign for those of one. A key that names none signs for all.
 */
export function isKeysIssuer(
  { iss, tid }: Readonly<Record<string, unknown>>,
  keyId: unknown,
  keys: readonly SigningKey[],
): boolean {
  const fitting = keys.filter(({ kid }) => keyId === undefined || kid === keyId);
  const isItsOwn = (issuer: unknown) =>
    typeof issuer === 'string' && issuer.replace('{tenantid}', String(tid)) === iss;
  return fitting.length > 0 && fitting.every(({ issuer }) => issuer === undefined || isItsOwn(issuer));
}
