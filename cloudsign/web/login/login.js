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

const patienceMs = 3000; // for the stream's first word
const whileLiveMs = 30000; // where hints come, the clock only makes sure
const againMs = 60000; // a stream that was refused

// That the transaction may have changed, from the server's event stream. Only a hint: the outcome is
// asked for each time, and held by the server where there is no stream.
function listen() {
  const hints = { live: false, heard: !("EventSource" in window), wake: () => {} };
  const tell = (live) => {
    hints.live = live;
    hints.heard = true;
    hints.wake();
  };
  const open = () => {
    const stream = new EventSource(`/authorize/${texts.id}/events`);
    stream.addEventListener("transaction", () => tell(true));
    stream.addEventListener("error", () => {
      tell(false);
      if (stream.readyState === EventSource.CLOSED) {
        setTimeout(open, againMs);
      }
    });
  };
  if (!hints.heard) {
    open();
  }
  return hints;
}

// Until the next hint, or so long.
function rest(hints, ms) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      hints.wake = () => {};
      resolve();
    };
    const timer = setTimeout(end, ms);
    hints.wake = end;
    if (hints.heard) {
      end();
    }
  });
}

async function wait() {
  const hints = listen();
  let known = texts.waits;
  let pause = 0;
  await rest(hints, patienceMs);
  for (;;) {
    try {
      const held = hints.live ? "" : `?known=${known}`;
      hints.heard = false;
      const answer = await fetch(`/authorize/${texts.id}/outcome${held}`);
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
    if (pause > 0) {
      await new Promise((resolve) => setTimeout(resolve, pause));
    } else if (hints.live) {
      await rest(hints, whileLiveMs);
    }
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
