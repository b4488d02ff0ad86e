import { counted } from './counted.ts';

/** Everything about Flecto's namespaces, projects and agents. */
export const siteStrings = {
  namespaces: {
    title: 'Namespaces',
    create: 'Create namespace',
    searchLabel: 'Find namespaces',
    searchPlaceholder: 'Beginning of the code',
    found: (count: number, more: boolean) =>
      more ? `First ${counted(count, 'namespace', 'namespaces')}` : counted(count, 'namespace', 'namespaces'),
    caption: 'Namespaces',
    columns: { code: 'Code', name: 'Name', created: 'Created' },
    emptyTitle: 'No namespaces yet',
    emptyBody: 'A namespace holds the projects that agents fetch.',
    noMatchTitle: (query: string) => `No namespace begins with “${query}”`,
    noMatchBody: 'The search looks at the beginning of codes.',
    back: 'Namespaces',
    code: 'Code',
    codeHint: 'Up to 50 letters, digits, _ and -; agents and permissions call it by this.',
    codeTaken: 'This code is in use.',
    name: 'Name',
    created: (code: string) => `${code} is created.`,
  },

  projects: {
    title: 'Projects',
    create: 'Create project',
    found: (count: number, more: boolean) =>
      more ? `First ${counted(count, 'project', 'projects')}` : counted(count, 'project', 'projects'),
    caption: 'Projects',
    columns: {
      code: 'Code',
      name: 'Name',
      version: 'Version',
      redirects: 'Redirects',
      pages: 'Pages',
      published: 'Published',
    },
    never: 'Never',
    emptyTitle: 'No projects yet',
    emptyBody: 'A project holds the redirects and pages of one site.',
    details: 'Details',
    namespace: 'Namespace',
    missingTitle: 'No such project',
    missingBody: 'It may have been deleted.',
    unpublished: 'Unpublished changes',
    publish: 'Publish',
    publishTitle: (version: number) => `Publish version ${version}?`,
    publishBody: 'Agents load it at their next check.',
    published: (version: number) => `Version ${version} is published.`,
  },

  agents: {
    title: 'Agents',
    caption: 'Agents',
    found: (count: number, more: boolean) =>
      more ? `First ${counted(count, 'agent', 'agents')}` : counted(count, 'agent', 'agents'),
    columns: {
      name: 'Name',
      status: 'Status',
      version: 'Version',
      load: 'Load time',
      lastHit: 'Last seen',
    },
    offline: 'Offline',
    milliseconds: (count: number) => `${count.toLocaleString()} ms`,
    emptyTitle: 'No agents yet',
    emptyBody: 'An agent appears here at its first report.',
  },
} as const;
