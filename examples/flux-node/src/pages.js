import { html } from './html.js';

/**
 * @typedef {import('@flux/sdk').FluxUser} FluxUser
 * @typedef {import('@flux/sdk').FluxFactor} FluxFactor
 * @typedef {import('./html.js').Html} Html
 * @typedef {import('./html.js').Value} Value
 */

const PROVIDERS = { google: 'Google', github: 'GitHub', microsoft: 'Microsoft' };

/** @param {{ title: string, main: Html, user?: FluxUser | null, browser?: { url: string, key: string, arrive: string } }} page */
export function layout({ title, main, user = null, browser }) {
  const forScript =
    browser && html` data-url="${browser.url}" data-key="${browser.key}" data-arrive="${browser.arrive}"`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Flux example</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
${browser && html`<script type="module" src="/page.js"></script>`}
</head>
<body${forScript}>
<header>
<a class="brand" href="/">Flux example</a>
<nav aria-label="Main">${
    user
      ? html`<a href="/security">Security</a> ${act('/sign-out', 'Sign out', {}, 'plain')}`
      : html`<a href="/sign-in">Sign in</a> <a href="/sign-up">Sign up</a>`
  }</nav>
</header>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>`;
  return page.text;
}

/** @param {string | null} [message] */
export const alert = (message) =>
  html`<p class="alert" role="alert" id="alert"${message ? '' : hidden}>${message}</p>`;
const hidden = html` hidden`;

/**
 * A button that does one thing.
 * @param {string} path
 * @param {string} label
 * @param {Record<string, string>} [fields]
 * @param {string} [look]
 */
function act(path, label, fields = {}, look = 'second') {
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${path}">${inputs}<button class="${look}">${label}</button></form>`;
}

const emailField = html`<label>E-mail address
<input name="email" type="email" autocomplete="username" required></label>`;

/** @param {{ label: string, isNew: boolean }} field */
const passwordField = ({ label, isNew }) => html`<label>${label}
<input name="password" type="password" autocomplete="${isNew ? 'new-password' : 'current-password'}" required></label>`;

const codeField = html`<label>Code
<input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>`;

export const welcome = () => html`
<p>A small app whose sign-in is done by a Fluxgate server of your own.</p>
<p class="row"><a class="button" href="/sign-in">Sign in</a> <a class="button second" href="/sign-up">Sign up</a></p>`;

/** @param {{ user: FluxUser, isSent: boolean }} of */
export const home = ({ user, isSent }) => html`
${isSent && html`<p role="status">A mail is on its way.</p>`}
<p>Hello, <strong>${user.email}</strong>.</p>
<dl>
<dt>Signed in by</dt><dd>${user.session.authenticationMethod.replaceAll('_', ' ')}</dd>
<dt>Second factor</dt><dd>${user.session.mfaVerified ? 'shown in this session' : 'not shown'}</dd>
<dt>Address</dt><dd>${user.emailVerified ? 'confirmed' : 'not confirmed'}</dd>
</dl>
${!user.emailVerified && act('/confirm-address', 'Send a mail to confirm the address')}
<p><a href="/security">Second factors and passkeys</a></p>
${act('/sign-out-everywhere', 'Sign out everywhere')}`;

/** @param {Record<string, boolean>} methods */
export function signIn(methods) {
  const providers = Object.entries(PROVIDERS).filter(([name]) => methods[name]);
  return html`
${alert()}
${
  methods['password'] &&
  html`<section aria-labelledby="by-password"><h2 id="by-password">With a password</h2>
<form method="post" data-do="password">${emailField}${passwordField({ label: 'Password', isNew: false })}
<button disabled>Sign in</button></form>
<p><a href="/forgot">Forgot the password?</a></p></section>`
}
${
  methods['magic_link'] &&
  html`<section aria-labelledby="by-mail"><h2 id="by-mail">With a mail</h2>
<form method="post" data-do="magic">${emailField}<button disabled class="second">Send me a link</button></form>
<form method="post" data-do="code" hidden><p role="status">We have sent a mail. Open its link in this browser, or type its code here.</p>
${codeField}<button disabled>Go on</button></form></section>`
}
${
  (methods['passkey'] || providers.length > 0) &&
  html`<section aria-labelledby="otherwise"><h2 id="otherwise">Without typing</h2>
${methods['passkey'] && html`<form method="post" data-do="passkey"><button disabled class="second">Use a passkey</button></form>`}
${providers.map(
  ([name, label]) =>
    html`<form method="post" data-do="provider"><input type="hidden" name="provider" value="${name}"><button disabled class="second">Continue with ${label}</button></form>`,
)}</section>`
}
<section aria-labelledby="hosted"><h2 id="hosted">Elsewhere</h2>
<form method="post" data-do="hosted"><button disabled class="second">Use the page of the server</button></form></section>
<p>No account? <a href="/sign-up">Sign up</a></p>
<noscript><p class="alert">Signing in needs JavaScript.</p></noscript>`;
}

