const MAX_SUBJECT = 255;

/** Whom a token is about; null without a subject of a form that can be kept. */
export function subjectIn(claims: Record<string, unknown>): string | null {
  const subject = claims['sub'];
  // OpenID Connect Core 2: at most 255 ASCII characters.
  const isKept =
    typeof subject === 'string' && /^[\x20-\x7e]+$/.test(subject) && subject.length <= MAX_SUBJECT;
  return isKept ? subject : null;
}

/** A text without control characters and blanks at its ends; null for an empty one and for anything else. */
export function textIn(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return text === '' ? null : text;
}
