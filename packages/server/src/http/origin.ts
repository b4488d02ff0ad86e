import type { FastifyRequest } from 'fastify';
import type { Origin } from '../core/origin.ts';
import { clientAddress, networkOf, type TrustedProxies } from './client-address.ts';

const MAX_USER_AGENT = 512;

/** Where a request comes from; computed once and kept with it. */
export function originOf(request: FastifyRequest, proxies: TrustedProxies): Origin {
  const joined = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(',') : value);
  const address = clientAddress(
    request.socket.remoteAddress ?? '',
    {
      for: joined(request.headers['x-forwarded-for']),
      cfConnectingIp: joined(request.headers['cf-connecting-ip']),
    },
    proxies,
  );
  const userAgent = request.headers['user-agent'];
  return {
    address,
    source: address.includes(':') ? networkOf(address) : address,
    network: networkOf(address),
    // Control characters must reach neither a row nor a log (M05).
    userAgent: userAgent ? userAgent.replace(/\p{Cc}/gu, ' ').slice(0, MAX_USER_AGENT) : null,
    isDesktop: request.headers['x-fluxer-platform'] === 'desktop',
  };
}
