import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from 'openid-client';
import { addClient, callCsc, fetch, issuer } from './world.mjs';

async function discover(clientId, auth) {
  return client.discovery(new URL(issuer), clientId, {}, auth, {
    algorithm: 'oauth2', [client.customFetch]: fetch,
  });
}

test('client credentials by secret, and revocation', async () => {
  const { client_id, client_secret } = addClient('openid-client');
  const config = await discover(client_id, client.ClientSecretPost(client_secret));
  const { access_token } = await client.clientCredentialsGrant(config);
  assert.equal((await callCsc('credentials/list', access_token)).status, 400);
  await client.tokenRevocation(config, access_token);
  assert.equal((await callCsc('credentials/list', access_token)).status, 401);
});

test('private_key_jwt together with DPoP', async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey);
  const jwks = JSON.stringify({ keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }] });
  const { client_id } = addClient('openid-client jwt', {
    'oauth.token_auth': 'private_key_jwt', 'oauth.jwks': jwks, 'oauth.dpop': 'required',
  });
  const config = await discover(client_id, client.PrivateKeyJwt(keys.privateKey));
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
  const { access_token, token_type } = await client.clientCredentialsGrant(config, {}, { DPoP });
  assert.equal(token_type, 'dpop');
  const response = await client.fetchProtectedResource(config, access_token,
    new URL(`${issuer}/csc/v2/credentials/list`), 'POST', '{"userID":"nobody"}',
    new Headers({ 'content-type': 'application/json' }), { DPoP });
  assert.equal((await response.json()).error_description, 'Invalid parameter userID');
});
