/** The body is no JSON that we take; `reason` is safe to show. */
export class JsonBodyError extends Error {
  override readonly name = 'JsonBodyError';
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A body's text. Throws `JsonBodyError` for bytes that are none: read leniently, two different ones would be the same. */
export function textOfBody(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new JsonBodyError('The body is not UTF-8.');
  }
}

/** Deeper than any request of ours, and far from where a recursive walk would hurt. */
const MAX_DEPTH = 32;

/**
 * Parses a JSON text strictly: one value, no duplicate keys, at most 32 levels, and whole numbers beyond 2^53
 * kept whole as `bigint`, because identifiers arrive as numbers too. Empty text is `{}`.
 */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return {};
  // The structure is looked at first: it is a plain loop, so that nothing deep is ever built or recursed into.
  refuseDepthAndDuplicates(text);
  try {
    return JSON.parse(text, keepBigIntegers as (key: string, value: unknown) => unknown);
  } catch {
    throw new JsonBodyError('The body is not valid JSON.');
  }
}

function keepBigIntegers(key: string, value: unknown, context: { source?: string }): unknown {
  // A key of this name would set the object's prototype in careless code further on.
  if (key === '__proto__') return undefined;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !context.source) return value;
  return /^-?\d{1,40}$/.test(context.source) ? BigInt(context.source) : value;
}

function refuseDepthAndDuplicates(text: string): void {
  /** Per open bracket: the keys seen so far, or null inside an array. */
  const open: (Set<string> | null)[] = [];
  let awaitsKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[': {
        if (open.length === MAX_DEPTH)
          throw new JsonBodyError(`The body is nested more than ${MAX_DEPTH} levels deep.`);
        awaitsKey = text[at] === '{';
        open.push(awaitsKey ? new Set() : null);
        break;
      }
      case '}':
      case ']':
        open.pop();
        awaitsKey = false;
        break;
      case ',':
        awaitsKey = open.at(-1) instanceof Set;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (awaitsKey) refuseDuplicate(open.at(-1), text.slice(at, end + 1));
        awaitsKey = false;
        at = end;
        break;
      }
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  throw new JsonBodyError('The body is not valid JSON.');
}

function refuseDuplicate(keys: Set<string> | null | undefined, literal: string): void {
  let key: string;
  try {
    key = JSON.parse(literal) as string;
  } catch {
    throw new JsonBodyError('The body is not valid JSON.');
  }
  if (keys?.has(key)) throw new JsonBodyError('The body has the same key twice.');
  keys?.add(key);
}
