/**
 * Owns the counters that guard a guess: how many tries an account, an address or a recipient has in a window.
 * They are rows, atomic and shared by all nodes. Owns the CAPTCHA port too: who must solve a puzzle, and that a
 * solution counts once; the puzzles themselves live in `captcha/`. Does not own traffic limits (`http/`), which
 * only keep load off.
 */

export { type Captcha, type CaptchaAction, type CaptchaProvider, createCaptcha } from './captcha.ts';
export { deleteExpiredSolutions } from './captcha-store.ts';
export { deleteExpiredCounters } from './counter-store.ts';
export { type Allowance, type Counters, createCounters, type Spent } from './counters.ts';
export { abuseMigrations } from './migrations.ts';
