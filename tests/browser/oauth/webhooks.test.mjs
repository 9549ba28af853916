import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import * as jose from 'jose';
import { addClient, enrol, fetch, issuer, phone } from './world.mjs';

// A portal's end: answers 204, gives what it was told.
async function listen() {
  const told = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    told.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(204).end();
    server.emit('told');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, told, url: `http://localhost:${server.address().port}/told` };
}

test('jose verifies a webhook under the published keys, and nothing else than what was sent', async () => {
  const { server, told, url } = await listen();
  try {
    const portal = addClient('Portal', {
      'door.qd769': 'on', 'webhook.hosts': 'localhost', 'webhook.plain_http': 'on',
      'webhook.private_addresses': 'on', 'webhook.url': url,
    });
    const store = enrol('mai');
    const asked = await fetch(`${issuer}/qd769/sign`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        sp_id: portal.client_id, sp_password: portal.client_secret, user_id: 'mai',
        transaction_id: 'jose-1', transaction_desc: 'Hợp đồng',
        sign_files: [{ doc_id: 'd', sign_type: 'hash', file_type: 'pdf',
          data_to_be_signed: createHash('sha256').update('d').digest('hex') }],
      }),
    });
    assert.equal(asked.status, 200, await asked.text());
    const ended = told.length ? null : once(server, 'told', { signal: AbortSignal.timeout(60_000) });
    phone('approve', '--store', store, '--all', '--yes', '--wait', '60');
    await ended;

    const [{ headers, body }] = told;
    const [header, , signature] = headers['x-jws-signature'].split('.');
    const keys = jose.createRemoteJWKSet(new URL('/oauth2/jwks', issuer), { [jose.customFetch]: fetch });
    const detached = (payload) =>
      jose.flattenedVerify({ protected: header, payload: jose.base64url.encode(payload), signature }, keys);
    const { protectedHeader } = await detached(body);
    assert.equal(protectedHeader.aud, portal.client_id);
    assert.equal(protectedHeader.jti, headers['webhook-id']);
    assert.equal(protectedHeader.typ, 'kyso-webhook');
    assert.equal(protectedHeader.url, url);
    const said = JSON.parse(body);
    assert.equal(said.transaction_id, 'jose-1');
    assert.equal(said.message, 'SUCCESS');
    const other = Buffer.from(JSON.stringify({ ...said, transaction_id: 'jose-2' }));
    await assert.rejects(detached(other), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  } finally {
    server.close();
  }
});
