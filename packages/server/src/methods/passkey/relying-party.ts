import { AuthError } from '../../core/errors.ts';
import type { Projects } from '../../core/project/index.ts';

/** Whom passkeys are made for (WebAuthn 4). */
export interface RelyingParty {
  /** A host name: the public URL's, or a parent domain that all origins belong to. */
  id: string;
  /** Shown by the browser when a passkey is made. */
  name: string;
  /** Where passkeys may be used from, compared exactly: `https://…`, or an app's own such as `android:apk-key-hash:…`. */
  origins: readonly string[];
}

/** Of a project, as its settings are now. Throws `not-found` for a project that is gone. */
export type RelyingPartyOf = (projectId: string) => Promise<RelyingParty>;

/**
 * Each project has a relying party of its own, so that its passkeys work on its own pages. That of the projects of
 * `servedIds` is the instance's, which Fluxer's clients and the pages here know.
 */
export function createRelyingParties({
  projects,
  servedIds,
  ...config
}: {
  projects: Pick<Projects, 'find'>;
  servedIds: readonly (string | null)[];
  publicUrl: string;
  passkeyRpId: string;
  passkeyRpName: string;
  passkeyOrigins: readonly string[];
}): RelyingPartyOf {
  const own = new URL(config.publicUrl);
  const instance = { id: config.passkeyRpId, name: config.passkeyRpName, origins: config.passkeyOrigins };
  return async (projectId) => {
    if (servedIds.includes(projectId)) return instance;
    const project = await projects.find(projectId);
    if (!project) throw new AuthError('not-found', { what: 'project' });
    const { passkeys, allowed_origins } = project.settings;
    const id = passkeys.rp_id ?? own.hostname;
    const origins = [...new Set([own.origin, ...allowed_origins])];
    return { id, name: project.name, origins: origins.filter((origin) => belongsTo(id, origin)) };
  };
}

/** Browsers use a passkey at its relying party's host and below it (WebAuthn 5.1.4.1 step 8); we look again. */
function belongsTo(rpId: string, origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === rpId || hostname.endsWith(`.${rpId}`);
}

/** COSE algorithms in the order they are offered (contract 4.6): EdDSA, ES256, RS256. */
export const ALGORITHMS = [-8, -7, -257] as const;

/** Contract 1.4 and 4.6, in milliseconds; advice to the browser only. */
export const TIMEOUT_MS = 60_000;

/** Contract 4.6: what an authenticator keeps as the owner, and gives back as `userHandle`. */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}
