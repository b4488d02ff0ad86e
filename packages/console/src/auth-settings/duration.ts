export const units = ['seconds', 'minutes', 'hours', 'days'] as const;
export type Unit = (typeof units)[number];

const secondsIn: Readonly<Record<Unit, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** What is typed: digits as they stand in the field, and the unit beside them. */
export interface Duration {
  amount: string;
  unit: Unit;
}

/** In the largest unit of which it is a whole number. */
export function durationOf(seconds: number): Duration {
  const unit = units.findLast((each) => seconds % secondsIn[each] === 0 && seconds > 0) ?? 'seconds';
  return { amount: String(seconds / secondsIn[unit]), unit };
}

/** NaN for what is no whole number. */
export function secondsOf({ amount, unit }: Duration): number {
  return /^\d{1,9}$/.test(amount.trim()) ? Number(amount) * secondsIn[unit] : Number.NaN;
}
