// The page's side of worker.ts.

import { isId } from "./core/item.ts";
import { tell } from "./hints.ts";
import { ownWorker, trusted } from "../shared/trusted.ts";

// Without one the app works all the same, with a connection and on the screen.
export function startWorker(): void {
  navigator.serviceWorker?.register(trusted.createScriptURL(ownWorker)).catch(() => undefined);
}

// A notification was tapped, or a push has come. Only addresses that this app has.
export function onWorker(go: (path: string) => void): () => void {
  const hear = ({ data }: MessageEvent<unknown>) => {
    const told = data as { go?: unknown; look?: unknown } | null;
    if (told?.look) {
      tell();
    }
    const path = typeof told?.go === "string" ? told.go : undefined;
    if (path === "/" || (path?.startsWith("/c/") && isId(path.slice(3)))) {
      go(path);
    }
  };
  navigator.serviceWorker?.addEventListener("message", hear);
  return () => navigator.serviceWorker?.removeEventListener("message", hear);
}
