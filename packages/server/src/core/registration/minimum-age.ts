/**
 * How old somebody who registers from a country must be. The higher of the two rules holds: what the country asks
 * for (`DE=16`) cannot open a server that is for adults.
 */
export function createMinimumAge(
  rules: { minimumAgeYears: number; minimumAgeByCountry: readonly string[] },
  /** ISO 3166-1 alpha-2, upper case; null for an address nobody can place. */
  countryOf: (address: string) => string | null,
): (address: string) => number {
  const ages = new Map(
    rules.minimumAgeByCountry.map((entry) => {
      const [country = '', age] = entry.split('=');
      return [country, Number(age)] as const;
    }),
  );
  return (address) => {
    const country = ages.size === 0 ? null : countryOf(address);
    return Math.max(rules.minimumAgeYears, (country !== null && ages.get(country)) || 0);
  };
}
