import type { FastifyInstance } from 'fastify';
import { type ProviderId, pagesReturnUrl } from '../../core/project/index.ts';
import { tokenHash } from '../../crypto/index.ts';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { linkTo, visitScope } from './visit.ts';

/** 256 bits: RFC 7636, section 4.1. */
const VERIFIER_BYTES = 32;
/** Time enough to find a password there, and a telephone. */
const AWAY_MS = 15 * 60_000;
/** Longer than any code of ours. */
const MAX_CODE = 256;

/**
 * To another provider and back. The way there is the API's; it leads back to a page of ours first, as somebody who comes from
 * there may owe a second factor, and the code it brings is good in this browser alone.
 */
export function providerPages(scope: FastifyInstance, tools: Tools): void {
  const { publicUrl, random, clock, carried, ways, returnCodes } = tools;
  const { at, page, over } = visitScope(scope, tools);

  for (const provider of Object.keys(strings.providers) as ProviderId[])
    page(
      `/with/${provider}`,
      async ({ project, way, reply }) => {
        const verifier = Buffer.from(random(VERIFIER_BYTES)).toString('base64url');
        const until = clock() + AWAY_MS;
        carried.write(reply, project, {
          step: { at: 'provider', verifier },
          way: ways.seal(project, way),
          until,
        });
        const asked = new URLSearchParams({
          project_id: project.id,
          redirect_url: pagesReturnUrl(publicUrl, project),
          code_challenge: tokenHash(verifier),
          code_challenge_method: 'S256',
        });
        return reply.redirect(`/flux/v1/oauth/${provider}/start?${asked}`, 303);
      },
      { method: provider },
    );

  at(
    'GET',
    '/back',
    async (here) => {
      const { project, request, reply } = here;
      const kept = carried.find(request, project, 'provider');
      const way = kept?.way ? ways.open(project, kept.way) : null;
      if (!kept || !way) return over(here);
      const visit = { ...here, way };
      const { code, error } = request.query as { code?: unknown; error?: unknown };
      const found =
        typeof code === 'string' && code.length <= MAX_CODE
          ? await returnCodes.redeem({
              projectId: project.id,
              code,
              codeVerifier: kept.step.verifier,
              redirectUrl: pagesReturnUrl(publicUrl, project),
            })
          : null;
      if (found) return await tools.goOn(visit, found.sessionId);
      carried.clear(request, reply);
      const told =
        typeof error === 'string' && Object.hasOwn(strings.elsewhere, error) ? error : 'sign_in_failed';
      return reply.redirect(`${linkTo(visit, 'sign-in')}&error=${told}`, 303);
    },
    { spends: true },
  );
}
