import { security } from './pages.js';

/**
 * What only signed-in people can do, in their name: each call takes the token of their session.
 * @param {import('./app.js').Parts} parts
 * @returns {Record<string, import('./app.js').Handler>}
 */
export function accountRoutes({ flux, settings }) {
  const { auth } = flux;

  /** @param {(user: import('./app.js').FluxUser, asked: import('./app.js').Asked, answer: import('./app.js').Answers) => unknown} work
   * @returns {import('./app.js').Handler} */
  const signedIn = (work) => (asked, answer) =>
    asked.user ? work(asked.user, asked, answer) : answer.leadTo('/sign-in');

  return {
    'GET /security': signedIn(async (user, _asked, answer) => {
      const { sessionToken: token } = user;
      const [{ factors, recoveryCodesLeft }, passkeys, { mfa }] = await Promise.all([
        auth.mfa.listFactors(token),
        auth.passkeys.list(token),
        auth.getSettings(),
      ]);
      const main = security({ factors, recoveryCodesLeft, passkeys, methods: mfa.methods });
      answer.page({ title: 'Security', main, user, script: true });
    }),

    // Both halves of a passkey: the page asks the authenticator in between.
    'POST /passkeys/options': signedIn(async ({ sessionToken }, _asked, answer) =>
      answer.json(await auth.passkeys.startRegistration(sessionToken)),
    ),
    'POST /passkeys': signedIn(async ({ sessionToken }, asked, answer) => {
      const { response, name } = await asked.json();
      const given = /** @type {import('@flux/sdk').PasskeyJson} */ (response);
      const { user } = await auth.passkeys.finishRegistration(sessionToken, {
        ...{ response: given, name: String(name) },
      });
      answer.begin(user).done();
    }),
    'POST /passkeys/delete': signedIn(async ({ sessionToken }, asked, answer) => {
      await auth.passkeys.delete(sessionToken, (await asked.form())['id'] ?? '');
      answer.leadTo('/security');
    }),

    'POST /confirm-address': signedIn(async ({ sessionToken }, _asked, answer) => {
      await auth.sendEmailVerification(sessionToken, { redirectUrl: `${settings.appUrl}/arrive` });
      answer.leadTo('/?sent');
    }),

    'POST /sign-out': signedIn(async ({ sessionToken }, _asked, answer) => {
      await auth.revokeSession(sessionToken);
      answer.end().leadTo('/');
    }),
    'POST /sign-out-everywhere': signedIn(async ({ id }, _asked, answer) => {
      await auth.revokeAllSessions(id);
      answer.end().leadTo('/');
    }),
  };
}
