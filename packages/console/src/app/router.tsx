import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AuditPage } from '../audit/index.ts';
import { OverviewPage, ProjectAuditPage, ProjectFrame, ProjectsPage } from '../auth-projects/index.ts';
import { AuthSettingsPage } from '../auth-settings/index.ts';
import { KeysPage } from '../project-keys/index.ts';
import { ProjectUserPage, ProjectUsersPage } from '../project-users/index.ts';
import { NewRolePage, RolePage, RolesPage } from '../roles/index.ts';
import { SettingsFrame, SettingsPage } from '../settings/index.ts';
import { NamespacePage, NamespacesPage, ProjectPage } from '../sites/index.ts';
import { NewTokenPage, TokenPage, TokensPage } from '../tokens/index.ts';
import { focusPageHeading } from '../ui/index.ts';
import { UserPage } from '../user/index.ts';
import { NewUserPage } from '../users/index.ts';
import { CrashPage } from './crash-page.tsx';
import { Home } from './home.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { parseSearchParams, stringifySearchParams, textParam } from './search-params.ts';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({ component: Shell });

const searched = (search: Record<string, unknown>): { query?: string | undefined } => ({
  query: textParam(search, 'query'),
});

const usersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: searched,
  component: Home,
});

const newUserRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/users/new',
  component: NewUserPage,
});

const userRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/users/$userId',
  component: UserPage,
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  validateSearch: (
    search: Record<string, unknown>,
  ): { event?: string | undefined; user_id?: string | undefined } => ({
    event: textParam(search, 'event'),
    user_id: textParam(search, 'user_id'),
  }),
  component: AuditPage,
});

const projectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects',
  component: ProjectsPage,
});

const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects/$projectId',
  component: ProjectFrame,
});

const projectPages = [
  createRoute({ getParentRoute: () => projectRoute, path: '/', component: OverviewPage }),
  createRoute({ getParentRoute: () => projectRoute, path: '/settings', component: AuthSettingsPage }),
  createRoute({ getParentRoute: () => projectRoute, path: '/keys', component: KeysPage }),
  createRoute({
    getParentRoute: () => projectRoute,
    path: '/users',
    validateSearch: searched,
    component: ProjectUsersPage,
  }),
  createRoute({ getParentRoute: () => projectRoute, path: '/users/$userId', component: ProjectUserPage }),
  createRoute({ getParentRoute: () => projectRoute, path: '/audit', component: ProjectAuditPage }),
] as const;

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: SettingsFrame,
});

const settingsPages = [
  createRoute({ getParentRoute: () => settingsRoute, path: '/', component: SettingsPage }),
  createRoute({
    getParentRoute: () => settingsRoute,
    path: '/tokens',
    validateSearch: searched,
    component: TokensPage,
  }),
  createRoute({ getParentRoute: () => settingsRoute, path: '/tokens/new', component: NewTokenPage }),
  createRoute({ getParentRoute: () => settingsRoute, path: '/tokens/$tokenId', component: TokenPage }),
  createRoute({
    getParentRoute: () => settingsRoute,
    path: '/roles',
    validateSearch: searched,
    component: RolesPage,
  }),
  createRoute({ getParentRoute: () => settingsRoute, path: '/roles/new', component: NewRolePage }),
  createRoute({ getParentRoute: () => settingsRoute, path: '/roles/$code', component: RolePage }),
  createRoute({
    getParentRoute: () => settingsRoute,
    path: '/namespaces',
    validateSearch: searched,
    component: NamespacesPage,
  }),
  createRoute({
    getParentRoute: () => settingsRoute,
    path: '/namespaces/$namespace',
    component: NamespacePage,
  }),
  createRoute({
    getParentRoute: () => settingsRoute,
    path: '/namespaces/$namespace/projects/$project',
    component: ProjectPage,
  }),
] as const;

export function createAppRouter() {
  const router = createRouter({
    routeTree: rootRoute.addChildren([
      usersRoute,
      newUserRoute,
      userRoute,
      projectsRoute,
      projectRoute.addChildren(projectPages),
      auditRoute,
      settingsRoute.addChildren(settingsPages),
    ]),
    basepath: '/console',
    parseSearch: parseSearchParams,
    stringifySearch: stringifySearchParams,
    scrollRestoration: true,
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: CrashPage,
  });
  // Only between pages: a changed search parameter must not take the focus out of the search box.
  router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
    if (fromLocation !== undefined && pathChanged) focusPageHeading();
  });
  return router;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
