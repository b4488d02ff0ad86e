interface Named {
  username: string;
  discriminator: string;
  global_name: string | null;
}

export function displayName(user: Named): string {
  return user.global_name ?? user.username;
}

/** The name others type to find this user. */
export function handle(user: Named): string {
  return `${user.username}#${user.discriminator}`;
}
