import { z } from 'zod';
import { ownSecret, text, whole } from './kinds.ts';
import { setting } from './setting.ts';

/** A header's name (RFC 9110), and none that a browser, a proxy or Node gives a meaning of its own. */
const headerName = text.pipe(
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'use the name of a header, such as X-Flecto-Authorization')
    .refine(
      (name) =>
        !/^(cookie|set-cookie|host|origin|referer|connection|content-.*|transfer-encoding|accept.*|x-forwarded-.*|cf-.*)$/i.test(
          name,
        ),
      'use a header that has no other meaning',
    ),
);

/** What Flecto's API can be told (Flecto contract A13). */
export const flectoSettings = {
  flectoJwtSecret: setting({
    path: 'flecto.jwt_secret',
    schema: ownSecret,
    default: undefined as string | undefined,
    secret: true,
    about:
      "Signs the tokens of Flecto's API; the same on all nodes, at least 32 bytes. Another one ends all of its sign-ins at once. Unset: derived from the instance key.",
  }),
  flectoJwtIssuer: setting({
    path: 'flecto.jwt_issuer',
    schema: text.pipe(z.string().min(1, 'use a name').max(255)),
    default: 'flecto-manager',
    about: 'What those tokens name as their issuer; tokens that name another one are refused.',
  }),
  flectoAccessTokenMinutes: setting({
    path: 'flecto.access_token_minutes',
    schema: whole(1, 1_440),
    default: 15,
    about:
      'How long an access token of that API lives. A shorter time also holds for those given out before.',
  }),
  flectoRefreshTokenHours: setting({
    path: 'flecto.refresh_token_hours',
    schema: whole(1, 8_760),
    default: 24,
    about:
      'How long a refresh token of that API lives; a sign-in that was not used this long has ended. A shorter time also holds for those given out before.',
  }),
  flectoAbsoluteHours: setting({
    path: 'flecto.absolute_hours',
    schema: whole(1, 87_600),
    default: 720,
    about: 'A sign-in at that API ends this long after it was made, however often it is refreshed.',
  }),
  flectoHeaderName: setting({
    path: 'flecto.header_name',
    schema: headerName,
    default: 'Authorization',
    about: 'Header that API reads `Bearer …` from.',
  }),
};
