import { readFile, stat } from 'node:fs/promises';
import { Reader } from 'mmdb-lib';
import { type Located, locatedFrom } from './located.ts';

export type { Located };

export interface Geo {
  /** Where an address is; null when no file is named, or the file does not know it. Costs a few microseconds. */
  find(address: string): Located | null;
}

interface GeoOptions {
  /** `geoip.maxmind_db_path`; empty for none. */
  path: string;
  clock: () => number;
  /** Told of a file that can no longer be read; the one read before stays in use. */
  onBackgroundError(error: unknown): void;
}

/** Publishers replace their files once a week or month. */
const LOOK_EVERY_MS = 60_000;

/** Opens the file; throws, with the name of the setting, when it is none. */
export async function openGeo({ path, clock, onBackgroundError }: GeoOptions): Promise<Geo> {
  if (path === '') return { find: () => null };
  let loaded = await load(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  let lookedAt = clock();

  /** Looks at the file's date in the background; whoever asks meanwhile is answered from what is in memory. */
  async function reload(): Promise<void> {
    if ((await versionOf(path)) !== loaded.version) loaded = await load(path);
  }

  return {
    find(address) {
      const now = clock();
      if (Math.abs(now - lookedAt) >= LOOK_EVERY_MS) {
        lookedAt = now;
        reload().catch((error: unknown) => onBackgroundError(unreadable(path, error)));
      }
      const { reader } = loaded;
      // The reader would look the first bits of an IPv6 address up in a tree of IPv4, and find some other place.
      if (address.includes(':') && reader.metadata.ipVersion === 4) return null;
      try {
        return locatedFrom(reader.get(address));
      } catch (error) {
        // A broken page of the file must not keep anybody from signing in; without an answer the network counts.
        onBackgroundError(unreadable(path, error));
        return null;
      }
    },
  };
}

interface Loaded {
  reader: Reader<never>;
  version: string;
}

async function load(path: string): Promise<Loaded> {
  // Before the content: a file that is replaced in between is then read once too often, never once too seldom.
  const version = await versionOf(path);
  const reader = new Reader<never>(await readFile(path));
  const { binaryFormatMajorVersion: major, nodeCount } = reader.metadata;
  if (major !== 2 || !Number.isInteger(nodeCount)) throw new Error('it is no MMDB file of version 2');
  reader.get('192.0.2.1');
  return { reader, version };
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs} ${size} ${ino}`;
}

function unreadable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`geoip.maxmind_db_path names ${path}, which cannot be read as an MMDB file: ${reason}.`, {
    cause,
  });
}
