/**
 * Owns the frame around the pages: the routes and how their search parameters are spelled, the header, who may see
 * anything at all, and the way in and out. It holds no page of its own beyond the refusals (forbidden, not found, crash).
 */

export { createAppRouter } from './router.tsx';
export { goToSignIn } from './sign-in.ts';
