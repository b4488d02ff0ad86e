/** Ends every prefix range: no character sorts above it. */
const ABOVE_ALL = '\u{10ffff}';

/** All texts that begin with `prefix`, as a range of an index; everything, for an empty one. */
export function rangeOf(prefix: string): { from: string; below: string } {
  return { from: prefix, below: prefix + ABOVE_ALL };
}
