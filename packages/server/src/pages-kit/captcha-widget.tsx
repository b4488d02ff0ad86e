import type { FastifyRequest } from 'fastify';
import { h } from 'preact';
import type { Puzzle } from '../captcha/index.ts';
import type { CaptchaAction } from '../core/abuse/index.ts';
import type { PolicyExtras } from '../http/index.ts';
import { fieldOf } from './forms.ts';
import { strings } from './strings.ts';

/** What a page needs around the widget of each kind of puzzle. */
interface Surroundings {
  /** The field of the form in which the answer arrives. */
  field: string;
  scripts: readonly { src: string; type?: 'module' }[];
  styles: readonly string[];
  /** What the content policy must allow beyond our own files: the service's origins as it documents them. */
  policy: PolicyExtras;
}

const HCAPTCHA = ['https://hcaptcha.com', 'https://*.hcaptcha.com'];
const TURNSTILE = ['https://challenges.cloudflare.com'];

export const SURROUNDINGS: Record<Puzzle['kind'], Surroundings> = {
  pow: {
    field: 'captcha',
    scripts: [{ src: '/assets/captcha.js', type: 'module' }],
    styles: ['/assets/altcha.css'],
    policy: {},
  },
  hcaptcha: {
    field: 'h-captcha-response',
    scripts: [{ src: 'https://js.hcaptcha.com/1/api.js?recaptchacompat=off' }],
    styles: [],
    policy: { script: HCAPTCHA, frame: HCAPTCHA, style: HCAPTCHA, connect: HCAPTCHA },
  },
  turnstile: {
    field: 'cf-turnstile-response',
    scripts: [{ src: 'https://challenges.cloudflare.com/turnstile/v0/api.js' }],
    styles: [],
    policy: { script: TURNSTILE, frame: TURNSTILE },
  },
};

/** What the visitor's widget put into the form; null for nothing. */
export function captchaAnswerIn(request: FastifyRequest, puzzle: Puzzle | null): string | null {
  return (puzzle && fieldOf(request, SURROUNDINGS[puzzle.kind].field)) || null;
}

/** Stands in front of a form's button; nothing while there is no puzzle. */
export function CaptchaField({ puzzle, action }: { puzzle: Puzzle | null; action: CaptchaAction }) {
  if (!puzzle) return null;
  return (
    <div class="field captcha" aria-live="polite">
      {widgetOf(puzzle, action)}
      <noscript>
        <p class="alert">{strings.captcha.noScript}</p>
      </noscript>
    </div>
  );
}

function widgetOf(puzzle: Puzzle, action: CaptchaAction) {
  if (puzzle.kind === 'pow') {
    const { label, verifying, verified, error, waitAlert } = strings.captcha;
    return h('altcha-widget', {
      name: SURROUNDINGS.pow.field,
      challenge: `/captcha/challenge?for=${action}`,
      // Nobody has to do anything: the work begins when the form is sent, and the form waits for it.
      auto: 'onsubmit',
      configuration: JSON.stringify({ hideFooter: true, hideLogo: true, humanInteractionSignature: false }),
      'data-label': label,
      'data-verifying': verifying,
      'data-verified': verified,
      'data-error': error,
      'data-wait-alert': waitAlert,
    });
  }
  return puzzle.kind === 'hcaptcha' ? (
    <div class="h-captcha" data-sitekey={puzzle.siteKey} />
  ) : (
    <div
      class="cf-turnstile"
      data-sitekey={puzzle.siteKey}
      data-action={action}
      data-cdata="pages"
      data-size="flexible"
    />
  );
}
