import type { Project } from './project-store.ts';

/** Compared whole: a prefix or a host of an allowed address allows nothing (FX-19). */
export function mayLeadTo({ settings }: Pick<Project, 'settings'>, url: string): boolean {
  return settings.redirect_urls.includes(url);
}

/** Where the project's own pages on this server take in a browser that comes back from a provider. */
export function pagesReturnUrl(publicUrl: string, { id }: Pick<Project, 'id'>): string {
  return `${publicUrl}/p/${id}/back`;
}

/** An allowed address with what it is told; what is undefined is left out. */
export function ledBackTo(url: string, told: Readonly<Record<string, string | undefined>>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(told))
    if (value !== undefined) address.searchParams.set(name, value);
  return address.href;
}
