import type { Database, Queryable, Transaction } from '../../storage/index.ts';

/** A passkey as its owner sees it. */
export interface PasskeyListing {
  /** Base64url, 22 to 1,364 characters: the authenticator's choice. */
  credentialId: string;
  name: string;
  createdAt: number;
  lastUsedAt: number | null;
}

/** What the browser is asked for (WebAuthn 5.4, in the JSON form of 5.1.8). */
export interface PasskeyCreationOptions {
  rp: { name: string; id: string };
  /** `id` is the user's, base64url. */
  user: { id: string; name: string; displayName: string };
  /** Base64url. */
  challenge: string;
  /** COSE algorithms, best first. */
  pubKeyCredParams: { alg: number; type: string }[];
  /** Milliseconds. */
  timeout: number;
  attestation: string;
  excludeCredentials: { id: string; type: string; transports?: string[] }[];
  authenticatorSelection: { residentKey: string; requireResidentKey: boolean; userVerification: string };
  extensions: { credProps: boolean };
  hints: string[];
}

/** What self-service needs of the passkey method. A port, because core imports no method. */
export interface PasskeyKeeper {
  /** Oldest first. */
  list(db: Queryable, userId: string): Promise<PasskeyListing[]>;
  /** What the browser needs to make a passkey (contract 4.6); its challenge is good once, for this session alone. */
  begin(
    db: Database,
    owner: { projectId: string; userId: string; sessionId: string; userName: string },
  ): Promise<PasskeyCreationOptions>;
  /** Spends the challenge, whatever comes of it, and looks at what the browser made. */
  judge(
    db: Database,
    judging: {
      projectId: string;
      userId: string;
      sessionId: string;
      /** As it was handed out; null for the one that the browser says it answers. */
      challenge: string | null;
      response: unknown;
    },
  ): Promise<ProvedPasskey | { refused: PasskeyRefusal }>;
  /** False where the user has no such passkey. */
  rename(tx: Transaction, passkey: { userId: string; credentialId: string; name: string }): Promise<boolean>;
  /** False where the user has no such passkey. */
  remove(tx: Transaction, passkey: { userId: string; credentialId: string }): Promise<boolean>;
}

/**
 * `challenge`: unknown, used, expired, or another session's. `key`: of a kind that was not asked for, or no key
 * at all. `malformed` and `wrong`: all the rest.
 */
type PasskeyRefusal = 'malformed' | 'challenge' | 'wrong' | 'key';

/** A passkey that was found good, waiting for the transaction that keeps it. */
interface ProvedPasskey {
  refused: null;
  /** Null, and nothing is saved, where anybody has a passkey of the same id. */
  save(tx: Transaction, name: string): Promise<PasskeyListing | null>;
}
