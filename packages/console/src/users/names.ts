import type { User } from '../api/index.ts';

export function displayName(user: User): string {
  return user.global_name ?? user.username;
}

/** The name others type to find this user. */
export function handle(user: User): string {
  return `${user.username}#${user.discriminator}`;
}
