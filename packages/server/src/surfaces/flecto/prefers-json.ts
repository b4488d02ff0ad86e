/**
 * Whether a caller would rather have JSON than be sent on (RFC 9110, 12.5.1): it names JSON, and does not name HTML as
 * just as good. Whatever takes anything is taken for a browser.
 */
export function prefersJson(accept: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = quality === undefined ? 1 : Number(quality);
    weights.set(type, Number.isFinite(weight) ? weight : 0);
  }
  const json = weights.get('application/json') ?? 0;
  return json > 0 && json > (weights.get('text/html') ?? 0);
}
