import type { Storage, Transaction } from '../../storage/index.ts';
import { deletePhone } from '../contact/index.ts';
import { holdUser, setUserFactors } from '../user/index.ts';
import { type MethodId, SECOND_FACTORS, type SignInMethod } from './method.ts';

/**
 * Which second factors a user has. The list stands in the user's own row, so that neither the gate nor a session
 * check asks every method; it is written anew in the transaction of whatever enrols or removes one.
 */
export interface Factors {
  /** Asks every method and writes the list; all nodes forget what they remembered of the user. */
  refresh(tx: Transaction, userId: string): Promise<void>;
  /** Takes these away; the caller holds the user, and refreshes. */
  forget(tx: Transaction, userId: string, methods: readonly MethodId[]): Promise<void>;
  /** Takes every factor away, and the phone number: for an account whose owner has just won it back. */
  forgetAll(tx: Transaction, userId: string): Promise<void>;
}

export function createFactors(storage: Storage, methods: readonly SignInMethod[]): Factors {
  async function refresh(tx: Transaction, userId: string): Promise<void> {
    // Before looking: of two that enrol at once, the later must not write a list without the other's factor.
    await holdUser(tx, userId);
    const enrolled = [];
    for (const id of SECOND_FACTORS) {
      const method = methods.find((one) => one.id === id);
      if (await method?.isEnrolled?.(tx, userId)) enrolled.push(id);
    }
    // They stand in for a factor; without one they would open the next one that is set up.
    if (enrolled.length === 0) await methods.find(({ id }) => id === 'recovery-code')?.forget?.(tx, userId);
    await setUserFactors(tx, userId, enrolled);
    await storage.channel.publish(tx, { topic: 'user', key: userId });
  }

  return {
    refresh,
    async forget(tx, userId, named) {
      for (const method of methods) if (named.includes(method.id)) await method.forget?.(tx, userId);
    },
    async forgetAll(tx, userId) {
      await holdUser(tx, userId);
      for (const method of methods) await method.forget?.(tx, userId);
      await deletePhone(tx, userId);
      await refresh(tx, userId);
    },
  };
}