export const signUp = () => html`
${alert()}
<form method="post" data-do="sign-up">${emailField}${passwordField({ label: 'Password', isNew: true })}<button disabled>Sign up</button></form>
<p>Have an account? <a href="/sign-in">Sign in</a></p>`;

export const forgot = () => html`
${alert()}
<form method="post" data-do="forgot">${emailField}<button disabled>Send a link</button></form>
<p role="status" id="sent" hidden>If there is an account, a mail is on its way.</p>`;

/** Where mails and redirects lead to; the script does the rest. */
export const arrive = () => html`
${alert()}
<p role="status" id="working">One moment…</p>
<form method="post" data-do="reset" hidden>${passwordField({ label: 'New password', isNew: true })}<button disabled>Save and sign in</button></form>
<p><a href="/">Go on</a></p>`;

/**
 * @param {{ factors: FluxFactor[], recoveryCodesLeft: number, passkeys: { id: string, name: string }[], methods: string[],
 *   message?: string | null }} of
 */
export function security({ factors, recoveryCodesLeft, passkeys, methods, message = null }) {
  const enrolled = factors.filter(({ status }) => status === 'verified');
  return html`
${alert(message)}
<section aria-labelledby="factors"><h2 id="factors">Second factors</h2>
${enrolled.length === 0 ? html`<p>None yet.</p>` : html`<ul>${enrolled.map(factorRow)}</ul>`}
${enrolled.length > 0 && html`<p>Recovery codes left: ${recoveryCodesLeft}</p>${act('/security/recovery-codes', 'New recovery codes')}`}
${methods.includes('totp') && act('/security/totp', 'Add an authenticator app')}
${
  methods.includes('sms') &&
  html`<form method="post" action="/security/sms"><label>Phone number
<input name="phone" type="tel" autocomplete="tel" placeholder="+49 30 123456" required></label><button class="second">Add a phone</button></form>`
}</section>
<section aria-labelledby="passkeys"><h2 id="passkeys">Passkeys</h2>
${
  passkeys.length === 0
    ? html`<p>None yet.</p>`
    : html`<ul>${passkeys.map(
        ({ id, name }) =>
          html`<li><span>${name}</span>${act('/passkeys/delete', `Delete ${name}`, { id }, 'plain')}</li>`,
      )}</ul>`
}
<form method="post" data-do="add-passkey"><label>Name of this device
<input name="name" value="This device" maxlength="50" required></label><button disabled class="second">Add a passkey</button></form>
</section>`;
}

/** @param {FluxFactor} factor */
function factorRow({ id, type, phoneHint }) {
  const name = type === 'sms' ? `Phone ${phoneHint ?? ''}` : 'Authenticator app';
  return html`<li><span>${name}</span>${act('/security/remove', `Remove ${name}`, { id }, 'plain')}</li>`;
}

/** @param {{ challengeId: string, totp: import('@flux/sdk').TotpSetup | null, message?: string | null }} of */
export const enrol = ({ challengeId, totp, message = null }) => html`
${alert(message)}
${
  totp
    ? html`<p>Take a picture of this with your authenticator app, or type the secret into it.</p>
<img src="${totp.qrCode}" alt="QR code for your authenticator app" width="200" height="200">
<p>Secret: <code>${totp.secret}</code></p>`
    : html`<p>Type the code that your app or your phone shows now.</p>`
}
${codeForm('/security/confirm', challengeId)}`;

/** @param {string} path @param {string} challengeId */
const codeForm = (path, challengeId) => html`<form method="post" action="${path}">
<input type="hidden" name="challenge" value="${challengeId}">${codeField}<button>Confirm</button></form>`;

/** @param {string[]} codes */
export const recoveryCodes = (codes) => html`
<p>Each of these codes replaces your second factor once. Keep them where you find them without your phone: they are not shown again.</p>
<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a class="button" href="/security">I have kept them</a></p>`;

/** @param {{ challengeId: string | null, phones: FluxFactor[], hasPasskey: boolean, message?: string | null }} of */
export const owed = ({ challengeId, phones, hasPasskey, message = null }) => html`
${alert(message)}
<p>This account asks for a second factor.</p>
${challengeId && codeForm('/mfa', challengeId)}
${hasPasskey && html`<form method="post" data-do="show-passkey"><button disabled class="second">Use a passkey</button></form>`}
${phones.map(({ id, phoneHint }) => act('/mfa/send', `Send a code to ${phoneHint ?? 'my phone'}`, { id }))}
<details><summary>Use a recovery code</summary>
<form method="post" action="/mfa/recovery"><label>Recovery code
<input name="code" autocomplete="off" required></label><button class="second">Use it</button></form></details>`;

/** @param {{ methods: string[], message?: string | null }} of */
export const owedFirst = ({ methods, message = null }) => html`
${alert(message)}
<p>This app wants everybody to have a second factor. Set one up to go on.</p>
${methods.includes('totp') && act('/security/totp', 'Add an authenticator app', {}, '')}
${
  methods.includes('sms') &&
  html`<form method="post" action="/security/sms"><label>Phone number
<input name="phone" type="tel" autocomplete="tel" required></label><button class="second">Add a phone</button></form>`
}`;
