import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomBytes } from './random.ts';
import { HOW_TO_MAKE_A_SECRET, weaknessOf } from './secret-weakness.ts';

/** Seals what must be shown or sent again and may not lie readable in the database or its backups. */
export interface Sealer {
  /** `purpose` separates kinds: what was sealed for one cannot be opened as another. */
  seal(purpose: string, text: string): string;
  /** Throws when the text was sealed with another key, for another purpose, or was changed. */
  open(purpose: string, sealed: string): string;
}

export interface InstanceKey extends Sealer {
  /** Tells keys apart without telling anything of them; stored in the database. */
  readonly fingerprint: string;
  /** 32 bytes for one purpose, the same on all nodes: what a secret is that the operator did not set. */
  derive(purpose: string): Buffer;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface KeySource {
  /** `FLUXGATE_INSTANCE_KEY`, or the content of the file it names; undefined when neither is set. */
  configured: string | undefined;
  dataDir: string;
}

const FILE_NAME = 'instance.key';

/** The configured key or the data directory's; null when there is none yet. */
export function readInstanceKey({ configured, dataDir }: KeySource, random: RandomBytes): InstanceKey | null {
  if (configured !== undefined)
    return keyFrom(configured.trim(), { origin: 'FLUXGATE_INSTANCE_KEY', random });
  const path = join(dataDir, FILE_NAME);
  if (!existsSync(path)) return null;
  return keyFrom(keyIn(path), { origin: path, random });
}

/** As `readInstanceKey`, but makes the key on the first start; the file is readable by its owner alone. */
export function loadInstanceKey(source: KeySource, random: RandomBytes): InstanceKey {
  const found = readInstanceKey(source, random);
  if (found) return found;
  mkdirSync(source.dataDir, { recursive: true, mode: 0o700 });
  const path = join(source.dataDir, FILE_NAME);
  const draw = () => Buffer.from(random(KEY_BYTES)).toString('base64url');
  const first = draw();
  // One in some hundred thousand begins like a sample, and would be refused at this very start.
  const text = weaknessOf(first) === null ? first : draw();
  try {
    // On the disk before anything is sealed with it: a lost key would lose all that is.
    writeFileSync(path, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    // Two first starts at once: the other one's key counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return keyFrom(keyIn(path), { origin: path, random });
}

function keyIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix = 'Give the file to the user that runs this server, readable for that user alone';
    throw new Error(`The instance key ${path} cannot be read (${code}). ${fix}.`);
  }
}

function keyFrom(text: string, { origin, random }: { origin: string; random: RandomBytes }): InstanceKey {
  const weakness = weaknessOf(text);
  if (weakness === 'empty')
    throw new Error(`${origin} is set but empty. Unset it, or give it at least 32 random bytes.`);
  if (weakness) throw new Error(`${origin} is too short or a sample value. Instead, ${HOW_TO_MAKE_A_SECRET}`);
  const secret = createHash('sha256').update(text).digest();
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  return {
    fingerprint: derive('fingerprint').subarray(0, 12).toString('base64url'),
    // With a prefix of its own, so that no purpose can name the key that something was sealed with.
    derive: (purpose) => derive(`secret:${purpose}`),
    seal(purpose, plain) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', derive(`seal:${purpose}`), nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      // One spelling only: the decoder would also take stray characters.
      if (bytes.toString('base64url') !== sealed) throw new Error('This was not sealed here.');
      const decipher = createDecipheriv(
        'aes-256-gcm',
        derive(`seal:${purpose}`),
        bytes.subarray(0, NONCE_BYTES),
        {
          authTagLength: TAG_BYTES,
        },
      );
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    },
  };
}
