import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, sha256, toBase64url, utf8 } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { departure, readReturn, redemption } from "../../../../../cloudsign/web/portal/core/oauth.ts";

const origin = "https://portal.localhost:8443";
const metadata = {
  issuer: "https://api.localhost:8443",
  authorization_endpoint: "https://login.localhost:8443/oauth2/authorize",
};

test("leaves with what only this tab can redeem", async () => {
  const { url, leaving } = await departure(metadata, origin, "vi");
  const asked = new URL(url);
  const of = (name: string) => asked.searchParams.get(name);
  assert.equal(asked.origin + asked.pathname, metadata.authorization_endpoint);
  assert.deepEqual(
    ["response_type", "client_id", "redirect_uri", "scope", "code_challenge_method", "lang"].map(of),
    ["code", "portal", `${origin}/return`, "service", "S256", "vi"],
  );
  assert.equal(of("state"), leaving.state);
  assert.equal(of("code_challenge"), toBase64url(await sha256(utf8(leaving.verifier))));
  assert.equal(fromBase64url(leaving.verifier)?.length, 32);
  assert.ok(!url.includes(leaving.verifier));
  const again = await departure(metadata, origin, "vi");
  assert.notEqual(again.leaving.state, leaving.state);
  assert.notEqual(again.leaving.verifier, leaving.verifier);
});

test("keeps to the challenge of RFC 7636, appendix B", async () => {
  const verifier = fromBase64url("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")!;
  const { url } = await departure(metadata, origin, "en", () => verifier);
  assert.equal(new URL(url).searchParams.get("code_challenge"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("goes to no address but a page's", async () => {
  for (const endpoint of ["javascript:alert(1)", "data:text/html,x", "http://login.localhost/", "", "//x"]) {
    await assert.rejects(departure({ ...metadata, authorization_endpoint: endpoint }, origin, "vi"), TypeError);
  }
});

const leaving = { state: "S", verifier: "V", issuer: metadata.issuer };
const answer = (more: Record<string, string>) =>
  "?" + new URLSearchParams({ state: "S", iss: metadata.issuer, ...more });

test("comes back with a code or the service's word", () => {
  assert.deepEqual(readReturn(answer({ code: "C" }), leaving), { code: "C" });
  assert.deepEqual(readReturn(answer({ error: "access_denied" }), leaving), { error: "access_denied" });
  assert.deepEqual(readReturn(answer({}), leaving), { error: "invalid_request" });
});

test("takes no answer to a question of somebody else", () => {
  const foreign = { error: "foreign" };
  assert.deepEqual(readReturn(answer({ code: "C" }), undefined), foreign);
  assert.deepEqual(readReturn(answer({ code: "C", state: "T" }), leaving), foreign);
  assert.deepEqual(readReturn(answer({ code: "C", iss: "https://evil.example" }), leaving), foreign);
  assert.deepEqual(readReturn("?code=C", leaving), foreign);
  assert.deepEqual(readReturn("", leaving), foreign);
});

test("redeems it with the verifier and no secret", () => {
  assert.deepEqual(Object.fromEntries(redemption("C", leaving, origin)), {
    grant_type: "authorization_code", client_id: "portal", code: "C",
    redirect_uri: `${origin}/return`, code_verifier: "V",
  });
});
