import type { Queryable, Transaction } from '../../storage/index.ts';
import type { SecretRefusal } from '../errors.ts';

/**
 * What enrolling needs of the TOTP method. A port, because core imports no method.
 */
export interface TotpKeeper {
  /**
   * Makes a secret of 160 bits and keeps it unconfirmed, in place of an earlier unconfirmed one. Returns it in
   * base32, or null, keeping nothing, where TOTP is on.
   */
  begin(tx: Transaction, userId: string): Promise<string | null>;
  /** Looks at the code of a secret: of the one given, or (null) of the one that was begun. */
  judge(
    db: Queryable,
    judging: { userId: string; secret: string | null; code: string },
  ): Promise<ProvedSecret | { refused: SecretRefusal | 'wrong-code' }>;
  /** Turns it off and forgets the secret; false where it is off. */
  remove(tx: Transaction, userId: string): Promise<boolean>;
  /** The secret a user has, confirmed or only begun; null for none. */
  find(db: Queryable, userId: string): Promise<{ isConfirmed: boolean; createdAt: number } | null>;
}

/** A secret whose code was right, waiting for the transaction that turns it on. */
interface ProvedSecret {
  refused: null;
  /** The code counts as used. False, and nothing is saved, where TOTP is on already. */
  save(tx: Transaction, userId: string): Promise<boolean>;
}

export interface RecoveryCode {
  /** `xxxx-xxxx` */
  code: string;
  consumed: boolean;
}

/** What self-service needs of the recovery codes' method. */
export interface RecoveryCodeKeeper {
  /** Makes ten new ones; all earlier ones are void. */
  replace(tx: Transaction, userId: string): Promise<RecoveryCode[]>;
  /** In the order in which they were made; empty for an account that has none. */
  list(db: Queryable, userId: string): Promise<RecoveryCode[]>;
}

/** Ten, where the user has none; empty, and nothing is changed, where there are some. */
export async function firstRecoveryCodes(
  tx: Transaction,
  keeper: RecoveryCodeKeeper,
  userId: string,
): Promise<RecoveryCode[]> {
  return (await keeper.list(tx, userId)).length > 0 ? [] : await keeper.replace(tx, userId);
}

/** What self-service needs of the SMS method. */
export interface SmsKeeper {
  isEnabled(db: Queryable, userId: string): Promise<boolean>;
  /** Null where it is off. */
  enabledAt(db: Queryable, userId: string): Promise<number | null>;
  /** Whether that changed anything. */
  enable(tx: Transaction, userId: string): Promise<boolean>;
  /** Codes are no longer sent; the number stays. Whether that changed anything. */
  disable(tx: Transaction, userId: string): Promise<boolean>;
}
