// Moves the one-time secret of a mail's link, or of an app's, from the address bar's fragment into the form, and takes it
// out of the address and the history. Without this script the same page has a field to paste it into.
function take() {
  const { hash, pathname, search } = location;
  if (hash === '') return;
  const [, secret] = /^#flux_(?:magic|reset|verify|step_up)=([A-Za-z0-9_-]{16,200})$/.exec(hash) ?? [];
  history.replaceState(null, '', pathname + search);
  const field = secret && document.getElementById('token');
  if (!(field instanceof HTMLInputElement)) return;
  field.value = secret;
  field.closest('.token-field')?.setAttribute('hidden', '');
  // A form that this browser itself asked the mail for, and that nothing else needs to be filled in on.
  if ('goesOn' in field.form.dataset) field.form.submit();
}

// The page may stand open already when its link is opened in its place.
addEventListener('hashchange', take);
take();
