/** Whether somebody born on `dateOfBirth` (`YYYY-MM-DD`) is at least `years` old on the UTC day of `now`. */
export function isAtLeast(years: number, dateOfBirth: string, now: number): boolean {
  const [year = 0, month = 0, day = 0] = dateOfBirth.split('-').map(Number);
  const today = new Date(now);
  const age = today.getUTCFullYear() - year;
  const hadBirthday =
    today.getUTCMonth() + 1 > month || (today.getUTCMonth() + 1 === month && today.getUTCDate() >= day);
  return (hadBirthday ? age : age - 1) >= years;
}
