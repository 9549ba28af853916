import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import * as jose from 'jose';
import { addClient, callCsc, enrol, fetch, issuer, kyso, phone } from './world.mjs';

const { KYSO_BIN, KYSO_DATA } = process.env;
const document = Buffer.from('{"số": 7}');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const ecdsaSha256 = '1.2.840.10045.4.3.2';

function approve(store) {
  phone('approve', '--store', store, '--all', '--yes', '--wait', '60');
}

// Under the certificate of its own x5c.
function keyOf(header) {
  return new X509Certificate(Buffer.from(header.x5c[0], 'base64')).publicKey;
}

function credentialOf(signer) {
  return kyso('credential', 'list', '--signer', signer).credentials[0].id;
}

test('jose verifies the JWS of kyso sign over the document, and over no other', async () => {
  const store = enrol('xuan');
  const portal = addClient('Sổ');
  const folder = mkdtempSync(`${tmpdir()}/jades-`);
  try {
    writeFileSync(`${folder}/so.json`, document);
    const asking = spawn(`${KYSO_BIN}/kyso`, ['sign', `${folder}/so.json`, '--data', KYSO_DATA, '--format',
      'jades', '--as', portal.client_id, '--credential', credentialOf('xuan')],
    { env: { ...process.env, KYSO_CLIENT_SECRET: portal.client_secret }, stdio: 'inherit' });
    const ended = once(asking, 'exit');
    approve(store);
    assert.deepEqual(await ended, [0, null]);

    const [header, empty, signature] = readFileSync(`${folder}/so.json.jws`, 'utf8').split('.');
    assert.equal(empty, '');
    const verify = (payload) => jose.flattenedVerify(
      { protected: header, payload: jose.base64url.encode(payload), signature }, keyOf);
    const { protectedHeader } = await verify(document);
    assert.equal(protectedHeader.cty, 'json');
    assert.equal(protectedHeader.crit, undefined);
    assert.ok(Math.abs(protectedHeader.iat - Date.now() / 1000) < 120);
    await assert.rejects(verify(Buffer.from('{"số": 8}')), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('jose verifies the JWS of signDoc once it is told to understand sigD', async () => {
  const store = enrol('nga');
  const portal = addClient('Hồ sơ');
  const got = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', ...portal }),
  });
  const { access_token } = await got.json();
  const credentialID = credentialOf('nga');
  const call = async (method, body) => (await callCsc(method, access_token, { body })).json();
  const hash = sha256(document);
  const { handle } = await call('credentials/authorize', {
    credentialID, numSignatures: 1, hashes: [hash.toString('base64')], hashType: 'SDR', signature_format: 'J',
    hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
  });
  approve(store);
  const { SAD } = await call('credentials/authorizeCheck', { handle });
  const answer = await call('signatures/signDoc', { credentialID, SAD, documents: [
    { document: document.toString('base64'), signature_format: 'J', signAlgo: ecdsaSha256 }] });

  const [header, , signature] = Buffer.from(answer.SignatureObject[0], 'base64').toString().split('.');
  const jws = { protected: header, payload: '', signature };
  await assert.rejects(jose.flattenedVerify(jws, keyOf), { code: 'ERR_JOSE_NOT_SUPPORTED' });
  const { protectedHeader } = await jose.flattenedVerify(jws, keyOf, { crit: { sigD: true } });
  assert.deepEqual(protectedHeader.sigD.hashV, [hash.toString('base64url')]);
});
