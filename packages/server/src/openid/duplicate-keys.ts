/**
 * Whether a JSON text names a key twice in one object. Two readers may each take another of them (RFC 8259, 4), so a
 * token with two subjects is nobody's.
 */
export function hasDuplicateKeys(json: string): boolean {
  /** Per open bracket: the keys seen so far, or null inside a list. */
  const open: (Set<string> | null)[] = [];
  let awaitsKey = false;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/gs)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && awaitsKey) {
      const key = JSON.parse(token) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
    awaitsKey = token === '{' || (token === ',' && open.at(-1) instanceof Set);
  }
  return false;
}
