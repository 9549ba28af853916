// The appliance that oauth.py has started, as its operator and its clients reach it.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Agent, fetch as undiciFetch } from 'undici';

const { KYSO_BIN, KYSO_DATA, KYSO_URL } = process.env;

export const issuer = KYSO_URL;
const ca = readFileSync(`${KYSO_DATA}/tls/ca.pem`);

// fetch() to loopback whatever the host is called, trusting the appliance's own authority; with a
// client certificate ({cert, key}) where there is one.
export function fetchAs(certificate = {}) {
  const dispatcher = new Agent({
    connect: {
      ca,
      ...certificate,
      lookup: (host, options, done) =>
        options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    },
  });
  return (url, options) => undiciFetch(url, { ...options, dispatcher });
}
export const fetch = fetchAs();

export function kyso(...words) {
  const text = execFileSync(`${KYSO_BIN}/kyso`, [...words, '--data', KYSO_DATA, '--json']);
  return JSON.parse(text);
}

export function addClient(name, settings = {}) {
  const client = kyso('client', 'add', '--name', name, '--all-signers');
  const changes = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  if (changes.length) kyso('client', 'set', client.client_id, ...changes);
  return client;
}

// A software phone's command; its answer.
export function phone(...words) {
  return JSON.parse(execFileSync(`${KYSO_BIN}/kyso-phone`, [...words, '--json'], { encoding: 'utf8' }));
}

// A person with a phone and an enabled credential; the phone's file.
export function enrol(signer) {
  const store = `${KYSO_DATA}/../${signer}-phone.json`;
  const officer = `${KYSO_DATA}/ceremony/officer-phone.json`;
  kyso('signer', 'add', '--id', signer, '--name', signer, '--subject', `CN=${signer},C=VN`);
  const { link } = kyso('credential', 'add', '--signer', signer, '--key', 'p256');
  execFileSync(`${KYSO_BIN}/kyso-phone`,
    ['enrol', '--link', '-', '--store', store, '--ca', `${KYSO_DATA}/tls/ca.pem`], { input: link });
  for (const _ of ['the phone', 'the certificate']) {
    phone('approve', '--store', officer, '--all', '--yes', '--wait', '60');
  }
  return store;
}

// A call of the CSC API.
export function callCsc(method, token, { body = {}, send = fetch, headers = {} } = {}) {
  return send(`${issuer}/csc/v2/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(body),
  });
}

// What a signer's sign-in leaves behind: a grant with a code, here without the browser.
export function codeFor(clientId, { redirectUri, challenge }) {
  const code = randomBytes(32).toString('base64url');
  const grant = `grant_${randomBytes(8).toString('hex')}`;
  const until = Date.now() + 100_000;
  const database = new DatabaseSync(`${KYSO_DATA}/kyso.db`);
  database.exec('PRAGMA busy_timeout = 30000');
  database
    .prepare("INSERT INTO grants (id, client_id, signer_id, scope, token_type, authorization_details, " +
      "refresh, access_until, expires_at, revoked) " +
      "VALUES (?, ?, 'an', 'service', 'Bearer', '', 1, 0, ?, 0)")
    .run(grant, clientId, until);
  database
    .prepare('INSERT INTO authorization_codes VALUES (?, ?, ?, ?, NULL, ?, 0)')
    .run(createHash('sha256').update(code).digest('base64url'), grant, redirectUri, challenge, until);
  database.close();
  return code;
}
