import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Puzzle } from '../../captcha/index.ts';
import { presentCaptcha } from './present.ts';

const text = z.string();
const nothing = z.null();

/** Contract 8.5. What a stand-alone server does not run points at itself. */
const discoveryResponse = z
  .object({
    api_code_version: z.int(),
    endpoints: z.object({
      api: text,
      api_client: text,
      api_public: text,
      gateway: text,
      media: text,
      static_cdn: text,
      marketing: text,
      admin: text,
      invite: text,
      gift: text,
      webapp: text,
    }),
    captcha: z.object({
      provider: z.enum(['none', 'hcaptcha', 'turnstile']),
      hcaptcha_site_key: text.nullable(),
      turnstile_site_key: text.nullable(),
    }),
    features: z.object({
      sms_mfa_enabled: z.boolean(),
      voice_enabled: z.boolean(),
      stripe_enabled: z.boolean(),
      self_hosted: z.boolean(),
      manual_review_enabled: z.boolean(),
    }),
    gif: z.object({ provider: text }),
    sso: z.object({ enabled: z.boolean(), enforced: z.boolean(), display_name: nothing, redirect_uri: text }),
    limits: z.object({
      version: z.int(),
      traitDefinitions: z.array(text),
      rules: z.array(text),
      defaultsHash: text,
    }),
    push: z.object({ public_vapid_key: text }),
    app_public: z.object({ sentry_dsn: text }),
  })
  .meta({ id: 'InstanceDiscovery' });

interface Discovered {
  publicUrl: string;
  puzzle: Puzzle | null;
  sendsSms: boolean;
  publicVapidKey: string;
}

/** `GET /.well-known/fluxer`: the first call of web and desktop clients, from any origin. */
export function discoveryRoute(
  app: FastifyInstance,
  { publicUrl, puzzle, sendsSms, publicVapidKey }: Discovered,
): void {
  const api = `${publicUrl}/v1`;
  const document = {
    api_code_version: 1,
    endpoints: {
      api,
      api_client: api,
      api_public: api,
      gateway: publicUrl.replace(/^http/, 'ws'),
      media: publicUrl,
      static_cdn: publicUrl,
      marketing: publicUrl,
      admin: `${publicUrl}/console`,
      invite: publicUrl,
      gift: publicUrl,
      webapp: publicUrl,
    },
    captcha: presentCaptcha(puzzle),
    features: {
      sms_mfa_enabled: sendsSms,
      voice_enabled: false,
      stripe_enabled: false,
      self_hosted: true,
      manual_review_enabled: false,
    },
    gif: { provider: 'klipy' },
    sso: {
      enabled: false,
      enforced: false,
      display_name: null,
      redirect_uri: `${publicUrl}/auth/sso/callback`,
    },
    limits: { version: 2, traitDefinitions: [], rules: [], defaultsHash: '' },
    push: { public_vapid_key: publicVapidKey },
    app_public: { sentry_dsn: '' },
  };
  // Fluxer's web app asks with a header of its own (contract 0.5), before it knows where to ask anything else.
  app.options('/.well-known/fluxer', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': '*',
        'access-control-max-age': '86400',
      })
      .send(),
  );
  app.get(
    '/.well-known/fluxer',
    {
      schema: {
        operationId: 'get_instance_discovery',
        summary: 'What this instance is and where',
        tags: ['fluxer'],
        response: { 200: discoveryResponse },
      },
    },
    async (_request, reply) => {
      void reply.headers({
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      });
      return document;
    },
  );
}
