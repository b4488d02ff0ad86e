/**
 * Owns telling people what happened to their account: which notice goes to whom, by mail and by push, and what "This
 * was not me" does. Does not decide what is worth telling (whoever makes the change says so, in its own transaction),
 * nor how anything is sent (delivery).
 */

export { noticeMigrations } from './migrations.ts';
export { createNotMe, type NotMe } from './not-me.ts';
export { createNotices, type Notices } from './notices.ts';
export { createPushDevices, type PushDevices } from './push-devices.ts';
