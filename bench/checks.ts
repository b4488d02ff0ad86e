/** What is asked at every request of somebody's, and so compared with a route that asks nothing. */
export type CheckKind = 'session-check' | 'verify' | 'version' | 'renewal';
export type BareKind = 'bare' | 'bare-verify' | 'bare-version' | 'bare-renewal';

export const RATIO_OF = {
  'session-check': { bare: 'bare', label: 'session check' },
  verify: { bare: 'bare-verify', label: '/auth/verify, token and permission' },
  version: { bare: 'bare-version', label: "Flecto's version by a token" },
  renewal: { bare: 'bare-renewal', label: 'renewing verify of a Flux token' },
} as const satisfies Record<CheckKind, { bare: BareKind; label: string }>;

export const NAMESPACE = 'bench';
export const SITE = 'shop';

const OF_SITE = `namespace/${NAMESPACE}/project/${SITE}/version`;

/** Where each is asked, the bare ones beside what they are compared with. */
export const PATHS: Record<CheckKind | BareKind, string> = {
  'session-check': '/v1/users/@me',
  bare: '/v1/bench/bare',
  verify: `/auth/verify?namespace=${NAMESPACE}&project=${SITE}&resource=page&action=read`,
  'bare-verify': `/auth/bare?namespace=${NAMESPACE}&project=${SITE}&resource=page&action=read`,
  version: `/api/${OF_SITE}`,
  'bare-version': `/api/bare/${OF_SITE}`,
  renewal: '/flux/v1/sessions/verify',
  'bare-renewal': '/flux/v1/sessions/bare',
};

/** What an app's server shows and asks about; only the server under test can make them. */
export interface FluxCredentials {
  /** Secret keys of one project, several so that none meets its limit. */
  keys: readonly string[];
  /** Session tokens of as many people. */
  tokens: readonly string[];
}
