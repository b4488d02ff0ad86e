/** What an answer's ID token says, before anybody has looked whether it may be believed; null without one to be read. */
export async function claimsUnchecked(answer: Response): Promise<Record<string, unknown> | null> {
  try {
    const { id_token: token } = (await answer.json()) as { id_token?: unknown };
    return objectIn(payloadOf(String(token)));
  } catch {
    return null;
  }
}

export function payloadOf(token: string): string {
  return partOf(token, 1);
}

/** The name of the key that it says it was signed by. */
export function keyIdOf(token: string): unknown {
  return objectIn(partOf(token, 0))?.['kid'];
}

function partOf(token: string, at: number): string {
  return Buffer.from(token.split('.')[at] ?? '', 'base64url').toString('utf8');
}

function objectIn(json: string): Record<string, unknown> | null {
  const value: unknown = JSON.parse(json);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
