import type { Agent, Item, Namespace, Site } from '../../core/site/index.ts';

function instant(at: number): string {
  return new Date(at).toISOString();
}

export function presentNamespace({ code, name, createdAt, updatedAt }: Namespace) {
  return { code, name, created_at: instant(createdAt), updated_at: instant(updatedAt) };
}

export function presentSite(site: Site) {
  return {
    namespace: site.namespace,
    code: site.code,
    name: site.name,
    version: site.version,
    redirects: site.redirects,
    pages: site.pages,
    page_bytes: site.pageBytes,
    published_redirects: site.publishedRedirects,
    published_pages: site.publishedPages,
    created_at: instant(site.createdAt),
    updated_at: instant(site.updatedAt),
    published_at: site.publishedAt === null ? null : instant(site.publishedAt),
  };
}

export function presentSiteDetail(site: Site & { hasUnpublished: boolean }) {
  return { ...presentSite(site), has_unpublished: site.hasUnpublished };
}

export function presentRedirect({ number, type, address, value, label, state, updatedAt }: Item) {
  return {
    id: number,
    type,
    source: address,
    target: value,
    status: label,
    state,
    updated_at: instant(updatedAt),
  };
}

/** In a list without the content, which the list's schema leaves out. */
export function presentPage({ number, type, address, value, label, bytes, state, updatedAt }: Item) {
  return {
    id: number,
    type,
    path: address,
    content: value,
    content_type: label,
    bytes,
    state,
    updated_at: instant(updatedAt),
  };
}

export function presentAgent(agent: Agent) {
  return {
    name: agent.name,
    type: agent.type,
    version: agent.version,
    status: agent.status,
    load_duration: agent.loadDuration,
    error: agent.error,
    offline: agent.isOffline,
    created_at: instant(agent.createdAt),
    last_hit_at: instant(agent.lastHitAt),
  };
}
