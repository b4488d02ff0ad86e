import { z } from 'zod';
import { type Chance, SECOND } from '../../chance.ts';
import { issuerOf, type Project } from '../../core/project/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { SigningKeys } from '../../core/signing-key/index.ts';
import { randomBase62 } from '../../crypto/index.ts';
import { parseJsonBody } from '../../http/index.ts';
import { methodReferences } from './present.ts';

/** What a token of a session says besides `iss` and `aud` (`docs/flux-wire.md`). */
export interface Claims {
  /** The user. */
  sub: string;
  /** The session. */
  sid: string;
  jti: string;
  /** Seconds since 1970. */
  iat: number;
  exp: number;
  mfa: boolean;
}

/** Session tokens as texts. Whether their session is alive is not theirs to say. */
export interface FluxTokens {
  issue(session: LiveSession, project: Project): Promise<string>;
  /**
   * What a token of this project says, and whether it is past its time; null for everything else, and no word on why.
   */
  read(token: string, project: Project): Promise<{ claims: Claims; isExpired: boolean } | null>;
}

interface Dependencies extends Chance {
  publicUrl: string;
  signingKeys: SigningKeys;
}

const MAX_LENGTH = 4_096;
/** Another node's clock may be ahead by this much. */
const SKEW_SECONDS = 60;
/** About 131 bits: no two tokens are the same text. */
const ID_LENGTH = 22;

const seconds = z.int().nonnegative();
const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().min(1),
  sid: z.string().min(1),
  jti: z.string().min(1),
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
  amr: z.array(z.string()),
  mfa: z.boolean(),
});

export function createTokens({ clock, random, publicUrl, signingKeys }: Dependencies): FluxTokens {
  return {
    async issue(session, project) {
      const { ttl_seconds, absolute_seconds } = project.settings.session;
      const iat = Math.floor(clock() / SECOND);
      const last = absolute_seconds === null ? Infinity : session.createdAt / SECOND + absolute_seconds;
      return await signingKeys.sign({
        iss: issuerOf(publicUrl, project.id),
        aud: project.id,
        sub: session.userId,
        sid: session.id,
        jti: randomBase62(random, ID_LENGTH),
        iat,
        exp: Math.min(iat + ttl_seconds, Math.floor(last)),
        amr: methodReferences(session),
        mfa: session.isMultiFactor,
      });
    },
    async read(token, project) {
      if (token.length > MAX_LENGTH) return null;
      const payload = await signingKeys.open(token);
      const claims = payload === null ? null : claimsIn(payload);
      if (claims?.aud !== project.id || claims.iss !== issuerOf(publicUrl, project.id)) return null;
      const now = clock() / SECOND;
      if (now < Math.max(claims.iat, claims.nbf ?? 0) - SKEW_SECONDS) return null;
      // A life that was shortened since holds for what was given out before, too (bug 35).
      const end = Math.min(claims.exp, claims.iat + project.settings.session.ttl_seconds);
      return { claims, isExpired: now >= end };
    },
  };
}

function claimsIn(payload: string): z.output<typeof claimsSchema> | null {
  try {
    const parsed = claimsSchema.safeParse(parseJsonBody(payload));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
