import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

/** What proxies and the networks in front of them add, each in spellings of its own. */
const OF_PROXIES =
  /^(via|(x-)?(original-)?forwarded.*|x-original-.*|x-(real|client|cluster-client|envoy|azure|amzn|arr)-.*|(true-client|cf|cdn|fastly|fly|akamai)-.*)$/;
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLocalHost(host: string): boolean {
  return LOCAL_HOSTS.has(host.replace(/:\d+$/, '').toLowerCase());
}

/**
 * Whether a request was made on this very machine, by itself: the peer is loopback, it names a local host, and no
 * header says that a proxy stands between. A page of another site that resolves its name to 127.0.0.1 fails the
 * second part.
 */
export function isDirectLoopback(request: FastifyRequest): boolean {
  const peer = request.socket.remoteAddress ?? '';
  if (!ipaddr.isValid(peer) || ipaddr.process(peer).range() !== 'loopback') return false;
  if (Object.keys(request.headers).some((name) => OF_PROXIES.test(name))) return false;
  return isLocalHost(request.headers.host ?? '');
}
