/**
 * Owns what is shown and done of an account wherever it lives, among the server's own users or in a project: its open
 * sessions, and suspending it. Which calls that takes is told by the page.
 */

export { SessionsSection } from './sessions-section.tsx';
export { SuspendedBanner } from './suspended-banner.tsx';
export { SuspensionControl } from './suspension-control.tsx';
