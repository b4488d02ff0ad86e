import { given, type Paging, type Search } from './addresses.ts';
import type { Client } from './client.ts';
import type { Agent, Namespace, Page, Project, ProjectDetail } from './types.ts';

/** Where a Flecto project is found. */
export interface ProjectAddress {
  namespace: string;
  project: string;
}

/** Flecto's namespaces, projects and agents. */
export function siteCalls(call: Client) {
  return {
    findNamespaces: (query: Search, signal?: AbortSignal) =>
      call<Page<Namespace>>({ method: 'GET', path: root, query: { ...query }, ...given(signal) }),

    createNamespace: (namespace: { code: string; name: string }) =>
      call<Namespace>({ method: 'POST', path: root, body: namespace }),

    findProjects: (namespace: string, query: Search, signal?: AbortSignal) =>
      call<Page<Project>>({
        method: 'GET',
        path: projectsPath(namespace),
        query: { ...query },
        ...given(signal),
      }),

    createProject: (namespace: string, project: { code: string; name: string }) =>
      call<ProjectDetail>({ method: 'POST', path: projectsPath(namespace), body: project }),

    project: (at: ProjectAddress, signal?: AbortSignal) =>
      call<ProjectDetail>({ method: 'GET', path: projectPath(at), ...given(signal) }),

    publish: (at: ProjectAddress) => call<Project>({ method: 'POST', path: `${projectPath(at)}/publish` }),

    agents: (at: ProjectAddress, query: Paging, signal?: AbortSignal) =>
      call<Page<Agent>>({
        method: 'GET',
        path: `${projectPath(at)}/agents`,
        query: { ...query },
        ...given(signal),
      }),
  };
}

const root = '/flecto/namespaces';

function projectsPath(namespace: string): string {
  return `${root}/${encodeURIComponent(namespace)}/projects`;
}

function projectPath({ namespace, project }: ProjectAddress): string {
  return `${projectsPath(namespace)}/${encodeURIComponent(project)}`;
}
