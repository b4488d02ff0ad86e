import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import {
  isProblem,
  type ProjectAddress,
  type ProjectDetail,
  projectQuery,
  useAdminApi,
} from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Badge, EmptyState, ErrorState, Fact, PageHeading, SkeletonRows } from '../ui/index.ts';
import { AgentsSection } from './agents-section.tsx';
import { PublishControl } from './publish-control.tsx';

const route = getRouteApi('/settings/namespaces/$namespace/projects/$project');
const text = strings.projects;

export function ProjectPage() {
  const at: ProjectAddress = route.useParams();
  const may = useMay();
  const project = useQuery(projectQuery(useAdminApi(), at));

  return (
    <>
      <p className="crumb">
        <Link to="/settings/namespaces/$namespace" params={{ namespace: at.namespace }}>
          {at.namespace}
        </Link>
      </p>
      <div className="title-row">
        <PageHeading title={at.project}>
          {project.data?.has_unpublished && <Badge tone="warning">{text.unpublished}</Badge>}
        </PageHeading>
        {project.data && may.onSites({ ...at, resource: 'any', action: 'write' }) && (
          <PublishControl at={at} version={project.data.version} />
        )}
      </div>
      {project.data !== undefined ? (
        <Facts project={project.data} />
      ) : (
        <div className="card">
          {isProblem(project.error, 'not_found') ? (
            <EmptyState icon="device" title={text.missingTitle} body={text.missingBody} />
          ) : project.isError ? (
            <ErrorState
              error={project.error}
              onRetry={() => void project.refetch()}
              busy={project.isFetching}
            />
          ) : (
            <SkeletonRows count={3} />
          )}
        </div>
      )}
      {project.data && may.onSites({ ...at, resource: 'agent', action: 'read' }) && <AgentsSection at={at} />}
    </>
  );
}

function Facts({ project }: { project: ProjectDetail }) {
  const { columns } = text;
  return (
    <section className="card card-padded" aria-labelledby="details-title">
      <h2 id="details-title">{text.details}</h2>
      <dl className="facts">
        <Fact name={columns.name}>{project.name}</Fact>
        <Fact name={columns.version}>{project.version}</Fact>
        <Fact name={columns.redirects}>{project.published_redirects.toLocaleString()}</Fact>
        <Fact name={columns.pages}>{project.published_pages.toLocaleString()}</Fact>
        <Fact name={columns.published}>
          {project.published_at === null ? text.never : <Time iso={project.published_at} withAbsolute />}
        </Fact>
      </dl>
    </section>
  );
}
