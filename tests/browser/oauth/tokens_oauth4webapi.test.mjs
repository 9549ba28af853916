import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import { addClient, callCsc, codeFor, fetch, fetchAs, issuer, kyso } from './world.mjs';

const http = { [oauth.customFetch]: fetch };

async function discover() {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { ...http, algorithm: 'oauth2' });
  return oauth.processDiscoveryResponse(url, response);
}

async function clientCredentials(as, client, auth, options = {}) {
  const response = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, { ...http, ...options });
  return oauth.processClientCredentialsResponse(as, client, response);
}

async function pair(algorithm) {
  const keys = await oauth.generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await jose.exportJWK(keys.publicKey)), kid: `key-${algorithm}`, alg: algorithm };
  return { ...keys, jwks: JSON.stringify({ keys: [jwk] }), kid: jwk.kid };
}

const worksFor = async (token, options) => (await callCsc('credentials/list', token, options)).status;

test('discovery says what there is', async () => {
  const as = await discover();
  assert.equal(as.issuer, issuer);
  assert.deepEqual(as.dpop_signing_alg_values_supported, ['ES256', 'ES384', 'PS256', 'RS256']);
  assert.ok(as.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
  assert.ok(as.mtls_endpoint_aliases.token_endpoint);
});

test('client credentials by secret, in both forms; jose verifies the token by JWKS', async () => {
  const as = await discover();
  const { client_id, client_secret } = addClient('secret');
  for (const auth of [oauth.ClientSecretPost(client_secret), oauth.ClientSecretBasic(client_secret)]) {
    const got = await clientCredentials(as, { client_id }, auth);
    assert.equal(got.token_type, 'bearer');
    const keys = jose.createRemoteJWKSet(new URL(as.jwks_uri), { [jose.customFetch]: fetch });
    const { payload } = await jose.jwtVerify(got.access_token, keys, {
      issuer, audience: issuer, algorithms: ['ES256'],
    });
    assert.equal(payload.client_id, client_id);
  }
  await assert.rejects(
    clientCredentials(as, { client_id }, oauth.ClientSecretPost('wrong')),
    (error) => error.error === 'invalid_client' || error.cause?.[0]?.scheme === 'basic',
  );
});

for (const algorithm of ['ES256', 'ES384', 'PS256', 'RS256']) {
  test(`private_key_jwt, ${algorithm}`, async () => {
    const as = await discover();
    const { privateKey, jwks, kid } = await pair(algorithm);
    const { client_id } = addClient('jwt', { 'oauth.token_auth': 'private_key_jwt', 'oauth.jwks': jwks });
    const auth = oauth.PrivateKeyJwt({ key: privateKey, kid });
    const got = await clientCredentials(as, { client_id }, auth);
    assert.ok(got.access_token);
    const other = await pair(algorithm);
    await assert.rejects(
      clientCredentials(as, { client_id }, oauth.PrivateKeyJwt({ key: other.privateKey, kid })));
  });

  test(`DPoP, ${algorithm}`, async () => {
    const as = await discover();
    const { client_id, client_secret } = addClient('dpop', { 'oauth.dpop': 'required' });
    const auth = oauth.ClientSecretPost(client_secret);
    await assert.rejects(clientCredentials(as, { client_id }, auth),
      (error) => error.error === 'invalid_dpop_proof');
    const DPoP = oauth.DPoP({ client_id }, await oauth.generateKeyPair(algorithm));
    const got = await clientCredentials(as, { client_id }, auth, { DPoP });
    assert.equal(got.token_type, 'dpop');

    const list = new URL(`${issuer}/csc/v2/credentials/list?x=1`);
    const call = (handle) => oauth.protectedResourceRequest(got.access_token, 'POST', list,
      new Headers({ 'content-type': 'application/json' }), '{"userID":"nobody"}',
      { ...http, DPoP: handle });
    // The token is taken; it is the user that is unknown.
    const answered = await call(DPoP);
    assert.equal((await answered.json()).error_description, 'Invalid parameter userID');
    const stolen = oauth.DPoP({ client_id }, await oauth.generateKeyPair(algorithm));
    await assert.rejects(call(stolen), (error) => error.cause?.[0]?.parameters?.error === 'invalid_token');
    const bare = await callCsc('credentials/list', got.access_token);
    assert.equal(bare.status, 401);
  });
}

test('the code grant with PKCE, refresh, and a refresh token that comes again', async () => {
  const as = await discover();
  const { client_id, client_secret } = addClient('code');
  const client = { client_id };
  const auth = oauth.ClientSecretPost(client_secret);
  const redirectUri = 'https://portal.example/cb';
  const verifier = oauth.generateRandomCodeVerifier();
  const challenge = await oauth.calculatePKCECodeChallenge(verifier);
  const redeem = async (code, with_verifier) => {
    const parameters = oauth.validateAuthResponse(as, client, new URLSearchParams({ code, iss: issuer }));
    const response = await oauth.authorizationCodeGrantRequest(
      as, client, auth, parameters, redirectUri, with_verifier, http);
    return oauth.processAuthorizationCodeResponse(as, client, response);
  };
  const refresh = async (token) => oauth.processRefreshTokenResponse(
    as, client, await oauth.refreshTokenGrantRequest(as, client, auth, token, http));
  const invalidGrant = (error) => error.error === 'invalid_grant';

  const code = codeFor(client_id, { redirectUri, challenge });
  await assert.rejects(redeem(code, oauth.generateRandomCodeVerifier()), invalidGrant);
  const first = await redeem(code, verifier);
  const second = await refresh(first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal(jose.decodeJwt(second.access_token).sub, 'an');
  assert.notEqual(await worksFor(second.access_token), 401);
  await assert.rejects(refresh(first.refresh_token), invalidGrant);
  await assert.rejects(refresh(second.refresh_token), invalidGrant);
  assert.equal(await worksFor(second.access_token), 401);

  const twice = codeFor(client_id, { redirectUri, challenge });
  const got = await redeem(twice, verifier);
  await assert.rejects(redeem(twice, verifier), invalidGrant);
  assert.equal(await worksFor(got.access_token), 401);
});

test('revocation', async () => {
  const as = await discover();
  const { client_id, client_secret } = addClient('revoke');
  const auth = oauth.ClientSecretBasic(client_secret);
  const { access_token } = await clientCredentials(as, { client_id }, auth);
  assert.equal(await worksFor(access_token), 400);
  const other = addClient('other');
  const end = async (client, secret, token) => oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, oauth.ClientSecretBasic(secret), token, http));

  await end({ client_id: other.client_id }, other.client_secret, access_token);
  assert.equal(await worksFor(access_token), 400);
  await end({ client_id }, client_secret, access_token);
  assert.equal(await worksFor(access_token), 401);
  await end({ client_id }, client_secret, access_token);
});

