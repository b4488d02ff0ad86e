/**
 * Owns the list of the projects that apps ask Flux about (section `auth-projects`), making one, the frame around the pages
 * of one, and its overview. What Flecto calls a project is another thing: see `sites`.
 */

export { OverviewPage } from './overview-page.tsx';
export { ProjectAuditPage } from './project-audit-page.tsx';
export { ProjectFrame } from './project-frame.tsx';
export { ProjectsPage } from './projects-page.tsx';
export { useProject, useProjectChange } from './use-project.ts';
