// Sets up the widget that proves some work before a form is sent. Nothing leaves this server: the puzzle comes from
// it, the answer goes to it.
import './altcha.js';

const widget = document.querySelector('altcha-widget');
// How long the server takes an answer, less the time that sending it may take.
const GOOD_FOR_MS = 9 * 60_000;

$altcha.algorithms.set('PBKDF2/SHA-256', () => new Worker('/assets/altcha-worker.js'));
if (widget) {
  $altcha.i18n.set('en', { ...$altcha.i18n.get('en'), ...widget.dataset });
  let ageing;
  widget.addEventListener('statechange', ({ detail }) => {
    clearTimeout(ageing);
    if (detail.state === 'verified') ageing = setTimeout(() => widget.reset(), GOOD_FOR_MS);
  });
}
