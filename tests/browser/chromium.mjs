// A real Chromium with a virtual authenticator, driven by a test in another language: reads one
// command a line, {"do": NAME, …}, and answers one line, {"value": …} or {"error": …}.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import jsQR from "jsqr";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const context = await chromium.launchPersistentContext(process.env.KYSO_PROFILE, {
  executablePath: process.env.KYSO_CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", ...JSON.parse(process.env.KYSO_FLAGS ?? "[]")],
  viewport: { width: 390, height: 844 },
  locale: "vi-VN",
});
const page = context.pages()[0] ?? (await context.newPage());
const complaints = [];
page.on("console", (message) => {
  if (message.type() === "error") {
    complaints.push(message.text());
  }
});
const requested = [];
page.on("request", (request) => requested.push(request.url()));
page.on("pageerror", (error) => complaints.push(String(error)));

const devtools = await context.newCDPSession(page);
await devtools.send("WebAuthn.enable", { enableUI: false });
const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
  options: {
    protocol: "ctap2",
    ctap2Version: "ctap2_1",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  },
});

let lie = (text) => text;
devtools.on("Fetch.requestPaused", async ({ requestId, responseStatusCode, responseHeaders }) => {
  const { body, base64Encoded } = await devtools.send("Fetch.getResponseBody", { requestId });
  const told = lie(Buffer.from(body, base64Encoded ? "base64" : "utf8").toString());
  await devtools.send("Fetch.fulfillRequest", {
    requestId,
    responseCode: responseStatusCode,
    responseHeaders: responseHeaders.filter(({ name }) => name.toLowerCase() !== "content-length"),
    body: Buffer.from(told).toString("base64"),
  });
});

// The grey values of the code that the page shows, a byte each.
const side = 280;
async function picture() {
  return page.evaluate(async (side) => {
    const picture = document.querySelector("#start, #move-code");
    await picture.decode?.();
    const canvas = new OffscreenCanvas(side, side);
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0, side, side);
    const pixels = pen.getImageData(0, 0, side, side).data;
    return btoa(String.fromCharCode(...pixels.filter((_, i) => i % 4 === 0)));
  }, side);
}

// What a phone's camera would read.
async function scan() {
  const grey = Buffer.from(await picture(), "base64");
  const pixels = new Uint8ClampedArray(grey.length * 4).map((_, i) => grey[i >> 2]);
  return jsQR(pixels, side, side)?.data ?? null;
}

const opened = []; // by the browser itself, e.g. when a notification is tapped
context.on("page", (other) => opened.push(other));

const commands = {
  allow: ({ permission, origin }) => context.grantPermissions([permission], { origin }),
  frame: async ({ url }) => {
    await page.evaluate((where) => {
      const frame = document.createElement("iframe");
      frame.src = where;
      document.body.append(frame);
      return new Promise((resolve) => {
        frame.onload = resolve;
      });
    }, url);
    return page.frames().map((one) => one.url());
  },
  viewport: ({ width, height }) => page.setViewportSize({ width, height }),
  media: (media) => {
    const { do: _, ...how } = media;
    return page.emulateMedia(how);
  },
  screenshot: ({ path }) => page.screenshot({ path, fullPage: true }).then(() => true),
  // How far the page is wider than the screen.
  overflow: () =>
    page.evaluate(
      () => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
    ),
  moving: () => page.evaluate(() => document.getAnimations().length),
  refuse: ({ path }) => page.route(`**${path}*`, (route) => route.abort()),
  refuseNothing: () => page.unrouteAll().then(() => true),
  reload: () => page.reload().then(() => true),
  // Before any script of every page from now on.
  before: ({ script }) => page.addInitScript(script).then(() => true),
  openedUrl: async () => {
    const other = opened.at(-1);
    await other?.waitForLoadState();
    return other?.url() ?? "";
  },
  closeOpened: () => Promise.all(opened.splice(0).map((other) => other.close())),
  evaluate: ({ script }) => page.evaluate(script),
  goto: async ({ url }) => (await page.goto(url))?.status(),
  click: ({ selector }) => page.click(selector),
  press: async ({ key }) => page.keyboard.press(key),
  focused: () => page.evaluate(() => document.activeElement.id),
  fill: ({ selector, text }) => page.fill(selector, text),
  wait: ({ selector }) => page.waitForSelector(selector).then(() => true),
  waitUrl: ({ prefix }) =>
    page.waitForURL((url) => url.href.startsWith(prefix), { timeout: 60000 }).then(() => page.url()),
  waitText: ({ selector, text }) =>
    page
      .waitForFunction(
        ([where, what]) => document.querySelector(where)?.textContent.includes(what),
        [selector, text],
      )
      .then(() => true),
  url: () => page.url(),
  text: ({ selector }) => page.textContent(selector),
  attribute: ({ selector, name }) => page.getAttribute(selector, name),
  count: ({ selector }) => page.locator(selector).count(),
  colorScheme: ({ scheme }) => page.emulateMedia({ colorScheme: scheme }),
  scan,
  picture,
  download: async ({ selector }) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
    return readFileSync(await file.path(), "utf8");
  },
  // Its name, and its bytes in base64.
  downloaded: async ({ selector }) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
    const bytes = readFileSync(await file.path()).toString("base64");
    return { name: file.suggestedFilename(), bytes };
  },
  upload: ({ selector, files }) => page.setInputFiles(selector, files),
  select: ({ selector, value }) => page.selectOption(selector, value),
  // By the pointer, from the middle of what is there.
  drag: async ({ selector, right, down }) => {
    const held = page.locator(selector);
    await held.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await held.boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + right, y + height / 2 + down, { steps: 4 });
    await page.mouse.up();
  },
  verifies: ({ user }) =>
    devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: user }),
  passkeys: async () =>
    (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials.map(
      ({ rpId, isResidentCredential }) => ({ rpId, isResidentCredential }),
    ),
  // What a hostile server would tell the app instead: every answer at `path` with `from` replaced.
  alter: async ({ path, from, to }) => {
    lie = (text) => text.replaceAll(from, to);
    await devtools.send("Fetch.enable", {
      patterns: [{ urlPattern: `*${path}*`, requestStage: "Response" }],
    });
  },
  honest: () => devtools.send("Fetch.disable"),
  offline: ({ is }) => context.setOffline(is),
  enabled: ({ selector }) => page.isEnabled(selector),
  visibleText: ({ selector }) => page.innerText(selector),
  language: () => page.evaluate(() => document.documentElement.lang),
  requests: () => requested.splice(0),
  cookies: () => context.cookies(),
  dropCookies: () => context.clearCookies(),
  complaints: () => complaints.splice(0),
  // The rules that a machine can check. The page's own policy lets no script in; this one comes
  // through the debugger.
  accessibility: async () => {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
  },
  targets: () =>
    page.evaluate(() =>
      Array.from(document.querySelectorAll("button, input, a, summary"))
        .map((one) => [one.id, one.getBoundingClientRect().height])
        .filter(([, height]) => height < 48),
    ),
};

process.stdout.write(`${JSON.stringify({ value: "ready" })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await commands[command.do](command)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await context.close();