test('a TLS certificate instead of a secret, and tokens for it alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kyso-mtls-'));
  try {
    const certificate = (name) => {
      execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-subj', `/CN=${name}`, '-days', '2',
        '-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)], { stdio: 'pipe' });
      return { cert: readFileSync(join(folder, `${name}.pem`)), key: readFileSync(join(folder, `${name}.key`)) };
    };
    const mine = certificate('mine');
    const theirs = certificate('theirs');
    const sha256 = createHash('sha256').update(new X509Certificate(mine.cert).raw).digest();
    const as = await discover();
    const { client_id } = addClient('mtls', {
      'oauth.token_auth': 'tls_client_auth', 'oauth.certificate_sha256': sha256.toString('hex'),
    });
    const client = { client_id, use_mtls_endpoint_aliases: true };
    const ask = (send) => clientCredentials(as, client, oauth.TlsClientAuth(),
      { [oauth.customFetch]: send });

    const got = await ask(fetchAs(mine));
    assert.equal(jose.decodeJwt(got.access_token).cnf['x5t#S256'], sha256.toString('base64url'));
    await assert.rejects(ask(fetchAs(theirs)));
    await assert.rejects(ask(fetch));
    const there = new URL(as.mtls_endpoint_aliases.token_endpoint).origin;
    const call = (send, at) => send(`${at}/csc/v2/credentials/list`, {
      method: 'POST', headers: { authorization: `Bearer ${got.access_token}` },
    });
    assert.equal((await call(fetchAs(mine), there)).status, 400);  // userID is missing
    assert.equal((await call(fetchAs(theirs), there)).status, 401);
    assert.equal((await call(fetch, there)).status, 401);
    assert.equal((await call(fetchAs(mine), issuer)).status, 401);  // nobody is asked there
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a new token key, and nobody notices', async () => {
  const as = await discover();
  const { client_id, client_secret } = addClient('rotation');
  const auth = oauth.ClientSecretPost(client_secret);
  const before = await clientCredentials(as, { client_id }, auth);
  const { kid } = kyso('token-key', 'rotate');
  const after = await clientCredentials(as, { client_id }, auth);

  assert.equal(jose.decodeProtectedHeader(after.access_token).kid, kid);
  const keys = jose.createRemoteJWKSet(new URL(as.jwks_uri), { [jose.customFetch]: fetch });
  for (const { access_token } of [before, after]) {
    await jose.jwtVerify(access_token, keys, { issuer, audience: issuer });
    assert.equal(await worksFor(access_token), 400);
  }
});
