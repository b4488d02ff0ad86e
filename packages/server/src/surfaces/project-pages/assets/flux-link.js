// Moves the one-time secret of a mail's link, or of an app's, from the address bar's fragment into the form, and takes it out of the
// address and the history. Without this script the same page has a field to paste it into.
const [, secret] = /^#flux_(?:magic|reset|verify|step_up)=([A-Za-z0-9_-]{16,200})$/.exec(location.hash) ?? [];
const field = secret && document.getElementById('token');
if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
if (field instanceof HTMLInputElement) {
  field.value = secret;
  field.closest('.token-field')?.setAttribute('hidden', '');
  // A form that this browser itself asked the mail for, and that nothing else needs to be filled in on.
  if ('goesOn' in field.form.dataset) field.form.submit();
}
