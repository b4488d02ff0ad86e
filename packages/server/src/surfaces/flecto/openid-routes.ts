import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { isAuthError } from '../../core/errors.ts';
import { originOf } from '../../http/index.ts';
import { buckets } from './buckets.ts';
import { answerErrors, answers, atCallback, FlectoError, toldInAddress } from './errors.ts';
import { prefersJson } from './prefers-json.ts';
import type { LoginAnswer } from './present.ts';
import * as schemas from './schemas.ts';
import type { FlectoRoutes } from './surface.ts';

/** Contract A10. */
const COOKIE = 'openid_state';
/** The same once more over https, where a site on a neighbouring host can plant a cookie, but none of this name (RFC 6265bis). */
const OWN_COOKIE = `__Host-${COOKIE}`;
const COOKIE_SECONDS = 300;
const AT_LOGIN = '/login';
const SIGNED_IN = '/login/callback';

const answerCoded = answerErrors('coded');

/** Contract A10: signing in at the OpenID provider. */
export const openidRoutes: FlectoRoutes = (scope, deps) => {
  const { projectId, proxies, logins, sso } = deps;
  const isHttps = deps.publicUrl.startsWith('https:');
  const cookies = isHttps ? [COOKIE, OWN_COOKIE] : [COOKIE];
  const attributes = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps,
    // As it is: the contract's cookie is the state itself, and its padding may stand in one.
    encode: String,
  } as const;
  const rules = { asks: 'nobody', bucket: buckets.openid } as const;

  /** The browser's half of the state; an empty one takes it away. */
  function keepState(reply: FastifyReply, state: string): void {
    const maxAge = state === '' ? 0 : COOKIE_SECONDS;
    for (const name of cookies) void reply.setCookie(name, state, { ...attributes, maxAge });
  }

  /** Tokens stand in the address afterwards: nobody keeps the answer, and nobody is told where it came from. */
  function keepQuiet(reply: FastifyReply): void {
    void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  }

  async function signIn(request: FastifyRequest, query: CallbackQuery): Promise<LoginAnswer> {
    const code = single(query.code);
    const state = single(query.state);
    const error = single(query.error);
    if (!code && error) throw new FlectoError(answers.atProvider(error, single(query.error_description)));
    if (!code) throw new FlectoError(answers.codeMissing);
    const result = await sso.finish({
      projectId,
      surface: 'flecto',
      state,
      keptState: request.cookies[isHttps ? OWN_COOKIE : COOKIE] ?? null,
      query: new URL(request.url, deps.publicUrl).search,
      origin: originOf(request, proxies),
    });
    return await logins.answer(result);
  }

  /** Also what the guard refuses, before the route begins: a browser is sent on whatever it was. */
  function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    keepQuiet(reply);
    const refusal = atCallback(error);
    // What cannot be read is nobody's way back from a provider.
    const isUnread = ((error as { statusCode?: number }).statusCode ?? 500) < 500;
    if (isUnread || !sso.describe() || prefersJson(request.headers.accept))
      return answerCoded(refusal, request, reply);
    if (!(refusal instanceof FlectoError || isAuthError(refusal)))
      request.log.error({ err: refusal }, 'request failed');
    const { query, fragment } = toldInAddress(refusal);
    return redirect(reply, AT_LOGIN, query, fragment);
  }

  scope.get(
    '/openid',
    {
      // A look by HEAD must not begin an attempt in place of the one that the browser has under way.
      exposeHeadRoute: false,
      config: { flecto: { ...rules, failure: 'Failed to generate auth URL' } },
      schema: {
        operationId: 'flecto_openid',
        summary: 'Whether people sign in at an OpenID provider, and where',
        response: { 200: schemas.openidResponse },
      },
    },
    async (_request, reply) => {
      keepQuiet(reply);
      const provider = sso.describe();
      if (!provider) return { enabled: false };
      const { state, url: authUrl } = await sso.begin({ projectId });
      keepState(reply, state);
      const { name, icon } = provider;
      return { enabled: true, ...(name !== null && { name }), ...(icon !== null && { icon }), authUrl };
    },
  );

  scope.get(
    '/openid/callback',
    {
      // A look by HEAD must not spend what is good once.
      exposeHeadRoute: false,
      errorHandler: refuse,
      config: { flecto: { ...rules, failure: 'Authentication failed' } },
      schema: {
        operationId: 'flecto_openid_callback',
        summary: 'Where the OpenID provider sends browsers back to',
        querystring: schemas.openidCallbackQuery,
        response: { 200: schemas.loginResponse, 307: schemas.openidRedirect },
      },
    },
    async (request, reply) => {
      keepQuiet(reply);
      if (!sso.describe()) throw new FlectoError(answers.notFound);
      if (single(request.query.code)) keepState(reply, '');
      const { user, tokens } = await signIn(request, request.query);
      if (prefersJson(request.headers.accept)) return { user, tokens };
      const { accessToken: access_token, refreshToken: refresh_token } = tokens;
      return redirect(reply, SIGNED_IN, { access_token, refresh_token });
    },
  );
};

type CallbackQuery = z.output<typeof schemas.openidCallbackQuery>;

/** A parameter that stands twice is as good as none: nobody can say which was meant. */
function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function redirect(
  reply: FastifyReply,
  path: string,
  query: Record<string, string>,
  fragment: Record<string, string> = {},
): FastifyReply {
  const hash = new URLSearchParams(fragment).toString();
  return reply.redirect(`${path}?${new URLSearchParams(query)}${hash && `#${hash}`}`, 307);
}
