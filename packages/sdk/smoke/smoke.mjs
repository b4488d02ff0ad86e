// Run by `node --test` against the built package, under the oldest Node it is for. FLUX_URL, FLUX_KEY and TOKEN come from outside.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Flux, { FluxError } from '@flux/sdk';
import Browser from '@flux/sdk/browser';
import { fluxExpress } from '@flux/sdk/express';
import { fluxFastify } from '@flux/sdk/fastify';
import { withFlux } from '@flux/sdk/fetch';
import { fluxHono } from '@flux/sdk/hono';
import Web from '@flux/sdk/web';

const { FLUX_KEY = '', TOKEN = '' } = process.env;

for (const [name, Client] of [
  ['Node', Flux],
  ['fetch and WebCrypto', Web],
]) {
  test(`${name}: verifies, answers without the network, refuses`, async () => {
    const flux = Client.init(FLUX_KEY);
    const user = await flux.auth.verifySession(TOKEN);
    assert.equal(user.email, 'a@example.com');
    assert.notEqual(user.sessionToken, TOKEN);
    assert.equal((await flux.auth.getSession(TOKEN)).mfaVerified, false);
    assert.equal((await flux.auth.verifySession(TOKEN, { renew: false })).id, user.id);
    await assert.rejects(
      flux.auth.verifySession(`${TOKEN}x`),
      (error) => error instanceof FluxError && error.code === 'invalid_session',
    );
    // Node's own is not closed: its stream must not keep the process alive. What `fetch` has opened, nobody can unref.
    if (Client === Web) flux.close();
  });
}

test('the middleware loads and guards', async () => {
  const flux = Flux.init(FLUX_KEY);
  const handler = withFlux(flux, (_request, { user }) => new Response(user.email));
  const answer = await handler(
    new Request('http://app.example', { headers: { authorization: `Bearer ${TOKEN}` } }),
  );
  assert.equal(await answer.text(), 'a@example.com');
  assert.notEqual(answer.headers.get('x-flux-session'), null);
  for (const make of [fluxExpress, fluxFastify, fluxHono]) assert.equal(typeof make(flux), 'function');
});

test('a page may not hold the secret key', () => {
  assert.throws(() => Browser.init('flux_sk_x'), /publishable/);
});
