import { describe, expect, it } from 'vitest';
import { decide, type Occasion } from './policy.ts';

const OCCASIONS: Occasion[] = ['sign-in', 'registration', 'recovery', 'set-up'];
const CONTACTS = [null, { verified: false }, { verified: true }];

describe('the policy', () => {
  it('owes a verified address for exactly one case of all', () => {
    const owing = OCCASIONS.flatMap((occasion) =>
      CONTACTS.flatMap((contact) =>
        [true, false].map((requireVerifiedEmail) => ({ occasion, contact, requireVerifiedEmail })),
      ),
    ).filter((facts) => decide({ ...facts, factors: ['knows'] }).owed !== 'nothing');
    expect(owing).toEqual([
      { occasion: 'sign-in', contact: { verified: false }, requireVerifiedEmail: true },
    ]);
  });
});
