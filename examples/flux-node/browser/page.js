// What happens in the page: signing in with the publishable key. No token stays here; the server puts it into a cookie that no script reads.

import { messageOf } from '/messages.js';
import Flux from '/sdk/browser.js';

const { url = '', key = '', arrive: redirectUrl = '' } = document.body.dataset;
const { auth } = Flux.init(key, { baseUrl: url });

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector));

/** @param {string} selector @param {boolean} isShown */
function show(selector, isShown) {
  const element = find(selector);
  if (element) element.hidden = !isShown;
}

/** @param {string | null} text */
function say(text) {
  const box = find('#alert');
  if (!box) return;
  box.hidden = text === null;
  box.textContent = text;
}

/** @param {string} path @param {RequestInit} init */
async function send(path, init = {}) {
  const answer = await fetch(path, { method: 'POST', ...init });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer;
}

/** @param {import('@flux/sdk/browser').FluxUser} user */
async function enter({ sessionToken }) {
  await send('/session', { headers: { authorization: `Bearer ${sessionToken}` } });
  location.replace('/');
}

/** @type {Record<string, (fields: Record<string, string>) => Promise<unknown>>} */
const acts = {
  'sign-up': async ({ email = '', password = '' }) =>
    enter(await auth.signUp({ email, password, redirectUrl })),
  password: async ({ email = '', password = '' }) =>
    enter(await auth.signInWithPassword({ email, password })),
  async magic({ email = '' }) {
    await auth.sendMagicLink({ email, redirectUrl });
    show('[data-do=code]', true);
    find('[data-do=code] input')?.focus();
  },
  code: async ({ code = '' }) => enter(await auth.completeMagicLink({ code: code.trim() })),
  passkey: async () => enter(await auth.signInWithPasskey()),
  provider: async ({ provider = '' }) =>
    auth.signInWithProvider({
      provider: /** @type {import('@flux/sdk/browser').Provider} */ (provider),
      redirectUrl,
    }),
  hosted: async () => auth.signInWithHostedPage({ redirectUrl }),
  async forgot({ email = '' }) {
    await auth.startPasswordReset({ email, redirectUrl });
    show('#sent', true);
  },
  reset: async ({ password = '' }) => enter(await auth.finishPasswordReset({ password })),
  async 'show-passkey'() {
    const options = await (await send('/mfa/passkey/options')).json();
    const response = await auth.showPasskey(options);
    await send('/mfa/passkey', { body: JSON.stringify({ response }) });
    location.replace('/');
  },
  async 'add-passkey'({ name = '' }) {
    const options = await (await send('/passkeys/options')).json();
    const response = await auth.makePasskey(options);
    await send('/passkeys', { body: JSON.stringify({ response, name }) });
    location.reload();
  },
};

document.addEventListener('submit', async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const act = acts[form.dataset['do'] ?? ''];
  if (!act) return;
  event.preventDefault();
  const button = form.querySelector('button');
  if (button) button.disabled = true;
  say(null);
  try {
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    await act(Object.fromEntries(fields));
  } catch (error) {
    say(messageOf(error));
  } finally {
    if (button) button.disabled = false;
  }
});

// Not before: what is typed into these forms must not leave by itself, in an address least of all.
/** @type {HTMLButtonElement} */ for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
  document.querySelectorAll('form[data-do] button')
)) {
  button.disabled = false;
}

/** Mails and redirects lead to /arrive: the address says what for. */
async function arrive() {
  switch (auth.linkInAddress()) {
    case 'magic':
      return await enter(await auth.completeMagicLink());
    case 'verify':
      await auth.finishEmailVerification();
      return status('Your address is confirmed.');
    case 'reset':
      show('#working', false);
      return show('[data-do=reset]', true);
    default: {
      const user = await auth.completeRedirect();
      if (user) return await enter(user);
      return location.replace('/');
    }
  }
}

/** @param {string} text */
function status(text) {
  const box = find('#working');
  if (box) box.textContent = text;
}

if (location.pathname === '/arrive') {
  arrive().catch((error) => {
    show('#working', false);
    say(messageOf(error));
  });
}
