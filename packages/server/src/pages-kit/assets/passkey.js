// Asks the browser for a passkey: for each form with `data-passkey`, the path that makes the challenge, and with
// `data-autofill` also in the field whose `autocomplete` says `webauthn`. What was signed goes into the form's field
// `passkey` and the form is sent as any other. Without this script the page offers other ways.

// A challenge is good for five minutes.
const ASK_ANEW_MS = 4 * 60_000;
const AUTOFILL = 'conditional';

// By hand, as some password managers answer with plain objects that lack `toJSON`.
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

async function optionsFrom(path) {
  const answer = await fetch(path, { method: 'POST' });
  // What the form belongs to is over; the page itself says so.
  if (answer.status === 410) location.reload();
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const options = await answer.json();
  const allowCredentials = (options.allowCredentials ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));
  return { ...options, challenge: bytesOf(options.challenge), allowCredentials };
}

function asJson({ id, rawId, type, response, authenticatorAttachment }) {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return JSON.stringify({
    id,
    rawId: textOf(rawId),
    type,
    authenticatorAttachment,
    clientExtensionResults: {},
    response: {
      clientDataJSON: textOf(clientDataJSON),
      authenticatorData: textOf(authenticatorData),
      signature: textOf(signature),
      ...(userHandle && { userHandle: textOf(userHandle) }),
    },
  });
}

// One question at a time: a new one takes the place of the last.
let asking = new AbortController();

async function ask(form, mediation) {
  asking.abort();
  const mine = new AbortController();
  asking = mine;
  const publicKey = await optionsFrom(form.dataset.passkey);
  if (mine.signal.aborted) return;
  const credential = await navigator.credentials.get({
    publicKey,
    signal: mine.signal,
    ...(mediation && { mediation }),
  });
  form.elements.passkey.value = asJson(credential);
  // Past the listener below.
  form.submit();
}

/** Offers passkeys in the field, and goes on offering; returns what does so anew after another question. */
function offerInField(form, isBusy) {
  let timer;
  const offer = async () => {
    clearTimeout(timer);
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    // Hidden, nobody looks at it; it is asked when somebody does.
    if (document.hidden || isBusy()) return;
    timer = setTimeout(offer, ASK_ANEW_MS);
    // Nobody was asked anything, so nobody needs to hear that it failed.
    await ask(form, AUTOFILL).catch(() => undefined);
  };
  document.addEventListener('visibilitychange', offer);
  offer();
  return offer;
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const show = (name) => form.querySelector(`[data-passkey-${name}]`).removeAttribute('hidden');
  const isSupported = 'PublicKeyCredential' in window;
  let isBusy = false;
  const offer =
    isSupported && 'autofill' in form.dataset ? offerInField(form, () => isBusy) : () => undefined;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    for (const problem of form.querySelectorAll('[role=alert]')) problem.setAttribute('hidden', '');
    if (!isSupported) return show('unsupported');
    isBusy = true;
    try {
      await ask(form);
    } catch {
      isBusy = false;
      show('refused');
      offer();
    }
  });
}
