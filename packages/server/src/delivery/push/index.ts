/**
 * Owns web push: the server's key pair for it (VAPID), the message as push services take it (RFC 8030, 8291, 8292), and
 * the guard around addresses that anybody may name. Does not know whose device a subscription is.
 */
export { vapidMigrations } from './migrations.ts';
export { createPushSender, type PushSender, type PushSubscription } from './push-sender.ts';
export { ensureVapidKeys } from './vapid-keys.ts';
