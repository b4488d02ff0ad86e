import { createHash } from 'node:crypto';
import { remembered } from './remembered.ts';

interface Options {
  /** Of a range API in the manner of Have I Been Pwned, without a slash at its end; empty to ask nobody. */
  url: string;
  clock: () => number;
  /** Told of a service that did not answer; the password is then taken for a good one. */
  onBackgroundError(error: unknown): void;
}

const PREFIX = 5;
const TIMEOUT_MS = 3_000;
/** An answer is some 40 kB, padding included. */
const MAX_BYTES = 512 * 1024;
const ATMOST = 200;
/** Questions under way at once, so that a service that hangs cannot tie up this server. */
const MAX_UNDER_WAY = 50;

/**
 * Whether a password is known from a breach (contract 1.2, step 3). Only five characters of its SHA-1 leave this
 * server, which some 800 known passwords share; padding hides from the length of the answer which five they were.
 */
export function createBreachedPasswords({ url, clock, onBackgroundError }: Options) {
  let underWay = 0;

  async function fetchRange(prefix: string): Promise<string> {
    if (underWay >= MAX_UNDER_WAY) throw new Error(`${MAX_UNDER_WAY} questions wait for an answer already`);
    underWay += 1;
    try {
      const response = await fetch(`${url}/${prefix}`, {
        headers: { 'add-padding': 'true', 'user-agent': 'Fluxgate' },
        redirect: 'error',
        // The deadline covers the whole answer, not only its first byte.
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`status ${response.status}`);
      }
      return await readBounded(response);
    } finally {
      underWay -= 1;
    }
  }

  const rangeOf = remembered(fetchRange, { clock, atMost: ATMOST });

  return async (password: string): Promise<boolean> => {
    if (url === '') return false;
    const hash = createHash('sha1').update(password.normalize('NFKC')).digest('hex').toUpperCase();
    try {
      return isListed(await rangeOf(hash.slice(0, PREFIX)), hash.slice(PREFIX));
    } catch (cause) {
      onBackgroundError(new Error('breached_passwords_url could not be asked.', { cause }));
      return false;
    }
  };
}

/** `SUFFIX:COUNT` a line; a count of nought is padding. */
function isListed(range: string, suffix: string): boolean {
  return range.split('\n').some((line) => {
    const [listed, count] = line.trim().split(':');
    return listed?.toUpperCase() === suffix && Number(count) > 0;
  });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
