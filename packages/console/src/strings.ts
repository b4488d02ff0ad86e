/** Every sentence the console shows. Components hold no text of their own, so a translation is one more such object. */

import { counted } from './counted.ts';
import { accessStrings } from './strings-access.ts';
import { authProjectStrings } from './strings-auth-projects.ts';
import { authSettingStrings } from './strings-auth-settings.ts';
import { siteStrings } from './strings-sites.ts';

export const strings = {
  ...accessStrings,
  ...siteStrings,
  ...authProjectStrings,
  ...authSettingStrings,

  product: 'Fluxgate',
  pageTitle: (page: string) => `${page} · Fluxgate console`,

  common: {
    cancel: 'Cancel',
    retry: 'Try again',
    loading: 'Loading…',
    loadMore: 'Load more',
    loadingMore: 'Loading more…',
    endOfList: 'That is everything.',
    none: '—',
    unknown: 'Unknown',
    copy: (what: string) => `Copy ${what}`,
    copied: 'Copied',
    copyFailed: 'The browser did not allow copying',
  },

  shell: {
    skip: 'Skip to content',
    navigation: 'Main',
    users: 'Users',
    projects: 'Projects',
    audit: 'Audit',
    account: (name: string) => `Your account, ${name}`,
    settings: 'Settings',
    signOut: 'Sign out',
    signOutFailed: 'You are still signed in: signing out failed.',
  },

  problems: {
    network: 'The server did not answer. Check the connection, then try again.',
    unauthenticated: 'Your session has ended. Taking you to sign in…',
    forbidden: 'Your account is not permitted to do this.',
    sudoRequired: 'The server asked again for a proof. Repeat the action to confirm.',
    notFound: 'This no longer exists, or never did.',
    unavailable: (wait: string | null) =>
      `The server cannot answer just now. Try again ${wait ?? 'in a moment'}.`,
    rateLimited: (wait: string | null) => `Too many requests. Try again ${wait ?? 'in a while'}.`,
    unexpected: 'Something went wrong on the server.',
    wait: (seconds: number) =>
      seconds < 90
        ? `in ${counted(seconds, 'second', 'seconds')}`
        : `in ${counted(Math.ceil(seconds / 60), 'minute', 'minutes')}`,
    requestId: 'Request id',
    title: 'This could not be loaded',
  },

  crash: {
    title: 'The console stopped working',
    body: 'This page could not be drawn. Loading it again usually helps; if not, tell whoever runs this server.',
    reload: 'Load again',
  },

  notFound: {
    title: 'No such page',
    body: 'The address leads nowhere in the console.',
    back: 'Go to users',
  },

  forbidden: {
    title: 'You are not an administrator',
    body: 'You are signed in, but this account has no access to the console. Sign in with another account, or ask an administrator for access.',
    switchAccount: 'Use another account',
    account: 'Go to your account',
  },

  sudo: {
    title: 'Confirm it is you',
    description:
      'This is a sensitive action. Prove that you are at the keyboard; you will not be asked again for a while.',
    password: 'Password',
    appCode: 'Code from your authenticator app',
    appHint: 'One of your recovery codes will do, too.',
    recoveryCode: 'Recovery code',
    smsCode: 'Code from the SMS',
    smsSent: 'A code is on its way to your phone.',
    sendSms: 'Send a code by SMS',
    passkey: 'Use a passkey',
    passkeyFailed: 'The passkey was not used. Try again, or use another way.',
    confirm: 'Confirm',
    wrongPassword: 'That password is not right.',
    wrongCode: 'That code is wrong or was used already.',
    wrongPasskey: 'That passkey was not accepted.',
  },

  users: {
    title: 'Users',
    searchLabel: 'Find users',
    searchPlaceholder: 'E-mail, username or id',
    found: (count: number, more: boolean) =>
      more ? `First ${counted(count, 'user', 'users')}` : counted(count, 'user', 'users'),
    tableCaption: 'Users',
    columns: { user: 'User', email: 'E-mail', status: 'Status', created: 'Created', lastSeen: 'Last seen' },
    moreEmails: (count: number) => `+${count} more`,
    noEmail: 'No e-mail',
    never: 'Never',
    emptyTitle: 'No users yet',
    emptyBody: 'People appear here once they have registered.',
    noMatchTitle: (query: string) => `Nobody matches “${query}”`,
    noMatchBody: 'The search looks at the beginning of e-mail addresses and usernames, and at whole ids.',
    clearSearch: 'Clear the search',
  },

  user: {
    fallbackTitle: 'User',
    back: 'Users',
    missingTitle: 'No such user',
    missingBody: 'There is no user with this id. The account may have been deleted.',
    active: 'Active',
    suspended: 'Suspended',
    statuses: { disabled: 'Disabled', leaving: 'Leaving' } as Readonly<Record<string, string>>,
    administrator: 'Administrator',
    you: 'You',
    profile: 'Profile',
    facts: {
      id: 'Id',
      username: 'Username',
      displayName: 'Display name',
      loginName: 'Login name',
      role: 'Role',
      created: 'Created',
      lastSeen: 'Last seen',
    },
    idName: 'id',
    roleAdministrator: 'Administrator',
    roleMember: 'Member',
    emails: 'E-mail addresses',
    emailsEmpty: 'This account has no e-mail address.',
    verified: 'Verified',
    unverified: 'Not verified',
    primary: 'Primary',
    auditTitle: 'Audit trail',
  },

  factors: {
    title: 'Second factors',
    none: 'This account has none: the password alone signs in.',
    names: { totp: 'Authenticator app', 'sms-code': 'Codes by SMS', passkey: 'Passkey' } as Readonly<
      Record<string, string>
    >,
    remove: 'Remove all',
    removeTitle: (name: string) => `Remove all second factors of ${name}?`,
    removeBody:
      'For somebody who has lost them all. Their sessions end, the password alone signs in again, and they are told by mail. Make sure that it is really them who asks.',
    removeConfirm: 'Remove all',
    removed: (name: string) => `${name} has no second factor any more.`,
  },

  suspension: {
    banner: 'This account is suspended and cannot sign in.',
    bannerReason: (reason: string) => `Reason: ${reason}`,
    suspend: 'Suspend',
    suspendTitle: (name: string) => `Suspend ${name}?`,
    suspendBody: 'All their sessions end at once, and they cannot sign in until you restore the account.',
    reason: 'Reason (optional)',
    reasonHint: 'Other administrators see it here and in the audit trail.',
    suspendConfirm: 'Suspend account',
    restore: 'Restore',
    restoreTitle: (name: string) => `Restore ${name}?`,
    restoreBody: 'They can sign in again straight away. Sessions that were ended stay ended.',
    restoreConfirm: 'Restore account',
    suspended: (name: string) => `${name} is suspended.`,
    restored: (name: string) => `${name} can sign in again.`,
  },

  sessions: {
    title: 'Sessions',
    caption: 'Open sessions',
    columns: {
      device: 'Device',
      where: 'Where',
      opened: 'Opened',
      lastUsed: 'Last used',
      expires: 'Expires',
      actions: 'Actions',
    },
    surface: { fluxer: 'Fluxer', pages: 'Hosted pages', flecto: 'Flecto', flux: 'App' },
    unknownDevice: 'Unknown device',
    on: (browser: string, os: string) => `${browser} on ${os}`,
    current: 'This session',
    emptyTitle: 'No open sessions',
    emptyBody: 'This user is not signed in anywhere.',
    end: 'End',
    endNamed: (device: string) => `End the session on ${device}`,
    endAll: 'End all',
    endTitle: 'End this session?',
    endBody: (device: string) => `${device} will be signed out straight away.`,
    endCurrent: 'This is the session you are using now: you will be signed out of the console.',
    endConfirm: 'End session',
    endAllTitle: 'End all sessions?',
    endAllBody: (name: string, count: number) =>
      `${name} will be signed out everywhere (${counted(count, 'session', 'sessions')}).`,
    endAllConfirm: 'End all sessions',
    ended: 'The session has ended.',
    endedAll: (count: number) => `${counted(count, 'session', 'sessions')} ended.`,
  },

  audit: {
    title: 'Audit trail',
    caption: 'Audit records, newest first',
    filters: 'Filters',
    event: 'Event',
    eventPlaceholder: 'All, or e.g. sign-in.',
    userId: 'User id',
    userIdPlaceholder: 'Anyone',
    clearFilters: 'Clear filters',
    columns: { at: 'When', event: 'Event', who: 'Who', how: 'How', from: 'From', details: 'Details' },
    found: (count: number, more: boolean) =>
      more ? `Newest ${counted(count, 'record', 'records')}` : counted(count, 'record', 'records'),
    nobody: 'Nobody known',
    by: 'by',
    showDetails: (event: string) => `Details of ${event}`,
    emptyTitle: 'Nothing recorded yet',
    emptyBody: 'Sign-ins, sessions and administrators’ actions appear here.',
    noMatchTitle: 'No record matches',
    noMatchBody: 'Widen the filters to see more.',
    detail: {
      at: 'Time',
      id: 'Record',
      user: 'User',
      actor: 'Actor',
      session: 'Session',
      method: 'Method',
      outcome: 'Outcome',
      address: 'Address',
      userAgent: 'User agent',
    },
  },
} as const;
