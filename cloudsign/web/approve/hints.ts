// That something may have changed: from the server's event stream while the app is on the screen, or
// from the worker when a push has come. Only hints: whoever hears one looks at the inbox.

const retryMs = [1000, 60_000] as const;
const silenceMs = 60_000; // the server says something more often than that

type Listener = () => void;
const listeners = new Set<Listener>();
let bearer = "";
let running: AbortController | undefined;
let live = false;

// Whether looking by the clock may be rare.
export function isLive(): boolean {
  return live;
}

export function tell(): void {
  for (const listener of [...listeners]) {
    listener();
  }
}

// Until the stream ends or nothing has come for long.
async function listen(stop: AbortController): Promise<void> {
  const attempt = new AbortController();
  const end = () => attempt.abort();
  stop.signal.addEventListener("abort", end);
  let silence = setTimeout(end, silenceMs);
  try {
    const answer = await fetch("/approve/v1/events", {
      headers: { Authorization: `Bearer ${bearer}` },
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal: attempt.signal,
    });
    const reader = answer.ok ? answer.body?.getReader() : undefined;
    const text = new TextDecoder();
    let line = "";
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      clearTimeout(silence);
      silence = setTimeout(end, silenceMs);
      live = true;
      line = (line + text.decode(part.value, { stream: true })).slice(-64);
      if (line.includes("data:")) {
        line = "";
        tell();
      }
    }
  } finally {
    clearTimeout(silence);
    stop.signal.removeEventListener("abort", end);
    live = false;
  }
}

async function keepListening(stop: AbortController): Promise<void> {
  let pause: number = retryMs[0];
  while (!stop.signal.aborted) {
    const begun = Date.now();
    await listen(stop).catch(() => undefined);
    if (Date.now() - begun > silenceMs) {
      pause = retryMs[0];
    }
    if (!stop.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    pause = Math.min(pause * 2, retryMs[1]);
  }
}

function adjust(): void {
  const wanted = listeners.size > 0 && bearer !== "" && !document.hidden;
  if (wanted && !running) {
    running = new AbortController();
    keepListening(running);
  } else if (!wanted && running) {
    running.abort();
    running = undefined;
  }
}

document.addEventListener("visibilitychange", adjust);

// Answers what ends it.
export function onHint(session: string, listener: Listener): () => void {
  bearer = session;
  listeners.add(listener);
  adjust();
  return () => {
    listeners.delete(listener);
    // A page that follows at once keeps the stream.
    setTimeout(adjust, 1000);
  };
}
