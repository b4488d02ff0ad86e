import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type AuthProjectSummary, authProjectsQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Badge, Button, ListPage, Table } from '../ui/index.ts';
import { CreateProjectDialog } from './create-project-dialog.tsx';
import { SigningKeySection } from './signing-key-section.tsx';

const text = strings.authProjects;
const { columns } = text;

export function ProjectsPage() {
  const projects = useInfiniteQuery(authProjectsQuery(useAdminApi()));
  const mayWrite = useMay().administer('auth-projects', 'write');
  const [isCreating, setCreating] = useState(false);

  return (
    <>
      <ListPage
        title={text.title}
        body={text.body}
        text={text}
        icon="app"
        list={projects}
        action={
          mayWrite && (
            <Button variant="primary" onClick={() => setCreating(true)}>
              {text.create}
            </Button>
          )
        }
      >
        {(items) => <ProjectsTable projects={items} />}
      </ListPage>
      <SigningKeySection readOnly={!mayWrite} />
      {isCreating && <CreateProjectDialog onDismiss={() => setCreating(false)} />}
    </>
  );
}

function ProjectsTable({ projects }: { projects: readonly AuthProjectSummary[] }) {
  return (
    <Table caption={text.caption} columns={[columns.name, columns.id, columns.created, columns.changed]}>
      {projects.map((project) => (
        <tr key={project.id} className="row-link">
          <td className="cell-lead">
            <span className="stack">
              <span className="identity-first">
                <Link
                  to="/projects/$projectId"
                  params={{ projectId: project.id }}
                  className="identity-name wrap-anywhere"
                >
                  {project.name}
                </Link>
                {project.is_default && <Badge>{text.defaultProject}</Badge>}
              </span>
              <span className="muted wrap-anywhere">{project.slug}</span>
            </span>
          </td>
          <td data-label={columns.id}>
            <code className="wrap-anywhere">{project.id}</code>
          </td>
          <td data-label={columns.created}>
            <Time iso={project.created_at} />
          </td>
          <td data-label={columns.changed}>
            <Time iso={project.updated_at} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
