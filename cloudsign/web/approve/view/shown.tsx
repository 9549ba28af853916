import { toHex } from "../core/bytes.ts";
import type { Item } from "../core/item.ts";
import type { Algorithm } from "../core/activation.ts";
import { visible } from "../core/visible.ts";
import { useWorld } from "./context.ts";
import { Heading, Theirs } from "./parts.tsx";

const schemeNames = { none: "–", ecdsa: "ECDSA", rsa_pkcs1: "RSA PKCS #1", rsa_pss: "RSA PSS" };

export function algorithmName({ scheme, digest }: Algorithm): string {
  return `${schemeNames[scheme]}, ${digest.toUpperCase().replace("SHA", "SHA-")}`;
}

// Everything that the challenge is computed from, as far as it means something to a person.
export function Shown({ item }: { item: Item }) {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.signTitle}</Heading>
      <h2>{texts.requester}</h2>
      <p id="requester">
        <strong>
          <Theirs text={item.requester || texts.unnamedRequester} />
        </strong>
      </p>
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
        {item.documents.map(({ label }) => (
          <li>{label ? <Theirs text={label} language={item.language} /> : texts.unnamedDocument}</li>
        ))}
      </ol>
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
