const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const month = 30 * day;
const year = 365 * day;

/** Each unit is used up to the next one's size; seconds only pass as "now", because the display ticks by the half minute. */
const steps: readonly { below: number; size: number; unit: Intl.RelativeTimeFormatUnit }[] = [
  { below: 45, size: Number.POSITIVE_INFINITY, unit: 'second' },
  { below: hour, size: minute, unit: 'minute' },
  { below: day, size: hour, unit: 'hour' },
  { below: month, size: day, unit: 'day' },
  { below: year, size: month, unit: 'month' },
  { below: Number.POSITIVE_INFINITY, size: year, unit: 'year' },
];

interface Moment {
  iso: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** The browser's own language when absent. */
  locale?: string;
}

export function formatRelative({ iso, now, locale }: Moment): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const seconds = (at - now) / 1000;
  const step = steps.find(({ below }) => Math.abs(seconds) < below);
  if (step === undefined) return iso;
  // At least one whole unit, so that 50 seconds do not round to "this minute".
  const count = Number.isFinite(step.size) ? Math.max(1, Math.floor(Math.abs(seconds) / step.size)) : 0;
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(
    Math.sign(seconds) * count,
    step.unit,
  );
}

export function formatAbsolute(iso: string, options: { locale?: string; timeZone?: string } = {}): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const { locale, timeZone } = options;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(at);
}
