import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../api.ts";
import { useWorld } from "./context.ts";

// Seconds until then, never below zero.
export function useSecondsUntil(time: number): number {
  const left = () => Math.max(0, Math.ceil((time - serverNow()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 250);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}

// Seen all the time, spoken only twice: a minute and twenty seconds before the end.
export function Countdown({ seconds }: { seconds: number }) {
  const { texts } = useWorld();
  const minutes = Math.floor(seconds / 60);
  const spoken = seconds > 0 && seconds <= 20 ? 20 : seconds > 20 && seconds <= 60 ? 60 : 0;
  return (
    <>
      <p id="countdown" role="timer">
        {texts.timeLeft} {minutes}:{String(seconds % 60).padStart(2, "0")}
      </p>
      <p class="spoken" role="status">
        {spoken > 0 && texts.secondsLeft(spoken)}
      </p>
    </>
  );
}
