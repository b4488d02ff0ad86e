import { createAdmission, type MiddlewareOptions, type SessionVerifier } from './admission.ts';

/** The parts of Node's own request and response that are used: Express 4 and 5, Connect and Polka have them. */
interface RequestLike {
  headers: { authorization?: string | undefined; cookie?: string | undefined };
}

interface ResponseLike {
  statusCode: number;
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: string | string[]): unknown;
  end(body: string): unknown;
}

/** `app.use(fluxExpress(flux))`: what comes after has `req.user` and `req.session`; answers bring the renewed token back. */
export function fluxExpress(flux: SessionVerifier, options: MiddlewareOptions = {}) {
  const admit = createAdmission(flux, options);

  async function admitInto(request: RequestLike, response: ResponseLike): Promise<boolean> {
    const { authorization, cookie } = request.headers;
    const admission = await admit({ authorization, cookie });
    for (const [name, value] of admission.headers) addHeader(response, name, value);
    if (admission.goesOn) {
      Object.assign(request, admission.signed ?? { user: null, session: null });
      return true;
    }
    response.statusCode = admission.status;
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(admission.body));
    return false;
  }

  return (request: RequestLike, response: ResponseLike, next: (error?: unknown) => void): void => {
    admitInto(request, response).then((goesOn) => {
      if (goesOn) next();
    }, next);
  };
}

/** Cookies that others have set stay. */
function addHeader(response: ResponseLike, name: string, value: string): void {
  const there = name === 'set-cookie' ? response.getHeader(name) : undefined;
  response.setHeader(name, there === undefined ? value : [there].flat().map(String).concat(value));
}

export type { MiddlewareOptions, SessionVerifier, Signed } from './admission.ts';
