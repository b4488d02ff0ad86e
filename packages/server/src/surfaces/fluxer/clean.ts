/** Keys whose text is taken exactly as it came (contract 0.3). */
const TAKEN_AS_IS = new Set(['password', 'new_password']);

/** Right-to-left override, form feed and the control characters the contract names; line feed is kept. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be removed.
const REMOVED = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f\u202e]/g;

/**
 * A parsed body as the contract wants it before validation (0.3): strings cleaned and trimmed, empty ones null,
 * nested objects that hold nothing null; the root stays what it is. Bodies are at most 32 levels deep by then.
 */
export function cleanBody(value: unknown): unknown {
  return cleanValue(value, { isRoot: true, asIs: false });
}

function cleanValue(value: unknown, { isRoot, asIs }: { isRoot: boolean; asIs: boolean }): unknown {
  if (typeof value === 'string') {
    const cleaned = asIs ? value : value.replace(REMOVED, '').trim();
    return cleaned === '' ? null : cleaned;
  }
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, { isRoot: false, asIs: false }));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, cleanValue(inner, { isRoot: false, asIs: TAKEN_AS_IS.has(key) })] as const,
  );
  if (!isRoot && entries.every(([, inner]) => inner === null)) return null;
  return Object.fromEntries(entries);
}
