// Whether this phone is told through its browser when something waits.

import { fetchPush, putPush, removePush } from "./api_more.ts";
import { equal } from "./core/bytes.ts";
import type { StoredPhone } from "./storage.ts";

export type PushOutcome = "on" | "off" | "denied" | "unsupported" | "unanswered";

// A browser without a push service behind it may never answer.
const patienceMs = 20_000;

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), patienceMs);
  });
  return Promise.race([work, late]);
}

async function manager(): Promise<PushManager | undefined> {
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis)) {
    return undefined;
  }
  return (await inTime(navigator.serviceWorker.ready)).pushManager;
}

// What the browser has and the server knows.
export async function pushState(phone: StoredPhone): Promise<PushOutcome> {
  const push = await manager();
  if (!push) {
    return "unsupported";
  }
  if (Notification.permission === "denied") {
    return "denied";
  }
  const subscription = await push.getSubscription();
  const { endpoint } = await fetchPush(phone);
  return subscription && subscription.endpoint === endpoint ? "on" : "off";
}

export async function turnPushOn(phone: StoredPhone): Promise<PushOutcome> {
  const push = await manager();
  if (!push) {
    return "unsupported";
  }
  if ((await Notification.requestPermission()) !== "granted") {
    return "denied";
  }
  try {
    const { key } = await fetchPush(phone);
    const old = await push.getSubscription();
    const oldKey = old?.options.applicationServerKey;
    const isBound = oldKey ? equal(new Uint8Array(oldKey), key) : false;
    if (old && !isBound) {
      await old.unsubscribe(); // the server has another key by now
    }
    const wanted = { userVisibleOnly: true, applicationServerKey: key };
    const subscription = old && isBound ? old : await inTime(push.subscribe(wanted));
    await putPush(phone, subscription, key);
    return "on";
  } catch (error) {
    if (error instanceof DOMException) {
      return "unanswered";
    }
    throw error;
  }
}

export async function turnPushOff(phone: StoredPhone): Promise<PushOutcome> {
  await removePush(phone);
  const subscription = await (await manager())?.getSubscription();
  await subscription?.unsubscribe();
  return "off";
}

// At a start of the app: the server has forgotten the subscription, or has another key.
export async function renewPush(phone: StoredPhone): Promise<void> {
  const push = await manager();
  if (push && Notification.permission === "granted" && (await push.getSubscription())) {
    if ((await pushState(phone)) === "off") {
      await turnPushOn(phone);
    }
  }
}
