import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ledBackTo,
  mayLeadTo,
  PROVIDERS,
  type Project,
  type ProviderId,
  pagesReturnUrl,
} from '../../core/project/index.ts';
import type { ReturnError } from '../../core/social/index.ts';
import { createCookieJar, originOf } from '../../http/index.ts';
import { answerAsPage, answers, FluxError } from './errors.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** As long as an attempt, which a browser may begin several of at once. */
const COOKIE_SECONDS = 600;
const BROWSER_BYTES = 32;

/** Signing in at a provider (FX-15 to FX-17). A browser comes here by itself, so refusals are pages and there is no header. */
export const oauthRoutes: FluxRoutes = (scope, deps) => {
  const { projects, projectKeys, social, proxies, publicUrl, random } = deps;
  const isHttps = publicUrl.startsWith('https:');
  const cookie = createCookieJar({
    name: isHttps ? '__Host-flux_oauth' : 'flux_oauth',
    isHttps,
    maxAgeSeconds: COOKIE_SECONDS,
  });
  const options = {
    config: { flux: { needs: 'nothing' } },
    errorHandler: answerAsPage,
    // Whoever only looks must not end an attempt.
    exposeHeadRoute: false,
  } as const;

  async function projectIn(query: { key?: string | undefined; project_id?: string | undefined }) {
    const key = query.key === undefined ? null : await projectKeys.find(query.key);
    const id = key?.kind === 'publishable' ? key.projectId : query.project_id;
    const project = id === undefined ? null : await projects.find(id);
    if (!project) throw new FluxError(answers.invalidApiKey);
    return project;
  }

  /** What this browser alone keeps, so that nobody is signed in by an answer that was somebody else's. */
  function browserIn(request: FastifyRequest): string | null {
    const kept = cookie.read(request);
    return kept !== null && /^[\w-]{43}$/.test(kept) ? kept : null;
  }

  function leadBack(
    reply: FastifyReply,
    { redirectUrl, clientState }: { redirectUrl: string; clientState: string | null },
    told: { code: string } | { error: ReturnError },
  ): FastifyReply {
    const said = 'code' in told ? told : { error: told.error.replaceAll('-', '_') };
    return reply.redirect(ledBackTo(redirectUrl, { ...said, state: clientState ?? undefined }));
  }

  function allowed(project: Project | null, redirectUrl: string): Project {
    const isOurs = project !== null && redirectUrl === pagesReturnUrl(publicUrl, project);
    if (!project || (!isOurs && !mayLeadTo(project, redirectUrl)))
      throw new FluxError(answers.redirectNotAllowed);
    return project;
  }

  scope.get(
    '/oauth/:provider/start',
    {
      ...options,
      schema: {
        operationId: 'flux_oauth_start',
        summary: 'Where a page sends a browser that is to sign in at a provider',
        params: schemas.providerParams,
        querystring: schemas.oauthStartQuery,
        response: { 302: schemas.noContent },
      },
    },
    async (request, reply) => {
      const provider = providerIn(request.params);
      const { redirect_url: redirectUrl, state: clientState = null, ...query } = request.query;
      const project = allowed(await projectIn(query), redirectUrl);
      const browser = browserIn(request) ?? Buffer.from(random(BROWSER_BYTES)).toString('base64url');
      const attempt = { redirectUrl, clientState, codeChallenge: query.code_challenge };
      const begun = await social.begin({ project, provider, browser, ...attempt });
      void reply.header('referrer-policy', 'no-referrer');
      if ('error' in begun) return leadBack(reply, attempt, begun);
      cookie.write(reply, browser);
      return reply.redirect(begun.url);
    },
  );

  /** `callbackOf` is the project whose own callback it is; null at the one of all projects. */
  async function comeBack(
    request: FastifyRequest,
    reply: FastifyReply,
    { provider, callbackOf }: { provider: ProviderId; callbackOf: string | null },
  ): Promise<void> {
    const { search: query, searchParams } = new URL(request.url, publicUrl);
    const [state, another] = searchParams.getAll('state');
    const browser = browserIn(request);
    if (state === undefined || another !== undefined || browser === null)
      throw new FluxError(answers.invalidLink);
    const back = { provider, state, browser };
    const attempt = await social.find({ ...back, callbackOf });
    if (!attempt) throw new FluxError(answers.invalidLink);
    // As it is now: an address that was taken off the list is led to no more.
    const project = allowed(await projects.find(attempt.projectId), attempt.redirectUrl);
    const origin = originOf(request, proxies);
    const told = await social.finish({ ...back, callbackOf, project, attempt, query, origin });
    void reply.header('referrer-policy', 'no-referrer');
    leadBack(reply, attempt, told);
  }

  scope.get(
    '/oauth/:provider/callback',
    {
      ...options,
      schema: {
        operationId: 'flux_oauth_callback',
        summary: 'Where a provider sends the browser back to',
        params: schemas.providerParams,
        response: { 302: schemas.noContent },
      },
    },
    async (request, reply) => {
      await comeBack(request, reply, { provider: providerIn(request.params), callbackOf: null });
      return reply;
    },
  );

  scope.get(
    '/projects/:id/oauth/:provider/callback',
    {
      ...options,
      schema: {
        operationId: 'flux_project_oauth_callback',
        summary: 'The same of a provider whose address the project names itself',
        params: schemas.projectProviderParams,
        response: { 302: schemas.noContent },
      },
    },
    async (request, reply) => {
      const { id: callbackOf } = request.params;
      await comeBack(request, reply, { provider: providerIn(request.params), callbackOf });
      return reply;
    },
  );
};

function providerIn({ provider }: { provider: string }): ProviderId {
  const known = PROVIDERS.find((one) => one === provider);
  if (!known) throw new FluxError(answers.notFound);
  return known;
}
