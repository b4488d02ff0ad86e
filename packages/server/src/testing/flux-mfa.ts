import type { Reply } from './client.ts';
import type { FluxHanded, FluxProject } from './flux-kit.ts';
import { handed } from './flux-kit.ts';
import { createFactorKit } from './second-factors.ts';
import type { World } from './world.ts';

const STEP_MS = 30_000;

interface Challenged {
  challenge: { id: string; factor_id: string; expires_at: string };
}

export interface Begun extends Partial<Challenged> {
  factor: { id: string; type: string; status: string; phone_hint: string | null; created_at: string };
  totp?: { secret: string; uri: string; qr_code: string };
}

type Proved = FluxHanded & { recovery_codes?: string[] };

/** Second factors over Flux's API, as a page does. */
export function createFluxMfa(world: World, flux: FluxProject) {
  const { codeOf: codeAt, smsCode } = createFactorKit(world);
  const as = (token: string) => ({ ...flux.asPage, 'x-flux-session': token });
  const send = (method: string, path: string, token: string, body?: unknown): Promise<Reply> =>
    world.client().send(`/flux/v1${path}`, {
      method,
      headers: as(token),
      ...(body !== undefined && { body }),
    });
  const post = (path: string, token: string, body?: unknown) => send('POST', path, token, body);

  function answered<T>({ status, json, text }: Reply): T {
    if (status !== 200) throw new Error(`${status} ${text}`);
    return json as T;
  }

  const enrol = async (token: string, body: unknown) =>
    answered<Begun>(await post('/mfa/factors', token, body));
  const challenge = async (token: string, factorId: string) =>
    answered<Challenged>(await post(`/mfa/factors/${factorId}/challenge`, token)).challenge.id;
  const verify = (token: string, challengeId: string, code: string) =>
    post(`/mfa/challenges/${challengeId}/verify`, token, { code });
  const proved = (reply: Reply) => handed(reply) as Proved;

  return {
    as,
    send,
    post,
    enrol,
    challenge,
    verify,
    proved,
    codeAt,
    smsCode,
    factors: async (token: string) =>
      answered<{ factors: Begun['factor'][]; recovery_codes_left: number }>(
        await send('GET', '/mfa/factors', token),
      ),
    /** An app, set up and shown in this session; the clock goes on a step, so that it shows a fresh code. */
    async totp(token: string) {
      const { factor, totp } = await enrol(token, { type: 'totp' });
      const secret = totp?.secret ?? '';
      const code = () => codeAt(secret);
      const answer = proved(await verify(token, await challenge(token, factor.id), code()));
      world.clock.advance(STEP_MS);
      return { id: factor.id, secret, code, proved: answer, recoveryCodes: answer.recovery_codes ?? [] };
    },
    /** A telephone, set up and shown in this session. */
    async sms(token: string, phone: string) {
      const { factor, challenge: asked } = await enrol(token, { type: 'sms', phone });
      const answer = proved(await verify(token, asked?.id ?? '', await smsCode(phone)));
      return { id: factor.id, proved: answer, recoveryCodes: answer.recovery_codes ?? [] };
    },
    /** Shows what an app has now; the clock goes on a step. */
    async show(token: string, app: { id: string; code(): string }): Promise<Proved> {
      const answer = proved(await verify(token, await challenge(token, app.id), app.code()));
      world.clock.advance(STEP_MS);
      return answer;
    },
  };
}
