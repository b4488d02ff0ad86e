import type { SudoProof } from '../api/index.ts';
import { strings } from '../strings.ts';

/** What the dialog's field is for, by what the account has. */
export type Asked = 'password' | 'app-code' | 'recovery-code' | 'sms-code';

export function askedFor(methods: readonly string[], isSmsSent: boolean): Asked {
  if (isSmsSent) return 'sms-code';
  if (methods.includes('totp')) return 'app-code';
  return methods.includes('recovery-code') ? 'recovery-code' : 'password';
}

export function proofOf(asked: Asked, typed: string): SudoProof {
  if (asked === 'password') return { password: typed };
  const code = typed.trim();
  if (asked === 'sms-code') return { method: 'sms-code', code };
  // An app shows six digits, which no recovery code is.
  const isAppCode = asked === 'app-code' && /^\d{6}$/.test(code.replace(/\s/g, ''));
  return { method: isAppCode ? 'totp' : 'recovery-code', code };
}

/** Asks the browser for a passkey; null where it cannot, or its owner would not. */
export async function passkeyProof(
  options: PublicKeyCredentialRequestOptionsJSON,
): Promise<SudoProof | null> {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    if (!(credential instanceof PublicKeyCredential)) return null;
    return { method: 'passkey', response: credential.toJSON(), challenge: options.challenge };
  } catch {
    return null;
  }
}

export const fieldOf: Readonly<Record<Asked, { label: string; hint?: string; wrong: string }>> = {
  password: { label: strings.sudo.password, wrong: strings.sudo.wrongPassword },
  'app-code': { label: strings.sudo.appCode, hint: strings.sudo.appHint, wrong: strings.sudo.wrongCode },
  'recovery-code': { label: strings.sudo.recoveryCode, wrong: strings.sudo.wrongCode },
  'sms-code': { label: strings.sudo.smsCode, wrong: strings.sudo.wrongCode },
};
