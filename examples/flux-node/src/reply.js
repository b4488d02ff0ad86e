import { messageOf } from '../browser/messages.js';
import { html } from './html.js';
import { alert, layout } from './pages.js';

/** @typedef {ReturnType<typeof createReply>} Answers */

const COOKIE = 'flux_session';
const WEEK_SECONDS = 604_800;

/**
 * The ways this app answers a request.
 * @param {import('node:http').ServerResponse} response
 * @param {import('./app.js').Settings} settings
 * @param {boolean} secureCookie
 */
export function createReply(response, { fluxUrl, publishableKey, appUrl }, secureCookie) {
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secureCookie ? '; Secure' : ''}`;
  const policy = [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'",
    `connect-src 'self' ${new URL(fluxUrl).origin}; form-action 'self'; frame-ancestors 'none'`,
  ].join('; ');

  /** @param {number} status @param {string} type @param {string | Buffer} [body] */
  function send(status, type, body = '') {
    response.writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'content-security-policy': policy,
      // No other site learns the address; ours does, and with it browsers tell the origin of a form.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  }

  const answer = {
    /** @param {{ title: string, main: import('./html.js').Html, user?: import('./app.js').FluxUser | null, script?: boolean, status?: number }} page */
    page({ title, main, user = null, script = false, status = 200 }) {
      const browser = { url: fluxUrl, key: publishableKey, arrive: `${appUrl}/arrive` };
      send(status, 'text/html', layout({ title, main, user, ...(script ? { browser } : {}) }));
    },
    /** @param {number} status @param {string} text */
    refuse(status, text) {
      const main = html`${alert(text)}<p><a href="/">Go on</a></p>`;
      send(status, 'text/html', layout({ title: 'Sorry', main }));
    },
    /** @param {import('@flux/sdk').FluxError} error */
    message: (error) => answer.refuse(error.status, messageOf(error)),
    /** @param {{ type: string, body: Buffer }} file */
    file: ({ type, body }) => send(200, type, body),
    /** @param {unknown} value */
    json: (value) => send(200, 'application/json', JSON.stringify(value)),
    done: () => void response.writeHead(204).end(),
    /** @param {string} path */
    leadTo(path) {
      response.writeHead(303, { location: path }).end();
    },
    /** The token goes where no script reads it. In place of the one that was renewed a moment ago.
     * @param {import('./app.js').FluxUser} user */
    begin(user) {
      const life = `Max-Age=${WEEK_SECONDS}; ${attributes}`;
      response.setHeader('set-cookie', `${COOKIE}=${user.sessionToken}; ${life}`);
      return answer;
    },
    end() {
      response.setHeader('set-cookie', `${COOKIE}=; Max-Age=0; ${attributes}`);
      return answer;
    },
  };
  return answer;
}
