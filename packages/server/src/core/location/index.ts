/**
 * Owns the places a user may sign in from: what a place is (a network prefix, or coarse geography where the
 * operator has named a file), which of them a user has approved, and taking that back. Does not ask for an
 * approval, and does not decide when one is needed: that is the gate's.
 */
export { locationMigrations } from './migrations.ts';
export {
  type AuthorisedPlace,
  createPlaces,
  type Place,
  type PlaceLabel,
  type Places,
  placeText,
} from './places.ts';
