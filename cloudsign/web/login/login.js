// The pages of the login host: sign in, decide, wait for the phone, make a passkey. One script, no
// library; the server has rendered what is on the page.
"use strict";

const main = document.querySelector("main");
const texts = main.dataset;

function at(id) {
  return document.getElementById(id);
}

function say(text) {
  at("message").textContent = text;
}

function bytes(base64url) {
  const plain = base64url.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain), (c) => c.charCodeAt(0));
}

function base64url(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(answer.status === 503 ? texts.failed : texts.refused);
  }
  return answer.status === 204 ? {} : answer.json();
}

// A button that works once at a time, and says what went wrong.
function on(id, action) {
  const button = at(id);
  if (!button) {
    return;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("");
    try {
      await action();
    } catch (error) {
      const known = error instanceof Error && Object.values(texts).includes(error.message);
      say(known ? error.message : error instanceof DOMException ? texts.cancelled : texts.failed);
      button.disabled = false;
      button.focus();
    }
  });
}

function go(answer) {
  location.replace(answer.location);
}

async function signIn() {
  const made = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(texts.challenge),
      rpId: texts.rpId,
      userVerification: "required",
      timeout: 120000,
    },
  });
  go(
    await post(`/authorize/${texts.id}/sign-in`, {
      credential_id: base64url(made.rawId),
      authenticator_data: base64url(made.response.authenticatorData),
      client_data_json: base64url(made.response.clientDataJSON),
      signature: base64url(made.response.signature),
    }),
  );
}

async function signOut() {
  await post("/sign-out", {});
  location.reload();
}

async function decide(decision) {
  go(await post(`/authorize/${texts.id}/decision`, { decision }));
}

async function register() {
  const name = at("name");
  if (!name.reportValidity()) {
    at("register").disabled = false;
    return;
  }
  const invitation = location.hash.slice(1);
  const options = await post("/register/options", { invitation });
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(options.challenge),
      rp: { id: options.rp_id, name: "Kyso" },
      user: {
        id: bytes(options.user_handle),
        name: options.user_name,
        displayName: options.user_display_name,
      },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: options.registered.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
      timeout: 120000,
    },
  });
  await post("/register", {
    invitation,
    name: name.value,
    authenticator_data: base64url(made.response.getAuthenticatorData()),
    client_data_json: base64url(made.response.clientDataJSON),
  });
  history.replaceState(null, "", location.pathname);
  say(texts.registered);
}

// ---- waiting

// What the phone is held to changes every two seconds.
async function renewStart() {
  const image = at("start");
  if (!image) {
    return;
  }
  const answer = await fetch(`/authorize/${texts.id}/start`);
  if (answer.ok) {
    at("same-device").href = (await answer.json()).link;
    image.src = `/authorize/${texts.id}/start.svg?at=${Date.now()}`;
  }
}

async function wait() {
  let known = texts.waits;
  let pause = 0;
  for (;;) {
    try {
      const answer = await fetch(`/authorize/${texts.id}/outcome?known=${known}`);
      if (answer.ok) {
        const found = await answer.json();
        if (found.location) {
          go(found);
          return;
        }
        known = found.state;
        pause = 0;
        if (known === "seen") {
          at("progress").textContent = texts.seen;
        }
      } else if (answer.status < 500) {
        location.reload();
        return;
      } else {
        pause = 1000;
      }
    } catch {
      pause = Math.min(pause * 2 + 500, 8000);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

on("sign-in", signIn);
on("sign-out", signOut);
on("register", register);
for (const decision of ["allow", "deny", "screen", "phone"]) {
  on(decision, () => decide(decision));
}
if (texts.waits) {
  renewStart();
  setInterval(renewStart, 2000);
  wait();
}
