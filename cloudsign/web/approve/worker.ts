// Beside the pages: opens the app without a connection, and shows that something waits when the
// server says so through the browser's push service. It never sees a session or what is signed.

import { isId } from "./core/item.ts";
import { isQuiet, readSettings } from "./settings.ts";

// Put in by build.py: the files of this very build, by their hashed names.
declare const FILES: string[];
declare const VERSION: string;

interface PushEvent extends Event {
  data: { json(): unknown } | null;
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WindowClient {
  url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
interface Worker {
  clients: {
    claim(): Promise<void>;
    matchAll(how: { type: "window" }): Promise<WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: never) => void): void;
}
const worker = globalThis as unknown as Worker;

const shell = `shell-${VERSION}`;
const words = {
  vi: { title: "Có yêu cầu chờ bạn xem", body: "Mở Kyso để xem ai hỏi và hỏi gì." },
  en: { title: "Something waits for you", body: "Open Kyso to see who asks for what." },
};

async function keepShell(): Promise<void> {
  const cache = await caches.open(shell);
  await cache.addAll(["/", ...FILES]);
}

async function forgetOldShells(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== shell);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

// The page is asked for first, so that a new build comes at once; a file's name says what is in it.
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/");
    if (kept) {
      return kept;
    }
    throw error;
  }
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

// A push without an id that could be one says only that there is something: the inbox has it.
function idOf(event: PushEvent): string {
  try {
    const told = event.data?.json() as { id?: unknown } | undefined;
    return typeof told?.id === "string" && isId(told.id) ? told.id : "";
  } catch {
    return "";
  }
}

async function show(id: string): Promise<void> {
  for (const one of await worker.clients.matchAll({ type: "window" })) {
    one.postMessage({ look: true });
  }
  const settings = await readSettings();
  const { title, body } = words[settings.language];
  await worker.registration.showNotification(title, {
    body,
    tag: id || "inbox",
    lang: settings.language,
    icon: FILES.find((name) => name.endsWith(".svg")) ?? "",
    silent: isQuiet(settings, new Date()),
    data: { id },
  });
}

async function open(id: string): Promise<void> {
  const path = id ? `/c/${id}` : "/";
  const [first] = await worker.clients.matchAll({ type: "window" });
  if (!first) {
    await worker.clients.openWindow(path);
    return;
  }
  first.postMessage({ go: path });
  await first.focus();
}

worker.addEventListener("install", (event: PushEvent) => {
  event.waitUntil(keepShell().then(() => worker.skipWaiting()));
});
worker.addEventListener("activate", (event: PushEvent) => {
  event.waitUntil(forgetOldShells());
});
worker.addEventListener("fetch", (event: FetchEvent) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(file(request));
  }
});
worker.addEventListener("push", (event: PushEvent) => {
  event.waitUntil(show(idOf(event)));
});
worker.addEventListener(
  "notificationclick",
  (event: PushEvent & { notification: { close(): void; data: { id: string } | null } }) => {
    event.notification.close();
    const id = event.notification.data?.id ?? "";
    event.waitUntil(open(isId(id) ? id : ""));
  },
);
