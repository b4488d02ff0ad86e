import { accessCalls } from './access-calls.ts';
import { given, type Paging, userPath } from './addresses.ts';
import { authProjectCalls } from './auth-project-calls.ts';
import type { Client } from './client.ts';
import { siteCalls } from './site-calls.ts';
import type { AuditRecord, Me, NewUser, Page, Session, SudoProof, User } from './types.ts';

export type AdminApi = ReturnType<typeof createAdminApi>;

export function createAdminApi(call: Client) {
  return {
    ...accessCalls(call),
    ...siteCalls(call),
    ...authProjectCalls(call),

    me: (signal?: AbortSignal) => call<Me>({ method: 'GET', path: '/me', ...given(signal) }),

    confirmIdentity: (proof: SudoProof) => call<void>({ method: 'POST', path: '/sudo', body: proof }),

    /** What a passkey has to sign. */
    passkeyChallenge: async () => {
      const { options } = await call<{ options: PublicKeyCredentialRequestOptionsJSON }>({
        method: 'POST',
        path: '/sudo/challenge',
        body: { method: 'passkey' },
      });
      return options;
    },

    sendSudoCode: () =>
      call<{ options: null }>({ method: 'POST', path: '/sudo/challenge', body: { method: 'sms-code' } }),

    signOut: () => call<void>({ method: 'POST', path: '/logout' }),

    findUsers: (query: Paging & { query: string }, signal?: AbortSignal) =>
      call<Page<User>>({ method: 'GET', path: '/users', query: { ...query }, ...given(signal) }),

    user: (userId: string, signal?: AbortSignal) =>
      call<User>({ method: 'GET', path: userPath(userId), ...given(signal) }),

    createUser: (user: NewUser) => call<User>({ method: 'POST', path: '/users', body: user }),

    deleteUser: (userId: string) => call<void>({ method: 'DELETE', path: userPath(userId) }),

    setPassword: (userId: string, password: string) =>
      call<void>({ method: 'PUT', path: `${userPath(userId)}/password`, body: { password } }),

    sessions: (userId: string, signal?: AbortSignal) =>
      call<{ items: Session[] }>({ method: 'GET', path: `${userPath(userId)}/sessions`, ...given(signal) }),

    endSession: (userId: string, sessionId: string) =>
      call<void>({ method: 'DELETE', path: `${userPath(userId)}/sessions/${encodeURIComponent(sessionId)}` }),

    endAllSessions: (userId: string) =>
      call<{ ended: number }>({ method: 'DELETE', path: `${userPath(userId)}/sessions` }),

    suspend: (userId: string, reason: string | null) =>
      call<User>({ method: 'POST', path: `${userPath(userId)}/suspend`, body: { reason } }),

    removeFactors: (userId: string) =>
      call<User>({ method: 'POST', path: `${userPath(userId)}/factors/remove`, body: {} }),

    restore: (userId: string) =>
      call<User>({ method: 'POST', path: `${userPath(userId)}/restore`, body: {} }),

    /** Of a project of an app, or (null) of the one that administrators belong to. */
    audit: (
      projectId: string | null,
      query: Paging & { user_id: string; event: string },
      signal?: AbortSignal,
    ) => {
      const path = projectId === null ? '/audit' : `/flux/projects/${encodeURIComponent(projectId)}/audit`;
      return call<Page<AuditRecord>>({ method: 'GET', path, query: { ...query }, ...given(signal) });
    },
  };
}
