/**
 * Owns what an MMDB file of the operator's says about an address: GeoLite2, DB-IP and IPinfo, read as a whole at
 * the start and again when the file has changed. Asks nobody outside, and does not decide what a place is.
 */
export { type Geo, type Located, openGeo } from './geo.ts';
