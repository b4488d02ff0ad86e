// Looks every few seconds whether what this page waits for has happened, and then loads the page anew, which goes on.
// Without this script the page loads itself anew.
const EVERY_MS = 2_500;
let timer;

async function look() {
  clearTimeout(timer);
  const answer = await fetch('/login/waiting/state').catch(() => null);
  if (answer?.ok && (await answer.json()).isOver) return location.replace('/login/waiting');
  clearTimeout(timer);
  timer = setTimeout(look, EVERY_MS);
}

// Whoever comes back from their mail does not want to wait; browsers slow down what nobody looks at.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) look();
});
timer = setTimeout(look, EVERY_MS);
