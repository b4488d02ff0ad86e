import { queryOptions } from '@tanstack/react-query';
import type { AdminApi } from './admin-api.ts';
import type { AuthUserAddress } from './auth-project-calls.ts';
import { paged } from './paged.ts';

const projectsPerPage = 50;
const usersPerPage = 25;

export const authProjectKeys = {
  authProjects: ['auth-projects'],
  authProject: (projectId: string) => ['auth-project', projectId],
  projectKeys: (projectId: string) => ['project-keys', projectId],
  signingKeys: ['signing-keys'],
  authUsers: (projectId: string) => ['auth-users', projectId],
  authUser: ({ projectId, userId }: AuthUserAddress) => ['auth-user', projectId, userId],
  authSessionsOf: (projectId: string) => ['auth-sessions', projectId],
  authSessions: ({ projectId, userId }: AuthUserAddress) => ['auth-sessions', projectId, userId],
} as const;

const keys = authProjectKeys;

export const authProjectsQuery = (api: AdminApi) =>
  paged(keys.authProjects, (cursor, signal) =>
    api.findAuthProjects({ cursor, limit: projectsPerPage }, signal),
  );

export const authProjectQuery = (api: AdminApi, projectId: string) =>
  queryOptions({
    queryKey: keys.authProject(projectId),
    queryFn: ({ signal }) => api.authProject(projectId, signal),
  });

export const projectKeysQuery = (api: AdminApi, projectId: string) =>
  queryOptions({
    queryKey: keys.projectKeys(projectId),
    queryFn: ({ signal }) => api.projectKeys(projectId, signal),
  });

export const signingKeysQuery = (api: AdminApi) =>
  queryOptions({ queryKey: keys.signingKeys, queryFn: ({ signal }) => api.signingKeys(signal) });

export const authUsersQuery = (api: AdminApi, projectId: string, q: string) =>
  paged([...keys.authUsers(projectId), q], (cursor, signal) =>
    api.findAuthUsers(projectId, { q, cursor, limit: usersPerPage }, signal),
  );

export const authUserQuery = (api: AdminApi, at: AuthUserAddress) =>
  queryOptions({ queryKey: keys.authUser(at), queryFn: ({ signal }) => api.authUser(at, signal) });

export const authSessionsQuery = (api: AdminApi, at: AuthUserAddress) =>
  queryOptions({ queryKey: keys.authSessions(at), queryFn: ({ signal }) => api.authSessions(at, signal) });
