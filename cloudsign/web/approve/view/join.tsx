import encodeQr from "qr";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, serverNow } from "../api.ts";
import { announce, approveOwn, fetchProgress, rejectOwn, type Progress } from "../api_move.ts";
import { shortCode } from "../core/activation.ts";
import { equal } from "../core/bytes.ts";
import type { Item } from "../core/item.ts";
import { Refused } from "../core/item_check.ts";
import { moveLink } from "../core/move_mark.ts";
import { checkArriving } from "../core/rebind_check.ts";
import { assertChallenge } from "../passkey.ts";
import { learn, loadPhone, savePhone, type StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Countdown, useSecondsUntil } from "./countdown.tsx";
import { Heading, Message, Theirs, usePolling } from "./parts.tsx";
import { PasskeyForm } from "./passkey_form.tsx";
import { RefusedPage } from "./refused.tsx";
import { ToInbox } from "./to_inbox.tsx";

const everyMs = 1500;

// Dots of light around a code, by which cameras find it (ISO/IEC 18004).
const quietDots = 4;
const dotSize = 4;

function Code({ text, label }: { text: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!canvas.current || !pen) {
      return;
    }
    const dots = encodeQr(text, "raw", { border: quietDots });
    canvas.current.width = canvas.current.height = dots.length * dotSize;
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.current.width, canvas.current.height);
    pen.fillStyle = "#000000";
    dots.forEach((row, y) =>
      row.forEach((isDark, x) => {
        if (isDark) {
          pen.fillRect(x * dotSize, y * dotSize, dotSize, dotSize);
        }
      }),
    );
  }, [text]);
  return <canvas ref={canvas} id="move-code" class="code" role="img" aria-label={label} />;
}

function ShortCode({ phone }: { phone: StoredPhone }) {
  const { texts } = useWorld();
  return (
    <>
      <p>{texts.shortCode}:</p>
      <p id="short-code">{shortCode(phone.thumbprint)}</p>
    </>
  );
}

function isAsked(phone: StoredPhone, item: Item): boolean {
  return item.thumbprints.some((one) => equal(one, phone.thumbprint));
}

// Makes the passkey, unless a change before has left one, and announces it.
function Begin({ hint }: { hint: string }) {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.joinTitle}</Heading>
      {hint && <p id="ended">{hint}</p>}
      <p>{texts.join}</p>
      <PasskeyForm tell={async (mine) => savePhone({ ...mine, joining: await announce(mine) })} />
    </>
  );
}

function Shown({ phone, expiresAt }: { phone: StoredPhone; expiresAt: number }) {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.joinShowTitle}</Heading>
      <p>{texts.joinShow}</p>
      <Code text={moveLink(phone.origin, phone.thumbprint)} label={texts.joinCode} />
      <ShortCode phone={phone} />
      <Countdown seconds={useSecondsUntil(expiresAt)} />
    </>
  );
}

interface QuestionProps {
  items: Item[];
  phone: StoredPhone;
  onRefused: (refused: Refused) => void;
  onAnswered: (progress?: Progress) => void;
}

function Question({ items, phone, onRefused, onAnswered }: QuestionProps) {
  const { texts } = useWorld();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const attempt = async (act: () => Promise<Progress | undefined>) => {
    setBusy(true);
    setMessage("");
    try {
      onAnswered(await act());
    } catch (error) {
      if (error instanceof Refused) {
        onRefused(error);
        return;
      }
      // Over meanwhile, or approved while one module cannot be reached: what became of it is asked next.
      if (error instanceof ApiError && [409, 410, 503].includes(error.status)) {
        onAnswered();
        return;
      }
      setMessage(explain(error, texts));
      setBusy(false);
    }
  };
  // What is on the screen is what is checked, and its challenge what the passkey signs.
  const sign = async () => {
    let progress: Progress | undefined;
    for (const item of items) {
      const checked = await checkArriving(item, loadPhone() ?? phone, serverNow());
      const assertion = await assertChallenge(phone, checked.challenge);
      learn(checked.learned);
      progress = await approveOwn(phone, item, assertion);
    }
    return progress;
  };
  const seconds = useSecondsUntil(Math.min(...items.map((item) => item.expiresAt)));
  const off = busy || seconds === 0;
  return (
    <>
      <Heading>{texts.bindTitle}</Heading>
      <p>{texts.joinQuestion}</p>
      <ul id="subjects">
        {items.map((item) => (
          <li key={item.id}>
            <strong>
              <Theirs text={item.subject} />
            </strong>
          </li>
        ))}
      </ul>
      <ShortCode phone={phone} />
      <p>{texts.joinCompare}</p>
      <Countdown seconds={seconds} />
      <Message text={message} />
      <div class="answers">
        <button id="approve" class="main" type="button" disabled={off} onClick={() => attempt(sign)}>
          {texts.bindConfirm}
        </button>
        <button id="reject" type="button" disabled={off} onClick={() => attempt(() => rejectOwn(phone))}>
          {texts.reject}
        </button>
      </div>
    </>
  );
}

