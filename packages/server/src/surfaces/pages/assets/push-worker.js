// Shows notices about the account while no page is open. What a notice says comes encrypted from the server; a click
// opens the account, where one sees what happened.
self.addEventListener('push', (event) => {
  const { title = 'Notice', body = '' } = event.data?.json() ?? {};
  event.waitUntil(self.registration.showNotification(title, { body, icon: '/assets/icon.svg' }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow('/account'));
});
