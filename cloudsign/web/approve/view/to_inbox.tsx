import { useWorld } from "./context.ts";

// After a change of phones: what this phone is has changed, so the inbox is looked at anew.
export function ToInbox({ id, label }: { id: string; label: string }) {
  const { go, reload } = useWorld();
  const leave = () => {
    reload();
    go("/", "replace");
  };
  return (
    <button id={id} type="button" onClick={leave}>
      {label}
    </button>
  );
}
