import { z } from 'zod';
import type { Chance } from '../../chance.ts';
import { createHs256, randomBase62 } from '../../crypto/index.ts';
import { parseJsonBody } from '../../http/index.ts';

/** How the person signed in; kept over every refresh (contract A16). */
export type AuthType = 'basic' | 'openid';

/** What a token says (contract A4), besides what is the same in all: `iss`, and `sub`, which is the username again. */
export interface Claims {
  type: 'access' | 'refresh';
  /** The session. */
  sid: string;
  /** Of a refresh token the session's present secret, so that spending it is one conditional statement. */
  jti: string;
  uid: number;
  username: string;
  authType: AuthType;
  /** Names of roles that a provider gave; without a key where there are none. */
  roles?: string[] | undefined;
  /** Seconds since 1970. */
  iat: number;
  exp: number;
}

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** Seconds since 1970: the end of the access token. */
  expiresAt: number;
}

interface Issued {
  session: { id: string; token: string };
  user: { number: number; username: string };
  authType: AuthType;
  roles: readonly string[];
}

/** The two tokens of contract A4 as texts. Whether their session is alive is not theirs to say. */
export interface FlectoTokens {
  issue(of: Issued): TokenPair;
  /** What a token of ours that is in its time says; null for everything else, and no word on why. */
  read(token: string): Claims | null;
}

interface Dependencies extends Chance {
  /** HS256; at least 32 bytes. */
  key: Uint8Array;
  issuer: string;
  accessSeconds: number;
  refreshSeconds: number;
}

const MAX_LENGTH = 8_192;
/** Another node's clock may be ahead by this much. */
const SKEW_SECONDS = 60;
/** About 131 bits: no two access tokens are the same text. */
const ACCESS_ID_LENGTH = 22;

const seconds = z.int().nonnegative();
const claims = z.object({
  iss: z.string(),
  type: z.enum(['access', 'refresh']),
  sid: z.string().min(1),
  jti: z.string().min(1),
  uid: seconds,
  username: z.string(),
  authType: z.enum(['basic', 'openid']),
  roles: z.array(z.string()).optional(),
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
  // Ours are for nobody else, and what is for somebody else is not ours.
  aud: z.never().optional(),
});

export function createTokens(deps: Dependencies): FlectoTokens {
  const { clock, random, issuer } = deps;
  const signed = createHs256(deps.key);
  const lives = { access: deps.accessSeconds, refresh: deps.refreshSeconds };

  function mint(
    type: Claims['type'],
    jti: string,
    { session, user, authType, roles }: Issued,
  ): { token: string; exp: number } {
    const iat = Math.floor(clock() / 1000);
    const exp = iat + lives[type];
    const token = signed.sign({
      iss: issuer,
      sub: user.username,
      iat,
      exp,
      jti,
      sid: session.id,
      uid: user.number,
      username: user.username,
      authType,
      type,
      ...(roles.length > 0 && { roles }),
    });
    return { token, exp };
  }

  return {
    issue(of) {
      const access = mint('access', randomBase62(random, ACCESS_ID_LENGTH), of);
      const refresh = mint('refresh', of.session.token, of);
      return { accessToken: access.token, refreshToken: refresh.token, expiresAt: access.exp };
    },
    read(token) {
      if (token.length > MAX_LENGTH) return null;
      const payload = signed.open(token);
      const said = payload === null ? null : claimsIn(payload);
      if (said === null || said.iss !== issuer) return null;
      const now = clock() / 1000;
      // A life that was shortened since holds for what was given out before, too.
      const end = Math.min(said.exp, said.iat + lives[said.type]);
      const begin = Math.max(said.iat, said.nbf ?? 0) - SKEW_SECONDS;
      return begin <= now && now < end ? said : null;
    },
  };
}

function claimsIn(payload: string): z.output<typeof claims> | null {
  try {
    const parsed = claims.safeParse(parseJsonBody(payload));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
