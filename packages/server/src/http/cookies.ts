import type { FastifyReply, FastifyRequest } from 'fastify';

/** One cookie that holds a session token: HttpOnly, Lax, host-only, Secure exactly when the public URL is https. */
export interface CookieJar {
  read(request: FastifyRequest): string | null;
  /** Every value under this name, each once: there are several when a neighbouring host planted one. */
  readAll(request: FastifyRequest): string[];
  write(reply: FastifyReply, token: string): void;
  clear(reply: FastifyReply): void;
}

interface CookieOptions {
  name: string;
  isHttps: boolean;
  maxAgeSeconds: number;
  /** Leave out for a host-only cookie. */
  domain?: string | undefined;
}

export function createCookieJar({ name, isHttps, maxAgeSeconds, domain }: CookieOptions): CookieJar {
  const attributes = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps,
    ...(domain && { domain }),
  } as const;
  return {
    read: (request) => request.cookies[name] ?? null,
    readAll: ({ headers: { cookie = '' } }) => {
      const pairs = cookie.split(';').map((pair) => pair.trim());
      const values = pairs.filter((pair) => pair.startsWith(`${name}=`));
      return [...new Set(values.map((pair) => pair.slice(name.length + 1)))];
    },
    write: (reply, token) => void reply.setCookie(name, token, { ...attributes, maxAge: maxAgeSeconds }),
    clear: (reply) => void reply.setCookie(name, '', { ...attributes, maxAge: 0 }),
  };
}
