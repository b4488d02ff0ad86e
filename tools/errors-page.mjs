/** `docs/errors.md`: every code of Fluxer's wire with its text, from the catalogue the server answers from. */
export function renderErrorsPage({ errorTexts, itemTexts }) {
  const table = (texts) => Object.entries(texts).map(([code, text]) => `| \`${code}\` | ${text} |`);
  return [
    '# Errors',
    '',
    'Generated from the surfaces by `npm run generate`; do not edit by hand.',
    '',
    "## Fluxer's API (`/v1`)",
    '',
    'Every refusal is `{code, message}`, with extra keys where the code says so. Act on the code: the text may change.',
    '',
    '| Code | Text |',
    '| --- | --- |',
    ...table(errorTexts),
    '',
    '### Items of `INVALID_FORM_BODY`',
    '',
    'A 400 with this code lists what is wrong as `errors: [{path, message, code}]`; `path` is joined by dots, `root` is the',
    'whole body and `body` one that could not be read.',
    '',
    '| Item code | Text |',
    '| --- | --- |',
    ...table(itemTexts),
    '',
    '## Admin API (`/admin/v1`)',
    '',
    'Every refusal is `application/problem+json` (RFC 9457) with a stable `code`: `unauthenticated` (401), `forbidden`,',
    '`sudo_required`, `invalid_credentials`, `cross_site` (403), `not_found` (404), `invalid_request` (400),',
    '`rate_limited` (429), `unavailable` (503), `internal` (500).',
    '',
  ].join('\n');
}
