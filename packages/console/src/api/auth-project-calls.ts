import { given, type Paging } from './addresses.ts';
import type {
  AuthProject,
  AuthProjectChange,
  AuthProjectKey,
  AuthProjectSummary,
  AuthUser,
  AuthUserDetail,
  SigningKey,
} from './auth-project-types.ts';
import type { Client } from './client.ts';
import type { Page, Session } from './types.ts';

export interface CreatedKey {
  key: AuthProjectKey;
  plain_key: string;
}

/** The projects that apps ask Flux about: their settings, keys, users and sessions. */
export function authProjectCalls(call: Client) {
  return {
    findAuthProjects: (query: Paging, signal?: AbortSignal) =>
      call<Page<AuthProjectSummary>>({ method: 'GET', path: root, query: { ...query }, ...given(signal) }),

    createAuthProject: (project: { slug: string; name: string }) =>
      call<AuthProject>({ method: 'POST', path: root, body: project }),

    authProject: (projectId: string, signal?: AbortSignal) =>
      call<AuthProject>({ method: 'GET', path: at(projectId), ...given(signal) }),

    changeAuthProject: (projectId: string, change: AuthProjectChange) =>
      call<AuthProject>({ method: 'PATCH', path: at(projectId), body: change }),

    projectKeys: (projectId: string, signal?: AbortSignal) =>
      call<{ items: AuthProjectKey[] }>({
        method: 'GET',
        path: at(projectId, 'keys'),
        ...given(signal),
      }),

    /** This and the next are the only answers that hold a key itself: whoever calls them keeps it out of every cache. */
    createProjectKey: (
      projectId: string,
      key: { kind: AuthProjectKey['kind']; name: string; expires_at: string | null },
    ) => call<CreatedKey>({ method: 'POST', path: at(projectId, 'keys'), body: key }),

    rotateProjectKey: (projectId: string, keyId: string, graceSeconds: number) =>
      call<CreatedKey>({
        method: 'POST',
        path: at(projectId, 'keys', keyId, 'rotate'),
        body: { grace_seconds: graceSeconds },
      }),

    revokeProjectKey: (projectId: string, keyId: string) =>
      call<void>({ method: 'DELETE', path: at(projectId, 'keys', keyId) }),

    findAuthUsers: (projectId: string, query: Paging & { q: string }, signal?: AbortSignal) =>
      call<Page<AuthUser>>({
        method: 'GET',
        path: at(projectId, 'users'),
        query: { ...query },
        ...given(signal),
      }),

    authUser: ({ projectId, userId }: AuthUserAddress, signal?: AbortSignal) =>
      call<AuthUserDetail>({ method: 'GET', path: at(projectId, 'users', userId), ...given(signal) }),

    changeAuthUser: ({ projectId, userId }: AuthUserAddress, change: { mfa_required: boolean }) =>
      call<AuthUserDetail>({ method: 'PATCH', path: at(projectId, 'users', userId), body: change }),

    suspendAuthUser: ({ projectId, userId }: AuthUserAddress, reason: string | null) =>
      call<AuthUserDetail>({
        method: 'POST',
        path: at(projectId, 'users', userId, 'suspend'),
        body: { reason },
      }),

    restoreAuthUser: ({ projectId, userId }: AuthUserAddress) =>
      call<AuthUserDetail>({ method: 'POST', path: at(projectId, 'users', userId, 'restore'), body: {} }),

    deleteAuthUser: ({ projectId, userId }: AuthUserAddress) =>
      call<void>({ method: 'DELETE', path: at(projectId, 'users', userId) }),

    authSessions: ({ projectId, userId }: AuthUserAddress, signal?: AbortSignal) =>
      call<{ items: Session[] }>({
        method: 'GET',
        path: at(projectId, 'users', userId, 'sessions'),
        ...given(signal),
      }),

    endAuthSession: (projectId: string, sessionId: string) =>
      call<void>({ method: 'DELETE', path: at(projectId, 'sessions', sessionId) }),

    endAuthSessionsOfUser: ({ projectId, userId }: AuthUserAddress) =>
      call<{ ended: number }>({
        method: 'POST',
        path: at(projectId, 'users', userId, 'sessions', 'revoke'),
        body: {},
      }),

    endAuthSessionsOfProject: (projectId: string) =>
      call<{ ended: number }>({ method: 'POST', path: at(projectId, 'sessions', 'revoke'), body: {} }),

    signingKeys: (signal?: AbortSignal) =>
      call<{ items: SigningKey[] }>({ method: 'GET', path: signingKeys, ...given(signal) }),

    rotateSigningKeys: () =>
      call<{ items: SigningKey[] }>({ method: 'POST', path: `${signingKeys}/rotate`, body: {} }),
  };
}

/** Where a user of a project is found. */
export interface AuthUserAddress {
  projectId: string;
  userId: string;
}

const root = '/flux/projects';
const signingKeys = '/flux/signing-keys';

function at(...parts: string[]): string {
  return [root, ...parts.map(encodeURIComponent)].join('/');
}
