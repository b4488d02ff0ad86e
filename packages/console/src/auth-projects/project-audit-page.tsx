import { getRouteApi } from '@tanstack/react-router';
import { AuditList } from '../audit/index.ts';

const route = getRouteApi('/projects/$projectId');

/** What happened to a project and its users. */
export function ProjectAuditPage() {
  const { projectId } = route.useParams();
  return <AuditList filter={{ projectId, userId: '', event: '' }} showWho />;
}
