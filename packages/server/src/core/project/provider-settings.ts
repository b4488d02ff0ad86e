import { z } from 'zod';
import { webAddress } from './settings.ts';

/** The providers that a project can let people sign in at, by the name of the method that does it. */
export const PROVIDERS = ['google', 'github', 'microsoft'] as const;
export type ProviderId = (typeof PROVIDERS)[number];

/** A tenant of Microsoft's, or one of the names that stand for many. */
const tenant = z.union([z.enum(['common', 'organizations', 'consumers']), z.guid().toLowerCase()]);
/** An address that others are below. */
const base = webAddress.refine(
  (text) => URL.canParse(text) && new URL(text).search === '',
  'An address without a query is needed.',
);

/** What a provider is asked by besides the credentials; each may be left out. */
const OPTIONS = {
  google: z.strictObject({ issuer: base.optional() }),
  github: z.strictObject({ web_url: base.optional(), api_url: base.optional() }),
  microsoft: z.strictObject({
    tenant: tenant.default('common'),
    /** May have `{tenantid}` where the tenant stands in it. */
    issuer: z
      .string()
      .refine((text) => base.safeParse(text.replace('{tenantid}', 'tenantid')).success)
      .optional(),
  }),
} as const satisfies Record<ProviderId, z.ZodType<ProviderOptions>>;

export interface ProviderOptions {
  /** Of Google and Microsoft. */
  issuer?: string | undefined;
  /** Of Microsoft. */
  tenant?: string | undefined;
  /** Of GitHub: where its pages are, and where its API is. */
  web_url?: string | undefined;
  api_url?: string | undefined;
}

/** Where the public ones are; in Microsoft's the tenant stands in the place of `{tenantid}`. */
export const PUBLIC_ADDRESSES = {
  google: { issuer: 'https://accounts.google.com' },
  github: { web_url: 'https://github.com', api_url: 'https://api.github.com' },
  microsoft: { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' },
} as const;

/** Whether a project has its provider somewhere else than everybody: then whoever runs it may be anybody. */
export function isElsewhere(provider: ProviderId, options: ProviderOptions): boolean {
  const common: ProviderOptions = PUBLIC_ADDRESSES[provider];
  return (['issuer', 'web_url', 'api_url'] as const).some((name) => {
    const address = options[name];
    return address !== undefined && address.replace(/\/$/, '') !== common[name];
  });
}

const credentials = z.object({
  client_id: z
    .string()
    .trim()
    .regex(/^[\x20-\x7e]{1,300}$/, 'Up to 300 printable characters of ASCII.'),
  /** Left out to keep the one there is. */
  client_secret: z.string().min(1).max(2_048).optional(),
});

/** What an administrator says of one provider, checked. Throws a `ZodError` that names each setting that is not right. */
export function parseProvider(
  id: ProviderId,
  text: unknown,
): { clientId: string; clientSecret: string | null; options: ProviderOptions } {
  const { client_id, client_secret } = credentials.parse(text);
  const { client_id: _id, client_secret: _secret, ...others } = text as Record<string, unknown>;
  return { clientId: client_id, clientSecret: client_secret ?? null, options: OPTIONS[id].parse(others) };
}

/** The same of a stored row; what is not in it has its default. */
export function parseOptions(id: ProviderId, stored: string): ProviderOptions {
  return OPTIONS[id].parse(JSON.parse(stored));
}
