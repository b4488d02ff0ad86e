import type { ComponentChildren } from 'preact';
import { describeDevice } from '../../http/index.ts';
import { strings } from './page-strings.ts';

/** What somebody is to look at before deciding: each fact under its name. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, fact: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a browser calls itself, in words. */
export function deviceName(userAgent: string | null): string {
  const { browser, os } = describeDevice(userAgent);
  return [browser, os].filter(Boolean).join(' · ') || strings.home.unknownDevice;
}
