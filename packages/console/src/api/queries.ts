import { queryOptions } from '@tanstack/react-query';
import type { AdminApi } from './admin-api.ts';
import { authProjectKeys } from './auth-project-queries.ts';
import { paged } from './paged.ts';
import type { ProjectAddress } from './site-calls.ts';

const usersPerPage = 25;
const auditRecordsPerPage = 50;
/** Flecto contract A12. */
const tokensPerPage = 10;
const rolesPerPage = 25;
const membersPerPage = 25;
const sitesPerPage = 50;

export interface AuditFilter {
  /** Left out for the administrators' own. */
  projectId?: string;
  userId: string;
  /** A whole event name or the beginning of one. */
  event: string;
}

export const keys = {
  ...authProjectKeys,
  me: ['me'],
  users: ['users'],
  user: (userId: string) => ['user', userId],
  sessions: (userId: string) => ['sessions', userId],
  audit: ['audit'],
  allRights: ['rights'],
  rights: (userId: string) => ['rights', userId],
  tokens: ['tokens'],
  token: (tokenId: string) => ['token', tokenId],
  roles: ['roles'],
  role: (code: string) => ['role', code],
  members: (code: string) => ['members', code],
  namespaces: ['namespaces'],
  projects: (namespace: string) => ['projects', namespace],
  project: ({ namespace, project }: ProjectAddress) => ['project', namespace, project],
  agents: ({ namespace, project }: ProjectAddress) => ['agents', namespace, project],
} as const;

export const meQuery = (api: AdminApi) =>
  queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => api.me(signal), staleTime: 60_000 });

export const userQuery = (api: AdminApi, userId: string) =>
  queryOptions({ queryKey: keys.user(userId), queryFn: ({ signal }) => api.user(userId, signal) });

export const sessionsQuery = (api: AdminApi, userId: string) =>
  queryOptions({ queryKey: keys.sessions(userId), queryFn: ({ signal }) => api.sessions(userId, signal) });

// What is edited begins from what is kept now, never from what was seen on an earlier visit: all of it is replaced.
const edited = { gcTime: 0 } as const;

export const rightsQuery = (api: AdminApi, userId: string) =>
  queryOptions({
    ...edited,
    queryKey: keys.rights(userId),
    queryFn: ({ signal }) => api.rights(userId, signal),
  });

export const tokenQuery = (api: AdminApi, tokenId: string) =>
  queryOptions({
    ...edited,
    queryKey: keys.token(tokenId),
    queryFn: ({ signal }) => api.token(tokenId, signal),
  });

export const roleQuery = (api: AdminApi, code: string) =>
  queryOptions({
    ...edited,
    queryKey: keys.role(code),
    queryFn: ({ signal }) => api.role(code, signal),
  });

export const projectQuery = (api: AdminApi, at: ProjectAddress) =>
  queryOptions({ queryKey: keys.project(at), queryFn: ({ signal }) => api.project(at, signal) });

export const usersQuery = (api: AdminApi, query: string) =>
  paged([...keys.users, query], (cursor, signal) =>
    api.findUsers({ query, cursor, limit: usersPerPage }, signal),
  );

export const tokensQuery = (api: AdminApi, query: string) =>
  paged([...keys.tokens, query], (cursor, signal) =>
    api.findTokens({ query, cursor, limit: tokensPerPage }, signal),
  );

export const rolesQuery = (api: AdminApi, query: string) =>
  paged([...keys.roles, query], (cursor, signal) =>
    api.findRoles({ query, cursor, limit: rolesPerPage }, signal),
  );

export const membersQuery = (api: AdminApi, code: string) =>
  paged(keys.members(code), (cursor, signal) => api.members(code, { cursor, limit: membersPerPage }, signal));

export const namespacesQuery = (api: AdminApi, query: string) =>
  paged([...keys.namespaces, query], (cursor, signal) =>
    api.findNamespaces({ query, cursor, limit: sitesPerPage }, signal),
  );

export const projectsQuery = (api: AdminApi, namespace: string) =>
  paged(keys.projects(namespace), (cursor, signal) =>
    api.findProjects(namespace, { query: '', cursor, limit: sitesPerPage }, signal),
  );

export const agentsQuery = (api: AdminApi, at: ProjectAddress) =>
  paged(keys.agents(at), (cursor, signal) => api.agents(at, { cursor, limit: sitesPerPage }, signal));

export const auditQuery = (api: AdminApi, { projectId, userId, event }: AuditFilter) =>
  paged([...keys.audit, { projectId, userId, event }], (cursor, signal) =>
    api.audit(projectId ?? null, { user_id: userId, event, cursor, limit: auditRecordsPerPage }, signal),
  );
