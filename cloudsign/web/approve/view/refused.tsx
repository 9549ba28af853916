import type { Refused } from "../core/item_check.ts";
import { useWorld } from "./context.ts";
import { Back, Heading } from "./parts.tsx";

export function RefusedPage({ refused }: { refused: Refused }) {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.refusedTitle}</Heading>
      <p>{texts.refused}</p>
      <p id="refused">
        {texts.refusedDetail}: <code>{refused.member}</code>
      </p>
      <Back />
    </>
  );
}
