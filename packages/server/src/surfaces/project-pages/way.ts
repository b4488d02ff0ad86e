import type { FastifyRequest } from 'fastify';
import { type Clock, HOUR } from '../../chance.ts';
import { ledBackTo, mayLeadTo, type Project } from '../../core/project/index.ts';
import { isCodeChallenge } from '../../core/return-code/index.ts';
import { type Sealer, tokenHash } from '../../crypto/index.ts';

/** Where an app wants its visitor back, and what binds the code to it: what a visit of these pages is for. */
export interface Way {
  redirectUrl: string;
  /** Echoed; null where the app sent none. */
  state: string | null;
  /** RFC 7636, S256. */
  codeChallenge: string;
  until: number;
}

/** Why nobody can be led back from here; the words are for whoever wrote the app. */
export type Astray =
  | 'nowhere'
  | 'redirect-repeated'
  | 'redirect-refused'
  | 'challenge-missing'
  | 'challenge-refused'
  | 'state-refused';

/** A visit as a text: nobody but this server reads or writes one. */
export interface Ways {
  /** What an app's link asks for. */
  asked(request: FastifyRequest, project: Project): Way | Astray;
  /** For a hidden field or a cookie; `purpose` keeps the two apart. */
  seal(project: Project, way: Way): string;
  /** Null for what was sealed elsewhere or for another project, is over, or leads where nobody may be led any more. */
  open(project: Project, sealed: string): Way | null;
}

const SEAL = 'project-pages-way';
/** How long a page may stand open before its form is sent. */
const LIFE_MS = HOUR;
/** VSCHAR of RFC 6749, appendix A.5: what a state may be made of. */
const STATE = /^[\x20-\x7e]{0,500}$/;

interface Kept {
  project: string;
  /** The address as its hash: it is found in the project's list, so one that was taken off the list leads nowhere. */
  to: string;
  state: string | null;
  challenge: string;
  until: number;
}

export function createWays({ sealer, clock }: { sealer: Sealer; clock: Clock }): Ways {
  return {
    asked(request, project) {
      const query = request.query as Record<string, unknown>;
      const { redirect_url, state, code_challenge, code_challenge_method: method = 'S256' } = query;
      if (redirect_url === undefined) return 'nowhere';
      if (typeof redirect_url !== 'string') return 'redirect-repeated';
      if (!mayLeadTo(project, redirect_url)) return 'redirect-refused';
      if (code_challenge === undefined) return 'challenge-missing';
      if (typeof code_challenge !== 'string' || !isCodeChallenge(code_challenge) || method !== 'S256')
        return 'challenge-refused';
      if (state !== undefined && (typeof state !== 'string' || !STATE.test(state))) return 'state-refused';
      const until = clock() + LIFE_MS;
      return { redirectUrl: redirect_url, state: state ?? null, codeChallenge: code_challenge, until };
    },
    seal({ id }, { redirectUrl, state, codeChallenge, until }) {
      const kept: Kept = { project: id, to: tokenHash(redirectUrl), state, challenge: codeChallenge, until };
      return sealer.seal(SEAL, JSON.stringify(kept));
    },
    open({ id, settings }, sealed) {
      const kept = opened(sealer, sealed);
      if (kept?.project !== id || clock() >= kept.until) return null;
      const redirectUrl = settings.redirect_urls.find((url) => tokenHash(url) === kept.to);
      if (redirectUrl === undefined) return null;
      return { redirectUrl, state: kept.state, codeChallenge: kept.challenge, until: kept.until };
    },
  };
}

function opened(sealer: Sealer, sealed: string): Kept | null {
  try {
    return JSON.parse(sealer.open(SEAL, sealed)) as Kept;
  } catch {
    return null;
  }
}

/** The same visit at another page. */
export function queryOf({ redirectUrl, state, codeChallenge }: Way): string {
  const asked = { redirect_url: redirectUrl, code_challenge: codeChallenge };
  return String(new URLSearchParams({ ...asked, ...(state !== null && { state }) }));
}

export function backBy({ redirectUrl, state }: Way, told: Record<string, string>): string {
  return ledBackTo(redirectUrl, { ...told, state: state ?? undefined });
}
