import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { FluxError } from './errors.ts';
import { MAX_ANSWER, type Platform, type Reply, serverAt, timing } from './platform.ts';

/** Connections beyond these wait for a free one: a burst of a thousand verifies needs no thousand sockets. */
const MAX_SOCKETS = 64;

function headerOf(headers: http.IncomingHttpHeaders): (name: string) => string | null {
  return (name) => {
    const value = headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
}

/** Names the system's reason, such as ECONNREFUSED, and nothing that could hold a header. */
function unreachable(url: string, error: Error & { code?: string }): FluxError {
  return new FluxError(
    'network_error',
    `${serverAt(url)} did not answer (${error.code ?? 'no reason given'}).`,
  );
}

/** node:http with its keep-alive pools, and node:crypto, which checks a signature faster than WebCrypto's detour through a thread. */
export function createNodePlatform(): Platform {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  };

  return {
    ...timing,
    importKey: (jwk) =>
      createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' }, format: 'jwk' }),
    verify: (key, signature, data) =>
      verify('sha256', data, { key: key as KeyObject, dsaEncoding: 'ieee-p1363' }, signature),
    send({ method, url, headers, body, timeoutMs }) {
      return new Promise<Reply>((resolve, reject) => {
        const secure = url.startsWith('https:');
        const request = (secure ? https : http).request(url, {
          method,
          agent: agents[secure ? 'https:' : 'http:'],
          headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        });
        const timer = setTimeout(() => {
          reject(new FluxError('timeout', `${serverAt(url)} did not answer in time.`));
          request.destroy();
        }, timeoutMs);
        const fail = (error: Error) => {
          clearTimeout(timer);
          reject(unreachable(url, error));
        };
        request.on('error', fail);
        request.on('response', (response) => {
          const chunks: string[] = [];
          let length = 0;
          response.setEncoding('utf8');
          response.on('error', fail);
          response.on('data', (chunk: string) => {
            chunks.push(chunk);
            length += chunk.length;
            if (length > MAX_ANSWER) request.destroy(new Error('answer too long'));
          });
          response.on('end', () => {
            clearTimeout(timer);
            resolve({
              status: response.statusCode ?? 0,
              header: headerOf(response.headers),
              text: chunks.join(''),
            });
          });
        });
        request.end(body);
      });
    },
    listen({ url, headers }, listener) {
      let isOver = false;
      // Of its own: a pooled connection would wait behind calls, or hold one up.
      const request = (url.startsWith('https:') ? https : http).request(url, { headers, agent: false });
      const end = () => {
        if (isOver) return;
        isOver = true;
        listener.onEnd();
      };
      request.on('socket', (socket) => {
        socket.unref();
        socket.setNoDelay(true);
      });
      request.on('error', end);
      request.on('close', end);
      request.on('response', (response) => {
        if (isOver) return;
        listener.onOpen(response.statusCode ?? 0, headerOf(response.headers));
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          if (!isOver) listener.onText(text);
        });
        response.on('error', end);
        response.on('end', end);
      });
      request.end();
      return () => {
        isOver = true;
        request.destroy();
      };
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
