import type { FastifyRequest } from 'fastify';
import type { MethodId } from '../core/sign-in/index.ts';
import { fieldOf, hasProblems, missingFields, type Problems } from './forms.ts';
import { passkeyIn } from './passkey-form.tsx';
import { strings } from './strings.ts';

/** What the forms of proofs bring; `field` is where a code was typed. */
export type Given =
  | { method: MethodId; proof: unknown; field: string }
  | { problems: Problems; isSmsSent: boolean };

export function givenIn(request: FastifyRequest, methods: readonly MethodId[]): Given {
  switch (fieldOf(request, 'method')) {
    case 'passkey': {
      const proof = passkeyIn(request);
      if (proof) return { method: 'passkey', proof, field: 'code' };
      return { problems: { whole: strings.passkey.noScript, fields: {} }, isSmsSent: false };
    }
    case 'sms':
      return codeIn(request, 'smsCode', () => 'sms-code');
    default:
      // An app shows six digits, which no recovery code is.
      return codeIn(request, 'code', (code) =>
        methods.includes('totp') && /^\d{6}$/.test(code.replace(/\s/g, '')) ? 'totp' : 'recovery-code',
      );
  }
}

function codeIn(request: FastifyRequest, field: string, methodOf: (code: string) => MethodId): Given {
  const code = fieldOf(request, field).trim();
  const problems = missingFields({ [field]: code });
  if (hasProblems(problems)) return { problems, isSmsSent: field === 'smsCode' };
  return { method: methodOf(code), proof: { code }, field };
}
