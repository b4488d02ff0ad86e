/** What a `datetime-local` field holds, which is in the browser's own time zone, as the API takes it. */
export function instantFrom(field: string): string | null {
  const at = new Date(field);
  return field === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
