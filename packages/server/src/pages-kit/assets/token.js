// Moves the one-time secret of a mail's link, or an app's code, from the address bar's fragment into the form, and
// takes it out of the address and the history. Without this script the same page has a field to paste it into.
const match = /^#(token)=([A-Za-z0-9]{16,128})$|^#(code)=([A-Za-z0-9-]{8,9})$/.exec(location.hash);
const [name, secret] = match?.slice(1).filter(Boolean) ?? [];
const field = name && document.getElementById(name);
if (field instanceof HTMLInputElement) {
  field.value = secret;
  field.closest('.token-field')?.setAttribute('hidden', '');
  history.replaceState(null, '', location.pathname);
  // A form that only shows what the secret is for.
  if ('goesOn' in field.form.dataset) field.form.submit();
}