function Arrived() {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.joinDoneTitle}</Heading>
      <p>{texts.joinDone}</p>
      <ToInbox id="back" label={texts.back} />
    </>
  );
}

interface WaitProps {
  phone: StoredPhone;
  onEnded: (hint: string) => void;
  onArrived: () => void;
}

// From the code on the screen to what became of it.
function Wait({ phone, onEnded, onArrived }: WaitProps) {
  const { texts } = useWorld();
  const [progress, setProgress] = useState<Progress>();
  const [refused, setRefused] = useState<Refused>();
  const [message, setMessage] = useState("");
  const asked = (progress?.items ?? []).filter((item) => isAsked(phone, item));

  const take = async (found: Progress) => {
    if (found.state === "done") {
      savePhone({ ...(loadPhone() ?? phone), session: phone.joining, joining: "" });
      onArrived();
      return;
    }
    if (found.state === "rejected" || found.state === "expired") {
      savePhone({ ...phone, joining: "", keys: [] });
      onEnded(found.state === "expired" ? texts.joinExpired : texts.joinRejected);
      return;
    }
    try {
      for (const item of found.items.filter((one) => isAsked(phone, one))) {
        await checkArriving(item, phone, serverNow());
      }
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      // One whose time has just run out is over, and not wrong.
      if (error.member !== "expires_at") {
        setRefused(error);
        await rejectOwn(phone);
      }
      return;
    }
    // A question does not change under the person's finger, unless it is asked anew.
    const isSame = asked.length > 0 && asked[0]!.expiresAt === found.items[0]?.expiresAt;
    if (!isSame) {
      setProgress(found);
    }
    setMessage("");
  };
  // A look that was under way before the person answered has come too late.
  const turn = useRef(0);
  const look = async () => {
    const own = ++turn.current;
    try {
      const found = await fetchProgress(phone);
      if (own === turn.current) {
        await take(found);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        savePhone({ ...phone, joining: "", keys: [] });
        onEnded(texts.joinExpired);
        return;
      }
      setMessage(explain(error, texts));
    }
  };
  usePolling(look, everyMs, !refused);

  if (refused) {
    return <RefusedPage refused={refused} />;
  }
  if (asked.length > 0) {
    return (
      <Question
        key={asked[0]!.expiresAt}
        items={asked}
        phone={phone}
        onRefused={(error) => {
          setRefused(error);
          rejectOwn(phone).catch(() => undefined);
        }}
        onAnswered={(found) => {
          turn.current++;
          setProgress({ ...(progress ?? found!), items: [] });
          if (found) {
            take(found).catch((error) => setMessage(explain(error, texts)));
          }
        }}
      />
    );
  }
  if (progress?.state === "open") {
    return (
      <>
        <Shown phone={phone} expiresAt={progress.expiresAt} />
        <Message text={message} />
      </>
    );
  }
  return (
    <>
      <Heading>{texts.joinTitle}</Heading>
      <p id="waiting">
        {!progress ? texts.loading : progress.state === "finishing" ? texts.moveFinishing : texts.joinWaitOld}
      </p>
      {progress && <ShortCode phone={phone} />}
      <Message text={message} />
    </>
  );
}

// A new phone on its way into an old one's place.
export function Join() {
  const { texts, phone, go, reload } = useWorld();
  const [hint, setHint] = useState("");
  const [arrived, setArrived] = useState(false);
  if (arrived) {
    return <Arrived />;
  }
  if (phone?.session || phone?.role === "officer") {
    return (
      <>
        <Heading>{texts.enrolledAlready}</Heading>
        <button id="back" type="button" onClick={() => go("/", "replace")}>
          {texts.back}
        </button>
      </>
    );
  }
  if (!phone?.joining) {
    return <Begin hint={hint} />;
  }
  return (
    <Wait
      key={phone.joining}
      phone={phone}
      onEnded={(why) => {
        setHint(why);
        reload();
      }}
      onArrived={() => setArrived(true)}
    />
  );
}
