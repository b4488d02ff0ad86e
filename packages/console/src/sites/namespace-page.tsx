import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, type Project, projectsQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { TimeOrNever } from '../time/index.ts';
import { Button, EmptyState, PagedList, PageHeading, Table } from '../ui/index.ts';
import { CreateDialog } from './create-dialog.tsx';

const route = getRouteApi('/settings/namespaces/$namespace');
const text = strings.projects;
const { columns } = text;

export function NamespacePage() {
  const { namespace } = route.useParams();
  const api = useAdminApi();
  const mayWrite = useMay().administer('projects', 'write');
  const projects = useInfiniteQuery(projectsQuery(api, namespace));
  const [isCreating, setCreating] = useState(false);

  return (
    <>
      <p className="crumb">
        <Link to="/settings/namespaces">{strings.namespaces.back}</Link>
      </p>
      <div className="title-row">
        <PageHeading title={namespace} />
        {mayWrite && (
          <Button variant="primary" onClick={() => setCreating(true)}>
            {text.create}
          </Button>
        )}
      </div>
      <section className="section" aria-labelledby="projects-title">
        <h2 id="projects-title">{text.title}</h2>
        <PagedList
          list={projects}
          found={text.found}
          empty={<EmptyState icon="device" title={text.emptyTitle} body={text.emptyBody} />}
        >
          {(items) => <ProjectsTable projects={items} />}
        </PagedList>
      </section>
      {isCreating && (
        <CreateDialog
          title={text.create}
          run={(made) => api.createProject(namespace, made)}
          changes={[keys.projects(namespace), keys.audit]}
          onDismiss={() => setCreating(false)}
        />
      )}
    </>
  );
}

function ProjectsTable({ projects }: { projects: readonly Project[] }) {
  return (
    <Table
      caption={text.caption}
      columns={[
        columns.code,
        columns.name,
        columns.version,
        columns.redirects,
        columns.pages,
        columns.published,
      ]}
    >
      {projects.map((project) => (
        <tr key={project.code} className="row-link">
          <td className="cell-lead">
            <Link
              to="/settings/namespaces/$namespace/projects/$project"
              params={{ namespace: project.namespace, project: project.code }}
              className="identity-name wrap-anywhere"
            >
              {project.code}
            </Link>
          </td>
          <td data-label={columns.name}>
            <span className="wrap-anywhere">{project.name}</span>
          </td>
          <td data-label={columns.version}>{project.version}</td>
          <td data-label={columns.redirects}>{project.published_redirects.toLocaleString()}</td>
          <td data-label={columns.pages}>{project.published_pages.toLocaleString()}</td>
          <td data-label={columns.published}>
            <TimeOrNever iso={project.published_at} never={text.never} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
