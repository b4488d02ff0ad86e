// Somebody who came with an app's code in the address, but has to sign in first, brings it along to where they were
// going: browsers keep the fragment on the way to this page, and would lose it with the form.
const [fragment] = /^#code=[A-Za-z0-9-]{8,9}$/.exec(location.hash) ?? [];
if (fragment) {
  for (const field of document.querySelectorAll('input[name=next]'))
    if (field.value === '/handoff') field.value += fragment;
  history.replaceState(null, '', location.pathname + location.search);
}
