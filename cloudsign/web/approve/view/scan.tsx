import decodeQr from "qr/decode.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { newPhoneOf, startOf } from "../core/start_link.ts";
import { noteScanned } from "../scanned.ts";
import { useWorld } from "./context.ts";
import { Back, Heading, Message } from "./parts.tsx";

const everyMs = 150;
const sideMax = 640; // of the picture that is searched

// None when there is no code in the picture, or not a readable one.
function textIn(video: HTMLVideoElement, canvas: HTMLCanvasElement): string | undefined {
  const scale = Math.min(1, sideMax / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen || canvas.width === 0) {
    return undefined;
  }
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQr(pen.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return undefined;
  }
}

// The pictures stay on the phone; what is read is followed only when it is a start of ours, or a new
// phone that is to take this one's place.
export function Scan() {
  const { texts, go } = useWorld();
  const screen = useRef<HTMLVideoElement>(null);
  const [message, setMessage] = useState("");
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    let ended = false;
    const canvas = document.createElement("canvas");
    const look = () => {
      const text = screen.current ? textIn(screen.current, canvas) : undefined;
      const path = text === undefined ? undefined : startOf(text, location.origin);
      const phone = text === undefined ? undefined : newPhoneOf(text, location.origin);
      if (phone) {
        noteScanned(phone);
        go("/move", "replace");
      } else if (path) {
        go(path, "replace");
      } else if (text !== undefined) {
        setMessage(texts.scanOther);
      }
    };
    const begin = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        if (ended || !screen.current) {
          stream.getTracks().forEach((track) => track.stop());
          return;
        }
        screen.current.srcObject = stream;
        await screen.current.play();
        timer = setInterval(look, everyMs);
      } catch {
        setMessage(texts.scanNoCamera);
      }
    };
    begin();
    return () => {
      ended = true;
      clearInterval(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return (
    <>
      <Heading>{texts.scanTitle}</Heading>
      <p>{texts.scanMeans}</p>
      <video ref={screen} id="camera" muted playsInline aria-label={texts.scanTitle} />
      <Message text={message} />
      <Back />
    </>
  );
}
