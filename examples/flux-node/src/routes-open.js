import { arrive, forgot, home, signIn, signUp, welcome } from './pages.js';

/**
 * What everybody may see. Signing in happens in the page (browser/page.js), with the publishable key; its token is handed to
 * `POST /session` once.
 * @param {import('./app.js').Parts} parts
 * @returns {Record<string, import('./app.js').Handler>}
 */
export const openRoutes = ({ flux }) => ({
  'GET /': ({ user, url }, answer) =>
    user
      ? answer.page({ title: 'Signed in', main: home({ user, isSent: url.searchParams.has('sent') }), user })
      : answer.page({ title: 'Welcome', main: welcome() }),

  'GET /sign-in': async (_asked, answer) => {
    const { methods } = await flux.auth.getSettings();
    answer.page({ title: 'Sign in', main: signIn(methods), script: true });
  },
  'GET /sign-up': (_asked, answer) => answer.page({ title: 'Sign up', main: signUp(), script: true }),
  'GET /forgot': (_asked, answer) => answer.page({ title: 'New password', main: forgot(), script: true }),
  'GET /arrive': ({ user }, answer) =>
    answer.page({ title: 'Welcome back', main: arrive(), user, script: true }),

  'POST /session': async ({ bearer }, answer) => {
    // Whose it is, is the server's to say: a page can send anything.
    answer.begin(await flux.auth.verifySession(bearer)).done();
  },
});
