/** Stands for what cannot be read: the surface that the path belongs to refuses it in its own words. */
const UNREADABLE = '%00';

/**
 * The address of a request as the router can take it: a part of its path that is no UTF-8 in percent signs, or longer than
 * `maxPart` characters, becomes one that every surface refuses. The router would answer such an address itself, alike for all.
 */
export function readableUrl(url: string, maxPart: number): string {
  if (url.length <= maxPart && !url.includes('%')) return url;
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  const parts = path.split('/').map((part) => (isReadable(part, maxPart) ? part : UNREADABLE));
  return parts.join('/') + url.slice(path.length);
}

function isReadable(part: string, maxPart: number): boolean {
  try {
    return decodeURIComponent(part).length <= maxPart;
  } catch {
    return false;
  }
}
