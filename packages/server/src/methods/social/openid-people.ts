import { type ProviderCredentials, PUBLIC_ADDRESSES } from '../../core/project/index.ts';
import type { SocialPerson } from '../../core/social/index.ts';
import { createOpenidClient, subjectIn, type Tenants, textIn } from '../../openid/index.ts';
import type { AskedProvider, Asking } from './asking.ts';

type Claims = Record<string, unknown>;

const GOOGLE = PUBLIC_ADDRESSES.google.issuer;
const MICROSOFT = PUBLIC_ADDRESSES.microsoft.issuer;
/** Of everybody with an account of their own and not an organization's. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const TENANT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SCOPES = ['openid', 'email', 'profile'];

export function createGoogle(credentials: ProviderCredentials, asking: Asking): AskedProvider {
  return createPeople(credentials, asking, {
    issuer: credentials.options.issuer ?? GOOGLE,
    // Nothing but true: a text "false" would be as good (G05).
    isVerified: (claims) => claims['email_verified'] === true,
  });
}

/**
 * Whoever administers a tenant writes what addresses they like into its accounts, and any app of many tenants sees them
 * ("nOAuth"). So an address is somebody's only where Microsoft says that the tenant owns its domain, or where all come from the one
 * tenant that the project named.
 */
export function createMicrosoft(credentials: ProviderCredentials, asking: Asking): AskedProvider {
  const { tenant = 'common', issuer: template = MICROSOFT } = credentials.options;
  const owned = (claims: Claims) => [true, 1, '1', 'true'].includes(claims['xms_edov'] as never);
  if (!template.includes('{tenantid}'))
    return createPeople(credentials, asking, { issuer: template, isVerified: owned });
  const issuerOf = (id: string) => template.replace('{tenantid}', id);
  const of = { keysNameIssuers: true };
  if (tenant === 'consumers' || tenant === CONSUMERS)
    return createPeople(credentials, asking, { ...of, issuer: issuerOf(CONSUMERS), isVerified: owned });
  if (tenant !== 'common' && tenant !== 'organizations')
    return createPeople(credentials, asking, { ...of, issuer: issuerOf(tenant), isVerified: () => true });
  const mayCome = (tid: unknown): tid is string =>
    typeof tid === 'string' && TENANT.test(tid) && !(tenant === 'organizations' && tid === CONSUMERS);
  const [before = '', after = ''] = template.split('{tenantid}');
  return createPeople(credentials, asking, {
    ...of,
    issuer: template,
    isVerified: owned,
    tenants: {
      base: issuerOf(tenant),
      issuerOf: ({ tid }) => (mayCome(tid) ? issuerOf(tid) : null),
      isIssuer(name) {
        const tid = name.slice(before.length, name.length - after.length);
        return mayCome(tid) && issuerOf(tid) === name;
      },
    },
  });
}

function createPeople(
  { clientId, clientSecret }: ProviderCredentials,
  asking: Asking,
  of: {
    issuer: string;
    tenants?: Tenants;
    keysNameIssuers?: boolean;
    isVerified(claims: Claims): boolean;
  },
): AskedProvider {
  const { issuer, tenants, keysNameIssuers = false, isVerified } = of;
  const asked = createOpenidClient({
    ...{ ...asking, issuer, clientId, clientSecret, scopes: SCOPES, sendsSecretInBody: true },
    keysNameIssuers,
    ...(tenants && { tenants }),
  });
  return {
    authorizationUrl: asked.authorizationUrl,
    async redeem(attempt, query) {
      const answer = await asked.redeem(attempt, query);
      if (answer.outcome === 'refused') return answer;
      const person = personFrom(answer.claims, answer.issuer, isVerified);
      return person
        ? { outcome: 'vouched', person }
        : { outcome: 'refused', reason: 'subject of a form that cannot be kept' };
    },
  };
}

function personFrom(
  claims: Claims,
  issuer: string,
  isVerified: (claims: Claims) => boolean,
): SocialPerson | null {
  const subject = subjectIn(claims);
  if (subject === null) return null;
  const email = textIn(claims['email']);
  return {
    issuer,
    subject,
    email,
    isEmailVerified: email !== null && isVerified(claims),
    name: textIn(claims['name']) ?? textIn(claims['given_name']),
  };
}
