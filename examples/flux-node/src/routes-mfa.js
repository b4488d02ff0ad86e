import { messageOf } from '../browser/messages.js';
import { enrol, owed, owedFirst, recoveryCodes } from './pages.js';

/** What people can mend at once, so that they are asked again on the same page. @param {unknown} error */
const isMendable = (error) =>
  ['invalid_code', 'phone_invalid', 'phone_taken'].includes(
    /** @type {{ code?: string }} */ (error).code ?? '',
  );

/**
 * Second factors: set up, owed, shown. The session stays the same one; after a good code its next token says that
 * two factors were shown, and takes the old one's place in the cookie.
 * @param {import('./app.js').Parts} parts
 * @returns {Record<string, import('./app.js').Handler>}
 */
export function mfaRoutes({ flux }) {
  const { mfa, passkeys, getSettings } = flux.auth;

  /** @param {(user: import('./app.js').FluxUser, asked: import('./app.js').Asked, answer: import('./app.js').Answers) => unknown} work
   * @returns {import('./app.js').Handler} */
  const signedIn = (work) => (asked, answer) =>
    asked.user ? work(asked.user, asked, answer) : answer.leadTo('/sign-in');

  /**
   * @param {import('./app.js').FluxUser} user
   * @param {import('./app.js').Answers} answer
   * @param {{ challengeId?: string | null, message?: string | null, status?: number }} [so]
   */
  async function askForFactor(user, answer, { challengeId = null, message = null, status = 200 } = {}) {
    const [{ factors }, own] = await Promise.all([
      mfa.listFactors(user.sessionToken),
      passkeys.list(user.sessionToken),
    ]);
    const enrolled = factors.filter((factor) => factor.status === 'verified');
    if (enrolled.length + own.length === 0) {
      const { methods } = (await getSettings()).mfa;
      const main = owedFirst({ methods, message });
      return answer.page({ title: 'One more step', main, user, status });
    }
    const app = enrolled.find(({ type }) => type === 'totp');
    const challenge = challengeId ?? (app ? (await mfa.challenge(user.sessionToken, app.id)).id : null);
    const phones = enrolled.filter(({ type }) => type === 'sms');
    const main = owed({ challengeId: challenge, phones, hasPasskey: own.length > 0, message });
    return answer.page({ title: 'One more step', main, user, status, script: true });
  }

  return {
    'GET /mfa': signedIn((user, _asked, answer) =>
      user.session.mfaRequired ? askForFactor(user, answer) : answer.leadTo('/'),
    ),
    'POST /mfa': signedIn(async (user, asked, answer) => {
      const { challenge: challengeId = '', code = '' } = await asked.form();
      try {
        const { user: verified } = await mfa.verify(user.sessionToken, { challengeId, code: code.trim() });
        answer.begin(verified).leadTo('/');
      } catch (error) {
        if (!isMendable(error)) throw error;
        await askForFactor(user, answer, { challengeId, message: messageOf(error), status: 401 });
      }
    }),
    'POST /mfa/send': signedIn(async (user, asked, answer) => {
      const { id: challengeId } = await mfa.challenge(user.sessionToken, (await asked.form())['id'] ?? '');
      await askForFactor(user, answer, { challengeId });
    }),
    // Both halves of a passkey, as in routes-account.js.
    'POST /mfa/passkey/options': signedIn(async ({ sessionToken }, _asked, answer) =>
      answer.json(await mfa.startPasskey(sessionToken)),
    ),
    'POST /mfa/passkey': signedIn(async ({ sessionToken }, asked, answer) => {
      const response = /** @type {import('@flux/sdk').PasskeyJson} */ ((await asked.json())['response']);
      answer.begin(await mfa.finishPasskey(sessionToken, response)).done();
    }),
    'POST /mfa/recovery': signedIn(async (user, asked, answer) => {
      const { code = '' } = await asked.form();
      try {
        answer.begin(await mfa.useRecoveryCode(user.sessionToken, { code: code.trim() })).leadTo('/');
      } catch (error) {
        if (!isMendable(error)) throw error;
        await askForFactor(user, answer, { message: messageOf(error), status: 401 });
      }
    }),

    'POST /security/totp': signedIn(async (user, _asked, answer) => {
      const { factor, totp } = await mfa.enrolTotp(user.sessionToken);
      const { id: challengeId } = await mfa.challenge(user.sessionToken, factor.id);
      answer.page({ title: 'Authenticator app', main: enrol({ challengeId, totp }), user });
    }),
    'POST /security/sms': signedIn(async (user, asked, answer) => {
      const phone = ((await asked.form())['phone'] ?? '').replace(/[\s().-]/g, '');
      const { challenge } = await mfa.enrolSms(user.sessionToken, { phone });
      answer.page({ title: 'Phone', main: enrol({ challengeId: challenge.id, totp: null }), user });
    }),
    'POST /security/confirm': signedIn(async (user, asked, answer) => {
      const { challenge: challengeId = '', code = '' } = await asked.form();
      try {
        const done = await mfa.verify(user.sessionToken, { challengeId, code: code.trim() });
        answer.begin(done.user);
        if (!done.recoveryCodes) return answer.leadTo('/security');
        const main = recoveryCodes(done.recoveryCodes);
        return answer.page({ title: 'Recovery codes', main, user: done.user });
      } catch (error) {
        if (!isMendable(error)) throw error;
        const main = enrol({ challengeId, totp: null, message: messageOf(error) });
        return answer.page({ title: 'Second factor', main, user, status: 401 });
      }
    }),
    'POST /security/recovery-codes': signedIn(async (user, _asked, answer) => {
      const main = recoveryCodes(await mfa.renewRecoveryCodes(user.sessionToken));
      answer.page({ title: 'Recovery codes', main, user });
    }),
    'POST /security/remove': signedIn(async (user, asked, answer) => {
      await mfa.removeFactor(user.sessionToken, (await asked.form())['id'] ?? '');
      answer.leadTo('/security');
    }),
  };
}
