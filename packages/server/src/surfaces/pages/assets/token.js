// Moves the one-time secret of a mail's link from the address bar's fragment into the form, and takes it out of
// the address and the history. Without this script the same page has a field to paste it into.
const match = /^#token=([A-Za-z0-9]{16,128})$/.exec(location.hash);
const field = document.querySelector('#token');
if (match && field instanceof HTMLInputElement) {
  field.value = match[1];
  field.closest('.token-field')?.setAttribute('hidden', '');
  history.replaceState(null, '', location.pathname);
  // A form that only shows what the secret is for.
  if ('goesOn' in field.form.dataset) field.form.submit();
}
