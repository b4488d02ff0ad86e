import Bowser from 'bowser';

export interface Device {
  browser: string | null;
  os: string | null;
  isMobile: boolean;
}

/** What a `User-Agent` says of itself; never a reason to trust anything. */
export function describeDevice(userAgent: string | null): Device {
  if (!userAgent) return { browser: null, os: null, isMobile: false };
  const parsed = Bowser.parse(userAgent);
  return {
    browser: parsed.browser.name || null,
    os: parsed.os.name || null,
    isMobile: parsed.platform.type === 'mobile' || parsed.platform.type === 'tablet',
  };
}

/** An address with its last part hidden: enough to recognise, too little to find. */
export function maskAddress(address: string): string {
  if (address.includes('.')) return address.replace(/\.\d+$/, '.***');
  return `${address.split(':').slice(0, 4).join(':')}::***`;
}
