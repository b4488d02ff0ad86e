import type { Session } from '../api/index.ts';
import { strings } from '../strings.ts';

type DeviceFacts = Pick<Session, 'browser' | 'os' | 'platform'>;

/** The most telling name the record allows: a browser and its system, then either alone, then the kind of client. */
export function describeDevice({ browser, os, platform }: DeviceFacts): string {
  if (browser !== null && os !== null) return strings.sessions.on(browser, os);
  return browser ?? os ?? platform ?? strings.sessions.unknownDevice;
}

export function describePlace({ address, network }: Pick<Session, 'address' | 'network'>): string {
  return [address, network].filter((part) => part !== null).join(' · ') || strings.common.unknown;
}
