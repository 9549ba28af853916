// What the fields of a paper are good for: text to fill in, and signatures that a seal stands over.

import { useState } from "preact/hooks";
import { visible } from "../../approve/core/visible.ts";
import { sealOver, type Size } from "../core/geometry.ts";
import type { Place } from "../core/paper.ts";
import type { SignatureShown } from "../fields.ts";
import { useWorld } from "./context.ts";
import { Choice, Field } from "./parts.tsx";

export type Filled = Record<string, string>; // by the fields' names

interface TextsProps {
  names: string[];
  filled: Filled;
  onChange: (filled: Filled) => void;
}

export function FillIn({ names, filled, onChange }: TextsProps) {
  const { texts } = useWorld();
  return (
    <fieldset id="fill">
      <legend>{texts.fill}</legend>
      <p class="means">{texts.fillMeans}</p>
      {names.map((name, position) => (
        <Field
          key={name}
          id={`fill-${position}`}
          label={visible(name)}
          value={filled[name] ?? ""}
          onChange={(value) => onChange({ ...filled, [name]: value })}
        />
      ))}
    </fieldset>
  );
}

interface OverProps {
  signatures: SignatureShown[];
  size: Size; // of the seal
  onPlace: (place: Place) => void;
}

// Nghị định 30/2020: over the left third of the head's signature.
export function OverSignature({ signatures, size, onPlace }: OverProps) {
  const { texts } = useWorld();
  const [chosen, setChosen] = useState("");
  return (
    <Choice
      id="over"
      label={texts.over}
      value={chosen}
      options={[
        ["", texts.overNone],
        ...signatures.map(({ name, page }, position): [string, string] => [
          String(position),
          texts.overOne(visible(name), page),
        ]),
      ]}
      onChange={(position) => {
        setChosen(position);
        const signature = signatures[Number(position)];
        if (position && signature) {
          onPlace({ page: signature.page, box: sealOver(signature.box, size) });
        }
      }}
    />
  );
}
