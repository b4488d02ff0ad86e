import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AdminApi } from './admin-api.ts';

const usersPerPage = 25;
const auditRecordsPerPage = 50;

export interface AuditFilter {
  userId: string;
  /** A whole event name or the beginning of one. */
  event: string;
}

export const keys = {
  me: ['me'],
  users: ['users'],
  user: (userId: string) => ['user', userId],
  sessions: (userId: string) => ['sessions', userId],
  audit: ['audit'],
} as const;

export const meQuery = (api: AdminApi) =>
  queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => api.me(signal), staleTime: 60_000 });

export const userQuery = (api: AdminApi, userId: string) =>
  queryOptions({ queryKey: keys.user(userId), queryFn: ({ signal }) => api.user(userId, signal) });

export const sessionsQuery = (api: AdminApi, userId: string) =>
  queryOptions({ queryKey: keys.sessions(userId), queryFn: ({ signal }) => api.sessions(userId, signal) });

export const usersQuery = (api: AdminApi, query: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.users, query],
    queryFn: ({ pageParam, signal }) =>
      api.findUsers({ query, cursor: pageParam, limit: usersPerPage }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const auditQuery = (api: AdminApi, { userId, event }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.audit, { userId, event }],
    queryFn: ({ pageParam, signal }) =>
      api.audit({ user_id: userId, event, cursor: pageParam, limit: auditRecordsPerPage }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
