import type * as client from 'openid-client';
import { z } from 'zod';

const names = z.array(z.string()).nullish();

/** All that we or the library read of it; whatever else a provider says is its own affair. */
const metadataSchema = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  token_endpoint_auth_methods_supported: names,
  id_token_signing_alg_values_supported: names,
  authorization_response_iss_parameter_supported: z.boolean().nullish(),
});

/** What is wrong with a provider's word of itself; null for nothing. Names what, and never what it found there. */
export function problemOf(
  metadata: client.ServerMetadata,
  { issuer, isTemplate, base }: { issuer: string; isTemplate: boolean; base: URL },
): string | null {
  // Before anything else: the library believes its types, and what is kept here is believed for an hour.
  const [issue] = metadataSchema.safeParse(metadata).error?.issues ?? [];
  if (issue) return `the provider's ${String(issue.path[0])} is missing or of the wrong kind`;
  // Here and not only in the library, which lets some providers name another issuer, or have tokens name it (bug 36).
  const isNamed = isTemplate
    ? metadata.issuer === issuer
    : new URL(metadata.issuer).href === new URL(issuer).href;
  if (!isNamed) return 'the provider calls itself by another name';
  // Browsers are sent there; the other two are the guarded fetch's to judge.
  const { protocol } = new URL(metadata.authorization_endpoint ?? '');
  return protocol === 'https:' || protocol === base.protocol
    ? null
    : 'its authorization_endpoint is not https';
}
