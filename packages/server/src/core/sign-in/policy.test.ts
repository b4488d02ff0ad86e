import { describe, expect, it } from 'vitest';
import type { Factor } from './method.ts';
import { decide, type Facts, isMultiFactor, type Occasion, type ProofShown, provesAgain } from './policy.ts';

const OCCASIONS: Occasion[] = ['sign-in', 'registration', 'recovery', 'revert', 'set-up', 'approval'];
const FIRST: ProofShown[] = [
  { method: 'password', factors: ['knows'] },
  { method: 'recovery', factors: ['has'] },
];
const PASSKEY: ProofShown = { method: 'passkey', factors: ['has', 'is'] };
const SECOND: ProofShown[] = [
  { method: 'totp', factors: ['has'] },
  { method: 'sms-code', factors: ['has'] },
  { method: 'recovery-code', factors: ['has'] },
  PASSKEY,
];

const QUIET: Facts = {
  occasion: 'sign-in',
  proofs: [{ method: 'password', factors: ['knows'] }],
  contact: { verified: true },
  requireVerifiedEmail: true,
  enrolled: [],
  requireSecondFactor: false,
  isKnownPlace: true,
};

describe('the policy', () => {
  it('owes a verified address for exactly one case of all', () => {
    const owing = OCCASIONS.flatMap((occasion) =>
      [null, { verified: false }, { verified: true }].flatMap((contact) =>
        [true, false].map((requireVerifiedEmail) => ({ occasion, contact, requireVerifiedEmail })),
      ),
    ).filter((facts) => decide({ ...QUIET, ...facts }).owed === 'verified-contact');
    expect(owing).toEqual([
      { occasion: 'sign-in', contact: { verified: false }, requireVerifiedEmail: true },
    ]);
  });

  it('lets nobody with a second factor in on one proof, whatever the occasion, the place and the demand [B07, B09, bug 12, bug 16]', () => {
    for (const occasion of OCCASIONS) {
      for (const first of FIRST) {
        for (const enrolled of [['totp'], ['sms-code'], ['passkey'], ['totp', 'sms-code', 'passkey']]) {
          for (const requireSecondFactor of [true, false]) {
            for (const isKnownPlace of [true, false, null]) {
              const facts = { ...QUIET, occasion, proofs: [first], enrolled, requireSecondFactor };
              expect(decide({ ...facts, isKnownPlace })).toEqual({ owed: 'proof', methods: enrolled });
            }
          }
        }
      }
    }
  });

  it('asks for nothing more once a second one was shown', () => {
    for (const first of FIRST) {
      for (const second of SECOND) {
        const facts = { ...QUIET, proofs: [first, second], enrolled: ['totp'], requireSecondFactor: true };
        expect(decide({ ...facts, isKnownPlace: false })).toEqual({ owed: 'nothing' });
      }
    }
  });

  it('sends whoever must have a second factor and has none to set one up', () => {
    for (const occasion of OCCASIONS)
      expect(decide({ ...QUIET, occasion, requireSecondFactor: true })).toEqual({ owed: 'enrolment' });
    expect(decide({ ...QUIET, proofs: [PASSKEY], requireSecondFactor: true })).toEqual({ owed: 'nothing' });
  });

  it('has a new place approved before a factor may be set up from there', () => {
    const facts = { ...QUIET, requireSecondFactor: true, isKnownPlace: false };
    expect(decide(facts)).toEqual({ owed: 'approval' });
    expect(decide({ ...facts, occasion: 'approval' })).toEqual({ owed: 'enrolment' });
  });

  it('has a new place approved for a sign-in by password alone, and for nothing else', () => {
    const owing = OCCASIONS.flatMap((occasion) =>
      [null, { verified: true }].flatMap((contact) =>
        [true, false, null].map((isKnownPlace) => ({ occasion, contact, isKnownPlace })),
      ),
    ).filter((facts) => decide({ ...QUIET, ...facts }).owed === 'approval');
    expect(owing).toEqual([{ occasion: 'sign-in', contact: { verified: true }, isKnownPlace: false }]);
  });

  const SETS: { proofs: [string, Factor[]][]; multi: boolean }[] = [
    { proofs: [], multi: false },
    { proofs: [['password', ['knows']]], multi: false },
    { proofs: [['recovery', ['has']]], multi: false },
    { proofs: [['passkey', ['has']]], multi: false },
    { proofs: [['passkey', ['has', 'is']]], multi: true },
    {
      proofs: [
        ['password', ['knows']],
        ['password', ['knows']],
      ],
      multi: false,
    },
    {
      proofs: [
        ['password', ['knows']],
        ['totp', ['has']],
      ],
      multi: true,
    },
    {
      proofs: [
        ['recovery', ['has']],
        ['totp', ['has']],
      ],
      multi: true,
    },
  ];

  it('counts what was shown, not how often [bug 17]', () => {
    for (const { proofs, multi } of SETS)
      expect(isMultiFactor(proofs.map(([method, factors]) => ({ method, factors })))).toBe(multi);
  });

  it('takes a second factor for a sensitive act where there is one, and the password only where there is none [D09]', () => {
    expect(provesAgain({ factors: [], hasPassword: true })).toEqual(['password']);
    expect(provesAgain({ factors: [], hasPassword: false })).toEqual([]);
    expect(provesAgain({ factors: ['passkey'], hasPassword: true })).toEqual(['passkey', 'recovery-code']);
    expect(provesAgain({ factors: ['totp', 'sms-code'], hasPassword: true })).toEqual([
      'totp',
      'sms-code',
      'recovery-code',
    ]);
  });
});
