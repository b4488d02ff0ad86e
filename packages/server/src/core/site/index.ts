/**
 * Owns what Flecto's agents serve: namespaces, the sites in them (Flecto's wire calls them projects), the redirects and
 * pages of a site as drafts and as published, its version, and the agents that report to it (Flecto contract A9, A13).
 * Does not decide who may see or change any of it: surfaces ask `core/access`, by the codes in the path.
 */

export { type Agent, type AgentReport, type Agents, createAgents } from './agents.ts';
export { type Contents, createContents, type PublishedList } from './contents.ts';
export type { Item, ItemFields, ItemKind, ItemPlace } from './item-store.ts';
export { siteMigrations } from './migrations.ts';
export type { Namespace, Visible } from './namespace-store.ts';
export type { Site } from './site-store.ts';
export { createSites, type Sites } from './sites.ts';
