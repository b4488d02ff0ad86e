/**
 * Owns the puzzles behind core's CAPTCHA port: ALTCHA's proof of work, which this server sets and judges itself, and
 * hCaptcha and Turnstile, which are asked over the network. Does not decide who must solve one, nor that a solution
 * counts once (`core/abuse`), and does not show any (`surfaces/pages`).
 */
export { createPuzzle, type Puzzle } from './puzzle.ts';
export { type ServiceAddresses, TEST_KEYS } from './service.ts';
