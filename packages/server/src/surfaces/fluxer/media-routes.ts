import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { MAX_PICTURE_BYTES } from '../../core/profile/index.ts';
import { isSnowflake } from '../../core/user/index.ts';
import { originOf } from '../../http/index.ts';
import { buckets } from './buckets.ts';
import { answerError, answers, sendAnswer } from './errors.ts';
import { pictureParams } from './schemas.ts';
import type { FluxerDependencies } from './surface.ts';

/** Two pictures in base64, and room for everything else that a profile holds. */
export const PICTURES_BODY_BYTES = 2 * 4 * Math.ceil(MAX_PICTURE_BYTES / 3) + 64 * 1024;

/**
 * What a picture is served with. The bytes are a stranger's: a browser shall take them for the picture they are and for
 * nothing else, whatever else they might also be. The address changes with the bytes, so nobody need ask twice.
 */
const PICTURE_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
};

/** Clients ask for the format they like best and take what comes; the content type says which it is. */
const FILE = /^((?:a_)?[0-9a-f]{32})\.(?:png|jpe?g|gif|webp)$/;

type Dependencies = Pick<FluxerDependencies, 'pictureOf' | 'traffic' | 'proxies' | 'clock'>;

/** `GET /avatars/…` and `/banners/…` at the media endpoint of discovery: pictures, for everybody who has the address. */
export async function mediaRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await app.register(async (plain) => {
    const scope = plain.withTypeProvider<ZodTypeProvider>();
    scope.setErrorHandler(answerError);
    for (const kind of ['avatar', 'banner'] as const) {
      scope.get(
        `/${kind}s/:user_id/:file`,
        {
          schema: {
            operationId: `get_${kind}`,
            summary: `The picture that a user shows as ${kind}`,
            tags: ['fluxer'],
            params: pictureParams,
          },
        },
        async (request, reply) => {
          const { allowed, retryAfterMs } = deps.traffic.take(
            buckets.media,
            `ip:${originOf(request, deps.proxies).source}`,
          );
          if (!allowed) return sendAnswer(answers.rateLimited(Math.ceil(retryAfterMs) / 1000, false), reply);
          const { user_id: userId, file } = request.params;
          const [, hash] = FILE.exec(file) ?? [];
          const picture = hash && isSnowflake(userId) ? await deps.pictureOf({ userId, kind, hash }) : null;
          if (!picture) return sendAnswer(answers.notFound, reply);
          return reply.headers(PICTURE_HEADERS).type(picture.type).send(picture.bytes);
        },
      );
    }
  });
}
