import { useQuery } from '@tanstack/react-query';
import { meQuery, type Permissions, useAdminApi } from '../api/index.ts';
import { mayAdminister } from '../permissions/index.ts';
import { mayOpenSettings } from '../settings/index.ts';
import { strings } from '../strings.ts';

interface Section {
  to: '/' | '/projects' | '/audit' | '/settings';
  title: string;
  isPage: (pathname: string) => boolean;
  isSection: (pathname: string) => boolean;
}

/** A single user's page belongs to Users, which the router's own prefix match on "/" cannot tell from Audit. */
const users: Section = {
  to: '/',
  title: strings.shell.users,
  isPage: (pathname) => pathname === '/',
  isSection: (pathname) => pathname === '/' || pathname.startsWith('/users/'),
};
/** The projects of apps; Flecto's are below the settings, in its namespaces. */
const projects: Section = {
  to: '/projects',
  title: strings.shell.projects,
  isPage: (pathname) => pathname === '/projects',
  isSection: (pathname) => pathname.startsWith('/projects'),
};
const audit: Section = {
  to: '/audit',
  title: strings.shell.audit,
  isPage: (pathname) => pathname.startsWith('/audit'),
  isSection: (pathname) => pathname.startsWith('/audit'),
};
const settings: Section = {
  to: '/settings',
  title: strings.shell.settings,
  isPage: (pathname) => pathname === '/settings',
  isSection: (pathname) => pathname.startsWith('/settings'),
};

/** What somebody may open, in the order of the navigation. */
function sectionsOf(held: Permissions): Section[] {
  const { admin } = held;
  return [
    ...(mayAdminister(admin, 'users', 'read') ? [users] : []),
    ...(mayAdminister(admin, 'auth-projects', 'read') ? [projects] : []),
    ...(mayAdminister(admin, 'audit', 'read') ? [audit] : []),
    ...(mayOpenSettings(held) ? [settings] : []),
  ];
}

export function useSections(): Section[] {
  const { data } = useQuery(meQuery(useAdminApi()));
  return data ? sectionsOf({ admin: data.permissions, resources: data.resources }) : [];
}
