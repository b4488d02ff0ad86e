import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useLocation } from '@tanstack/react-router';
import { authProjectQuery, isProblem, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Badge, EmptyState, ErrorState, PageHeading, SkeletonRows } from '../ui/index.ts';
import { ProjectProvider } from './use-project.ts';

const route = getRouteApi('/projects/$projectId');
const text = strings.authProject;

/** Around every page of one project: which it is, and what else there is of it. */
export function ProjectFrame() {
  const { projectId } = route.useParams();
  const project = useQuery(authProjectQuery(useAdminApi(), projectId));
  const mayWrite = useMay().administer('auth-projects', 'write');
  const { pathname } = useLocation();
  const below = pathname.replace(/\/$/, '').slice(`/projects/${projectId}`.length);
  const current = tabs.find((tab) => isBelow(tab, below));

  return (
    <>
      <p className="crumb">
        <Link to="/projects">{text.back}</Link>
      </p>
      <PageHeading title={project.data?.name ?? text.fallbackTitle} part={current?.title}>
        {!mayWrite && <Badge>{strings.access.readOnly}</Badge>}
      </PageHeading>
      {project.data !== undefined ? (
        <ProjectProvider value={project.data}>
          <Tabs projectId={projectId} current={current} isAtTop={below === current?.path} />
          {/* Drafts of one project are no other's. */}
          <Outlet key={projectId} />
        </ProjectProvider>
      ) : (
        <div className="card">
          {isProblem(project.error, 'not_found') ? (
            <EmptyState icon="app" title={text.missingTitle} body={text.missingBody} />
          ) : project.isError ? (
            <ErrorState
              error={project.error}
              onRetry={() => void project.refetch()}
              busy={project.isFetching}
            />
          ) : (
            <SkeletonRows count={5} />
          )}
        </div>
      )}
    </>
  );
}

const tabs = [
  { to: '/projects/$projectId', title: text.tabs.overview, path: '' },
  { to: '/projects/$projectId/settings', title: text.tabs.settings, path: '/settings' },
  { to: '/projects/$projectId/keys', title: text.tabs.keys, path: '/keys' },
  { to: '/projects/$projectId/users', title: text.tabs.users, path: '/users' },
  { to: '/projects/$projectId/audit', title: text.tabs.audit, path: '/audit' },
] as const;

type Tab = (typeof tabs)[number];

function isBelow({ path }: Tab, below: string): boolean {
  return below === path || (path !== '' && below.startsWith(`${path}/`));
}

interface TabsProps {
  projectId: string;
  current: Tab | undefined;
  /** Whether this is the tab's own page, and not one below it. */
  isAtTop: boolean;
}

function Tabs({ projectId, current, isAtTop }: TabsProps) {
  return (
    <nav className="tabs tabs-below" aria-label={text.navigation}>
      {tabs.map((tab) => {
        const isCurrent = tab === current;
        return (
          <Link
            key={tab.to}
            to={tab.to}
            params={{ projectId }}
            className="tab"
            data-current={isCurrent}
            aria-current={isCurrent ? (isAtTop ? 'page' : 'true') : undefined}
          >
            {tab.title}
          </Link>
        );
      })}
    </nav>
  );
}
