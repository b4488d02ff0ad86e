import type { z } from 'zod';
import type { loginResponse } from './schemas.ts';
import type { TokenPair } from './tokens.ts';

export type LoginAnswer = z.output<typeof loginResponse>;

export interface Person {
  number: number;
  username: string;
  globalName: string | null;
}

/** The answer to every way in, and to a refresh (contract A3). */
export function presentLogin({ number, username, globalName }: Person, tokens: TokenPair): LoginAnswer {
  const { accessToken, refreshToken, expiresAt } = tokens;
  return {
    user: { id: number, username, ...splitName(globalName ?? '') },
    tokens: { accessToken, refreshToken, expiresAt },
  };
}

/** Core knows one name; what stands before its first blank is as good a first name as can be had. */
function splitName(name: string): { firstname: string; lastname: string } {
  const [, firstname = '', lastname = ''] = /^(\S*)\s*(.*)$/s.exec(name.trim()) ?? [];
  return { firstname, lastname };
}
