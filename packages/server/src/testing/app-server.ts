import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Green, so that it is seen on both grounds. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="60" height="20" rx="4" fill="#1a9850"/></svg>';

export interface AppServer {
  /** Of another origin than the server that is tested. */
  origin: string;
  /** Where it wants its visitors back. */
  back: string;
  logo: string;
  /** Each visitor that came back: the address, and what the browser told of where it came from. */
  visits: { url: URL; referer: string | undefined }[];
  close(): Promise<void>;
}

/** An app whose visitors sign in elsewhere: goes on to a page of its own from where they come back to. */
export async function startApp(): Promise<AppServer> {
  const visits: AppServer['visits'] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if (url.pathname === '/logo.svg') {
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(LOGO);
      return;
    }
    if (url.pathname === '/back') {
      visits.push({ url, referer: request.headers.referer });
      response.writeHead(303, { location: '/home' }).end();
      return;
    }
    response
      .writeHead(url.pathname === '/home' ? 200 : 204, { 'content-type': 'text/html; charset=utf-8' })
      .end('<!doctype html><html lang="en"><title>App</title><h1>Signed in</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    back: `${origin}/back`,
    logo: `${origin}/logo.svg`,
    visits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
