/** An instant to come, with its zone, or a date, which ends with its day in UTC. Throws an `Error` for whoever typed it. */
export function instant(text: string, now: number): number {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : text;
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(full) ? Date.parse(full) : Number.NaN;
  if (Number.isNaN(at)) throw new Error(`"${text}" is no instant. Write --expires 2030-01-31T12:00:00Z.`);
  // A typing error in the year would make something that is printed once and opens nothing.
  if (at <= now) throw new Error(`"${text}" is over already.`);
  return at;
}
