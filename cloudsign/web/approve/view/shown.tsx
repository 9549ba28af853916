import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { toHex } from "../core/bytes.ts";
import type { Item } from "../core/item.ts";
import type { Algorithm } from "../core/activation.ts";
import { visible } from "../core/visible.ts";
import { useWorld } from "./context.ts";
import type { DocumentProps } from "./document.tsx";
import { Heading, Message, Theirs } from "./parts.tsx";

const schemeNames = { none: "–", ecdsa: "ECDSA", rsa_pkcs1: "RSA PKCS #1", rsa_pss: "RSA PSS" };

export function algorithmName({ scheme, digest }: Algorithm): string {
  return `${schemeNames[scheme]}, ${digest.toUpperCase().replace("SHA", "SHA-")}`;
}

// Everything that the challenge is computed from, as far as it means something to a person.
export function Shown({ item, onAltered }: { item: Item; onAltered: () => void }) {
  const { texts } = useWorld();
  const [opened, setOpened] = useState<number>();
  const [View, setView] = useState<ComponentType<DocumentProps>>();
  const [message, setMessage] = useState("");
  const open = async (position: number) => {
    try {
      const { DocumentView } = await import("./document.tsx");
      setView(() => DocumentView);
      setOpened(position);
      setMessage("");
    } catch {
      setMessage(texts.offline);
    }
  };
  return (
    <>
      <Heading>{texts.signTitle}</Heading>
      <h2>{texts.requester}</h2>
      <p id="requester">
        <strong>
          <Theirs text={item.requester || texts.unnamedRequester} />
        </strong>
      </p>
      {item.verifiedAs ? (
        <p id="verified" class="badge">
          <span aria-hidden="true">✓ </span>
          {texts.verifiedAs} <Theirs text={item.verifiedAs} />
        </p>
      ) : (
        <p id="unverified">{texts.unverified}</p>
      )}
      {item.purposeText && (
        <>
          <h2>{texts.ownWords}</h2>
          <blockquote id="purpose" lang={item.language} dir="auto">
            {item.purposeText.split("\n").map((line) => (
              <span class="line">{visible(line)}</span>
            ))}
          </blockquote>
        </>
      )}
      {item.code && (
        <p>
          {texts.code}: <strong id="code">{visible(item.code)}</strong>
        </p>
      )}
      <h2 id="count">{texts.documents(item.documents.length)}</h2>
      <ol id="documents">
        {item.documents.map(({ label }, i) => (
          <li>
            {label ? <Theirs text={label} language={item.language} /> : texts.unnamedDocument}
            {item.enclosed.includes(i) && (
              <button class="open quiet" type="button" aria-label={texts.openNumber(i + 1)} onClick={() => open(i)}>
                {texts.openDocument}
              </button>
            )}
          </li>
        ))}
      </ol>
      <Message id="documents-message" text={message} />
      {View && opened !== undefined && (
        <View
          key={opened}
          item={item}
          position={opened}
          onClose={() => setOpened(undefined)}
          onAltered={onAltered}
        />
      )}
      <h2>{texts.signer}</h2>
      <p id="subject">
        <Theirs text={item.subject} />
      </p>
      <p id="algorithm">
        {texts.algorithm}: {algorithmName(item.algorithm)}
      </p>
      <details>
        <summary>{texts.technical}</summary>
        <ol class="hashes">
          {item.documents.map(({ hash }) => (
            <li>
              <code>{toHex(hash)}</code>
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}
