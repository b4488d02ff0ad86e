/**
 * Owns the pages of Flecto's namespaces and projects (Flecto contract A11): making them, publishing, and how the agents
 * do that serve them. What is in a project, its redirects and pages, is edited over the API.
 */

export { NamespacePage } from './namespace-page.tsx';
export { NamespacesPage } from './namespaces-page.tsx';
export { ProjectPage } from './project-page.tsx';
