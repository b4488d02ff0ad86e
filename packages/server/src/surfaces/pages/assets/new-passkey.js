// Makes a passkey: for each form with `data-new-passkey`, the path that says what kind. What the browser made goes into
// the form's fields, and the form is sent as any other.

async function make(form) {
  const answer = await fetch(form.dataset.newPasskey, { method: 'POST' });
  // The proof for sensitive acts is too old; the page itself asks for it anew.
  if (answer.status === 410) location.reload();
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const options = await answer.json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey });
  form.elements.challenge.value = options.challenge;
  form.elements.credential.value = JSON.stringify(credential);
  // Past the listener below.
  form.submit();
}

for (const form of document.querySelectorAll('form[data-new-passkey]')) {
  const show = (name) => form.querySelector(`[data-${name}]`).removeAttribute('hidden');
  const isSupported = Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    for (const problem of form.querySelectorAll('[role=alert]')) problem.setAttribute('hidden', '');
    if (!isSupported) return show('unsupported');
    try {
      await make(form);
    } catch {
      show('refused');
    }
  });
}
