// Asks the browser where notices can be sent to this device, and posts that with the form. Without this script, or in
// a browser that takes none, the form stays hidden.
const form = document.querySelector('#push');

async function subscribe() {
  const worker = await navigator.serviceWorker.register('/push-worker.js');
  await navigator.serviceWorker.ready;
  // One that was made with an earlier key of the server would never be heard from again.
  const earlier = await worker.pushManager.getSubscription();
  await earlier?.unsubscribe();
  const made = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: form.dataset.key,
  });
  const { endpoint, keys } = made.toJSON();
  return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
}

if (form && 'serviceWorker' in navigator && 'PushManager' in window) {
  const button = form.querySelector('button');
  const denied = document.querySelector('#push-denied');
  document.querySelector('#push-missing').hidden = true;
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    denied.hidden = true;
    try {
      for (const [name, value] of Object.entries(await subscribe())) form.elements.namedItem(name).value = value;
      form.submit();
    } catch {
      denied.hidden = false;
      button.disabled = false;
    }
  });
}
