import { z } from 'zod';

/** Where an address is, as far as the file tells; null for what it leaves out. */
export interface Located {
  /** In English. */
  city: string | null;
  /** In English. */
  region: string | null;
  /** In English. */
  country: string | null;
  /** ISO 3166-1 alpha-2, upper case. */
  countryCode: string | null;
  /** The part of ISO 3166-2 after the country; many files give only names. */
  regionCode: string | null;
}

/** A record may hold anything: what is not a text with something in it counts as missing. */
const text = z.string().min(1).nullable().catch(null);
const code = z
  .string()
  .regex(/^[A-Za-z]{2}$/)
  .transform((letters) => letters.toUpperCase())
  .nullable()
  .catch(null);
const names = z.object({ en: text }).catch({ en: null });

/** GeoLite2's and DB-IP's layout: nested maps with names by language. */
const nested = z.object({
  city: z.object({ names }).optional().catch(undefined),
  subdivisions: z.array(z.object({ names, iso_code: text })).catch([]),
  country: z.object({ names, iso_code: code }),
});

/**
 * IPinfo's layout: plain texts. Its older files have the code in `country` and the name beside it, its newer ones
 * the name in `country` and the code beside it.
 */
const flat = z.object({
  city: text,
  region: text,
  region_code: text,
  country: text,
  country_name: text,
  country_code: code,
});

/** Reads a record of any of the known layouts; null when it names not even a country. */
export function locatedFrom(record: unknown): Located | null {
  const { success: isNested, data: maps } = nested.safeParse(record);
  if (isNested) {
    const [largest] = maps.subdivisions;
    return orNull({
      city: maps.city?.names.en ?? null,
      region: largest?.names.en ?? null,
      country: maps.country.names.en,
      countryCode: maps.country.iso_code,
      regionCode: largest?.iso_code ?? null,
    });
  }
  const { success: isFlat, data: texts } = flat.safeParse(record);
  if (!isFlat) return null;
  return orNull({
    city: texts.city,
    region: texts.region,
    country: texts.country_name ?? texts.country,
    countryCode: texts.country_code ?? code.parse(texts.country),
    regionCode: texts.region_code,
  });
}

function orNull(located: Located): Located | null {
  return located.country === null && located.countryCode === null ? null : located;
}
