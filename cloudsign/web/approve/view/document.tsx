import { useEffect, useRef, useState } from "preact/hooks";
import { drawPage, openPdf, type PDFDocumentProxy } from "../../shared/pdf.ts";
import { fetchDocument } from "../api_more.ts";
import { equal, type Bytes } from "../core/bytes.ts";
import { readCertificationRequest, type CertificationRequest } from "../core/certification_request.ts";
import { belongs } from "../core/document_check.ts";
import type { Item } from "../core/item.ts";
import { visible } from "../core/visible.ts";
import { explain, useWorld } from "./context.ts";
import { Message, Theirs } from "./parts.tsx";

function asText(bytes: Bytes): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function isPdf(bytes: Bytes): boolean {
  return String.fromCharCode(...bytes.subarray(0, 5)) === "%PDF-";
}

function Pdf({ pdf }: { pdf: PDFDocumentProxy }) {
  const { texts } = useWorld();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [number, setNumber] = useState(1);
  const [words, setWords] = useState("");
  useEffect(() => {
    let ended = false;
    const draw = async () => {
      const page = await pdf.getPage(number);
      if (ended || !canvas.current) {
        return;
      }
      await drawPage(page, canvas.current);
      const { items } = await page.getTextContent();
      if (!ended) {
        setWords(items.map((item) => ("str" in item ? item.str : "")).join(" "));
      }
    };
    draw().catch(() => setWords(""));
    return () => {
      ended = true;
    };
  }, [pdf, number]);
  return (
    <>
      <canvas ref={canvas} class="page" aria-hidden="true" />
      <p id="page-text" class="spoken">
        {visible(words)}
      </p>
      <p role="status">{texts.page(number, pdf.numPages)}</p>
      <button type="button" disabled={number === 1} onClick={() => setNumber(number - 1)}>
        {texts.pageBefore}
      </button>
      <button id="page-next" type="button" disabled={number === pdf.numPages} onClick={() => setNumber(number + 1)}>
        {texts.pageNext}
      </button>
    </>
  );
}

export interface DocumentProps {
  item: Item;
  position: number;
  onClose: () => void;
  onAltered: () => void;
}

// Of this key alone: of another's the signature would prove nothing, and who asks for it deceives.
function Request({ request }: { request: CertificationRequest }) {
  const { texts } = useWorld();
  return (
    <>
      <p>{texts.certificationRequest}</p>
      <dl id="request-subject">
        {request.subject.map(([type, value]) => (
          <>
            <dt>{type}</dt>
            <dd>
              <Theirs text={value} />
            </dd>
          </>
        ))}
      </dl>
    </>
  );
}

type Shown = { pdf: PDFDocumentProxy } | { text: string } | { request: CertificationRequest } | "other";

// Shown only when it is what the hash is of.
export function DocumentView({ item, position, onClose, onAltered }: DocumentProps) {
  const { texts, phone } = useWorld();
  const dialog = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState<Shown>();
  const [message, setMessage] = useState("");
  const { label, hash } = item.documents[position]!;
  useEffect(() => {
    dialog.current?.showModal();
    const load = async () => {
      if (!phone) {
        return;
      }
      const { document, attributes } = await fetchDocument(phone, item.id, position);
      if (!(await belongs(document, attributes, item.algorithm.digest, hash))) {
        onAltered();
        return;
      }
      const request = attributes ? undefined : await readCertificationRequest(document);
      if (request && !equal(request.keyId, item.activation.keyId)) {
        onAltered();
        return;
      }
      const text = asText(document);
      if (request) {
        setShown({ request });
      } else if (isPdf(document)) {
        setShown({ pdf: await openPdf(document) });
      } else {
        setShown(text === undefined ? "other" : { text });
      }
    };
    load().catch((error) => setMessage(explain(error, texts)));
  }, []);
  return (
    <dialog ref={dialog} id="document" aria-labelledby="document-title" onClose={onClose}>
      <h2 id="document-title">{label ? <Theirs text={label} language={item.language} /> : texts.unnamedDocument}</h2>
      <Message id="document-message" text={message} />
      {!shown && !message && <p>{texts.loading}</p>}
      {shown && <p id="document-fits">{texts.documentFits}</p>}
      {shown === "other" && <p>{texts.documentOther}</p>}
      {shown && shown !== "other" && "text" in shown && (
        <div class="text" tabIndex={0} role="document">
          {shown.text.split("\n").map((line) => (
            <p dir="auto">{visible(line)}</p>
          ))}
        </div>
      )}
      {shown && shown !== "other" && "request" in shown && <Request request={shown.request} />}
      {shown && shown !== "other" && "pdf" in shown && <Pdf pdf={shown.pdf} />}
      <button id="document-close" type="button" onClick={() => dialog.current?.close()}>
        {texts.close}
      </button>
    </dialog>
  );
}
