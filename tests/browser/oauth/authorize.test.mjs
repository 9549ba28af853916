import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { addClient, callCsc, fetch, issuer, kyso } from './world.mjs';

const http = { [oauth.customFetch]: fetch };
const callback = 'https://portal.example/callback';
const login = issuer.replace('//api.', '//login.');
const digest = (text) => createHash('sha256').update(text).digest();
let session;

// A signer at a browser, signed in as far as it goes without a passkey: ../login.py has one.
before(() => {
  kyso('signer', 'add', '--id', 'lan', '--name', 'Lan', '--subject', 'CN=Lan,C=VN');
  session = randomBytes(32).toString('base64url');
  const database = new DatabaseSync(`${process.env.KYSO_DATA}/kyso.db`);
  database.exec('PRAGMA busy_timeout = 30000');
  database
    .prepare("INSERT INTO login_sessions VALUES (?, 'login', 'lan', ?, ?, ?)")
    .run(digest(session).toString('base64url'), Date.now(), Date.now(), Date.now() + 3_600_000);
  database.close();
});

async function asBrowser(url, options = {}) {
  const headers = { cookie: `__Host-kyso-session=${session}`, ...options.headers };
  return fetch(url, { redirect: 'manual', ...options, headers });
}

// From the authorization request to the address with the answer.
async function decide(url, decision) {
  const begun = await asBrowser(url);
  assert.equal(begun.status, 302, await begun.text());
  const page = new URL(begun.headers.get('location'), url);
  if (page.href.startsWith(callback)) return page;
  assert.equal(page.origin, login);
  const shown = await asBrowser(page);
  assert.equal(shown.status, 200);
  assert.match(shown.headers.get('content-security-policy'), /require-trusted-types-for 'script'/);
  const decided = await asBrowser(`${page}/decision`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: login },
    body: JSON.stringify({ decision }),
  });
  return new URL((await decided.json()).location);
}

async function discover(clientId, auth) {
  return client.discovery(new URL(issuer), clientId, {}, auth, {
    algorithm: 'oauth2', [client.customFetch]: fetch,
  });
}

async function pkce() {
  const verifier = client.randomPKCECodeVerifier();
  return { verifier, challenge: await client.calculatePKCECodeChallenge(verifier) };
}

test('openid-client: PKCE, state, iss, refresh', async () => {
  const { client_id, client_secret } = addClient('pkce', { 'oauth.redirect_uris': callback });
  const config = await discover(client_id, client.ClientSecretPost(client_secret));
  const { verifier, challenge } = await pkce();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback, scope: 'service', state, code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const back = await decide(url, 'allow');
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  const token = await client.authorizationCodeGrant(config, back, checks);
  assert.equal((await callCsc('credentials/list', token.access_token)).status, 200);
  const renewed = await client.refreshTokenGrant(config, token.refresh_token);
  assert.equal((await callCsc('credentials/list', renewed.access_token)).status, 200);
  await assert.rejects(client.authorizationCodeGrant(config, back, checks),
    (error) => error.error === 'invalid_grant');
});

test('openid-client: a pushed request is taken once, and denied', async () => {
  const { client_id, client_secret } = addClient('par', { 'oauth.redirect_uris': callback });
  const config = await discover(client_id, client.ClientSecretBasic(client_secret));
  const { verifier, challenge } = await pkce();
  const state = client.randomState();
  const url = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: callback, scope: 'service', state, code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  assert.match(url.searchParams.get('request_uri'), /^urn:ietf:params:oauth:request_uri:/);
  const back = await decide(url, 'deny');
  await assert.rejects(
    client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state }),
    (error) => error.error === 'access_denied');
  assert.equal((await asBrowser(url)).status, 400);
});

test('oauth4webapi: authorization_details pushed with private_key_jwt', async () => {
  const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const jwks = JSON.stringify({ keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }] });
  const { client_id } = addClient('rar', {
    'oauth.redirect_uris': callback, 'oauth.token_auth': 'private_key_jwt', 'oauth.jwks': jwks,
  });
  const response = await oauth.discoveryRequest(new URL(issuer), { ...http, algorithm: 'oauth2' });
  const as = await oauth.processDiscoveryResponse(new URL(issuer), response);
  const type = as.authorization_details_types_supported.at(-1);
  const verifier = oauth.generateRandomCodeVerifier();
  const parameters = (credentialID) => ({
    response_type: 'code', redirect_uri: callback, state: 'xyz', code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    authorization_details: JSON.stringify([{
      type, credentialID, numSignatures: 1, hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      documentDigests: [{ hash: digest('x').toString('base64'), label: 'Hợp đồng' }],
    }]),
  });
  const push = async (asked) => oauth.processPushedAuthorizationResponse(as, { client_id },
    await oauth.pushedAuthorizationRequest(as, { client_id }, oauth.PrivateKeyJwt(privateKey),
      asked, http));
  const { request_uri, expires_in } = await push(parameters('cred_none'));
  assert.equal(expires_in, 300);
  const url = new URL(as.authorization_endpoint);
  url.searchParams.set('client_id', client_id);
  url.searchParams.set('request_uri', request_uri);
  const begun = await asBrowser(url);
  const page = new URL(begun.headers.get('location'), url);
  const back = new URL((await asBrowser(page)).headers.get('location'));
  assert.throws(() => oauth.validateAuthResponse(as, { client_id }, back, 'xyz'),
    (error) => error.error === 'invalid_request' &&
      error.error_description === 'Invalid parameter credentialID');

  const wrong = parameters('cred_none');
  wrong.authorization_details = '[{"type":"unheard"}]';
  await assert.rejects(push(wrong), (error) => error.error === 'invalid_authorization_details');
  await assert.rejects(push({ ...parameters('x'), redirect_uri: 'https://evil.example/' }),
    (error) => error.error === 'invalid_request');
});

test('what begins elsewhere is not let in', async () => {
  const { client_id } = addClient('csrf', { 'oauth.redirect_uris': callback });
  const { challenge } = await pkce();
  const query = new URLSearchParams({
    response_type: 'code', client_id, code_challenge: challenge, code_challenge_method: 'S256',
  });
  const begun = await asBrowser(`${issuer}/oauth2/authorize?${query}`);
  const page = new URL((await asBrowser(begun.headers.get('location'))).headers.get('location'), login);
  for (const origin of ['https://evil.example', issuer, 'null', undefined]) {
    const decided = await asBrowser(`${page}/decision`, {
      method: 'POST', body: '{"decision":"allow"}',
      headers: { 'content-type': 'application/json', ...(origin && { origin }) },
    });
    assert.equal(decided.status, 403);
  }
});
