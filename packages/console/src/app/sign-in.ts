const home = '/console/';

function signInAddress(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}

/** Comes back to where the administrator was. */
export function goToSignIn(): void {
  window.location.assign(signInAddress(window.location.pathname + window.location.search));
}

/** After signing out on purpose: the next person starts from the beginning. */
export function goToFreshSignIn(): void {
  window.location.assign(signInAddress(home));
}
