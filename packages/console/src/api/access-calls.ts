import { given, type Paging, type Search, userPath } from './addresses.ts';
import type { Client } from './client.ts';
import type { ApiToken, Member, NewToken, Page, Permissions, Role, UserRights } from './types.ts';

/** API tokens, roles, and what a user may. */
export function accessCalls(call: Client) {
  return {
    findTokens: (query: Search, signal?: AbortSignal) =>
      call<Page<ApiToken>>({ method: 'GET', path: '/tokens', query: { ...query }, ...given(signal) }),

    token: (tokenId: string, signal?: AbortSignal) =>
      call<ApiToken>({ method: 'GET', path: tokenPath(tokenId), ...given(signal) }),

    /** The only answer that holds the token itself: whoever calls this keeps it out of every cache. */
    createToken: (token: NewToken) =>
      call<{ token: ApiToken; plain_token: string }>({ method: 'POST', path: '/tokens', body: token }),

    replaceTokenPermissions: (tokenId: string, permissions: Permissions) =>
      call<ApiToken>({ method: 'PUT', path: `${tokenPath(tokenId)}/permissions`, body: permissions }),

    deleteToken: (tokenId: string) => call<void>({ method: 'DELETE', path: tokenPath(tokenId) }),

    findRoles: (query: Search, signal?: AbortSignal) =>
      call<Page<Role>>({ method: 'GET', path: '/roles', query: { ...query }, ...given(signal) }),

    role: (code: string, signal?: AbortSignal) =>
      call<Role>({ method: 'GET', path: rolePath(code), ...given(signal) }),

    createRole: (role: { code: string; permissions: Permissions }) =>
      call<Role>({ method: 'POST', path: '/roles', body: role }),

    replaceRolePermissions: (code: string, permissions: Permissions) =>
      call<Role>({ method: 'PUT', path: `${rolePath(code)}/permissions`, body: permissions }),

    deleteRole: (code: string) => call<void>({ method: 'DELETE', path: rolePath(code) }),

    members: (code: string, query: Paging, signal?: AbortSignal) =>
      call<Page<Member>>({
        method: 'GET',
        path: `${rolePath(code)}/members`,
        query: { ...query },
        ...given(signal),
      }),

    addMember: (code: string, userId: string) =>
      call<void>({ method: 'PUT', path: memberPath(code, userId) }),

    removeMember: (code: string, userId: string) =>
      call<void>({ method: 'DELETE', path: memberPath(code, userId) }),

    rights: (userId: string, signal?: AbortSignal) =>
      call<UserRights>({ method: 'GET', path: `${userPath(userId)}/permissions`, ...given(signal) }),

    replaceRights: (userId: string, rights: { permissions: Permissions; roles: readonly string[] }) =>
      call<UserRights>({ method: 'PUT', path: `${userPath(userId)}/permissions`, body: rights }),
  };
}

function tokenPath(tokenId: string): string {
  return `/tokens/${encodeURIComponent(tokenId)}`;
}

function rolePath(code: string): string {
  return `/roles/${encodeURIComponent(code)}`;
}

function memberPath(code: string, userId: string): string {
  return `${rolePath(code)}/members/${encodeURIComponent(userId)}`;
}
