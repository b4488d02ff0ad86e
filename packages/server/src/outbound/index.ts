/**
 * Owns asking servers whose addresses somebody else names: one fetch that keeps to public addresses, to a time and to
 * a size, and what others judge such addresses by, whatever a name turns out to mean. Knows nothing of what is asked.
 */
export { createGuardedFetch, type GuardedFetch, UnreachableError } from './guarded-fetch.ts';
export { createGuardedLookup, hostOf, isLoopbackHost, networkOf, type Resolve } from './guarded-lookup.ts';
