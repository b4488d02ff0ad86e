/** Blocks that seed 000 writes in camelCase; each key of theirs is taken in both spellings (contract part 9). */
const BLOCKS = ['auth.', 'cookie.'];

/** What seed 000 calls by another word than ours, too. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'auth.passkeys.allowedOrigins': 'auth.passkeys.additional_allowed_origins',
};

/** Every key the file may have, to the path of the setting that it means. */
export function spellings(paths: readonly string[]): ReadonlyMap<string, string> {
  const camel = paths
    .filter((path) => BLOCKS.some((block) => path.startsWith(block)))
    .map((path) => [camelCased(path), path] as const);
  return new Map([...camel, ...Object.entries(OTHER_WORDS), ...paths.map((path) => [path, path] as const)]);
}

function camelCased(path: string): string {
  return path.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Keys of a Fluxer server's file that mean nothing here, or go by another name: what to do instead. */
const FOREIGN: Readonly<Record<string, string>> = {
  'dev.test_mode_enabled': 'There is no test mode: leave it out',
  'dev.test_harness_token': 'There is no test mode: leave it out',
  'dev.disable_rate_limits': 'Use rate_limits: off',
  'dev.relax_registration_rate_limits': 'Use rate_limits: off',
  'instance.auto_join_invite_code': 'There is nothing to be invited to here: leave it out',
  domain: 'Use public_url, and cors_origins for web apps elsewhere',
  endpoint_overrides: 'Use public_url, and cors_origins for web apps elsewhere',
};

/** What to do about a key that is no setting. */
export function adviceOn(key: string): string {
  const found = Object.entries(FOREIGN).find(([path]) => key === path || key.startsWith(`${path}.`));
  return found?.[1] ?? 'See docs/configuration.md';
}
