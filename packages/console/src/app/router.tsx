import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AuditPage } from '../audit/index.ts';
import { focusPageHeading } from '../ui/index.ts';
import { UserPage } from '../user/index.ts';
import { UsersPage } from '../users/index.ts';
import { CrashPage } from './crash-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { parseSearchParams, stringifySearchParams, textParam } from './search-params.ts';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({ component: Shell });

const usersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { query?: string | undefined } => ({
    query: textParam(search, 'query'),
  }),
  component: UsersPage,
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

export function createAppRouter() {
  const router = createRouter({
    routeTree: rootRoute.addChildren([usersRoute, userRoute, auditRoute]),
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
