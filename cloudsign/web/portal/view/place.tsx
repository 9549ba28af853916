// Where the signature stands on one paper: by pointer, by keyboard, by numbers or by a keyword.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Bytes } from "../../approve/core/bytes.ts";
import { visible } from "../../approve/core/visible.ts";
import { drawPage, openOwnPdf, type OwnPdf, type PDFDocumentProxy } from "../../shared/pdf.ts";
import { fitted, moved, resized, sizeOf, usualBox, type Box, type Size } from "../core/geometry.ts";
import type { Paper, Place } from "../core/paper.ts";
import { presetNamed } from "../core/presets.ts";
import { readFields, type Fields } from "../fields.ts";
import { findPlaces, shownPage } from "../keyword.ts";
import { get, put, type Profile } from "../store.ts";
import { useWorld } from "./context.ts";
import { FillIn, OverSignature, type Filled } from "./fields.tsx";
import { Field, Heading, Link, Message, Theirs, useAttempt, usePicture } from "./parts.tsx";

const step = 5; // points, of an arrow key
const arrows: Record<string, [number, number]> = {
  ArrowLeft: [-step, 0],
  ArrowRight: [step, 0],
  ArrowUp: [0, step],
  ArrowDown: [0, -step],
};

interface BoxProps {
  box: Box;
  size: Size;
  onChange: (box: Box) => void;
}

interface OverProps extends BoxProps {
  picture: Bytes | undefined;
}

// The page's points in an SVG over it, whose y runs down.
function BoxOver({ box, size, picture, onChange }: OverProps) {
  const { texts } = useWorld();
  const url = usePicture(picture);
  const drawing = useRef<SVGSVGElement>(null);
  // Keys come faster than the page is drawn anew.
  const latest = useRef(box);
  latest.current = box;
  const put = (now: Box) => {
    latest.current = now;
    onChange(now);
  };
  const held = useRef<{ x: number; y: number; box: Box } | null>(null);
  const pointOf = (event: MouseEvent) => {
    const { left, top, width, height } = drawing.current!.getBoundingClientRect();
    return {
      x: ((event.clientX - left) / width) * size.width,
      y: size.height - ((event.clientY - top) / height) * size.height,
    };
  };
  const press = (event: PointerEvent) => {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    held.current = { ...pointOf(event), box };
  };
  const drag = (event: PointerEvent) => {
    if (held.current) {
      const { x, y } = pointOf(event);
      put(moved(held.current.box, x - held.current.x, y - held.current.y, size));
    }
  };
  const release = () => {
    held.current = null;
  };
  // A click beside it brings it there.
  const bring = (event: MouseEvent) => {
    if (event.target === drawing.current) {
      const { x, y } = pointOf(event);
      put(fitted({ ...box, x: x - box.width / 2, y: y - box.height / 2 }, size));
    }
  };
  const key = (event: KeyboardEvent) => {
    const arrow = arrows[event.key];
    if (arrow) {
      event.preventDefault();
      put((event.shiftKey ? resized : moved)(latest.current, ...arrow, size));
    }
  };
  const drawn = { x: box.x, y: size.height - box.y - box.height, width: box.width, height: box.height };
  return (
    <svg ref={drawing} class="over" viewBox={`0 0 ${size.width} ${size.height}`} onClick={bring}>
      <g
        id="box"
        tabindex={0}
        role="application"
        aria-label={texts.box}
        aria-describedby="box-now"
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={key}
      >
        {url && <image href={url} {...drawn} />}
        <rect {...drawn} />
      </g>
    </svg>
  );
}

interface PageProps {
  pdf: PDFDocumentProxy;
  number: number;
  box: Box | undefined;
  usual: Size;
  picture: Bytes | undefined; // as it will stand there
  onChange: (box: Box, size: Size) => void;
}

function PageWithBox({ pdf, number, box, usual, picture, onChange }: PageProps) {
  const { texts } = useWorld();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size>();
  const [words, setWords] = useState("");
  const [message, setMessage] = useState("");
  useEffect(() => {
    let ended = false;
    const draw = async () => {
      const page = await pdf.getPage(number);
      if (ended || !canvas.current) {
        return;
      }
      const shown = sizeOf(shownPage(page));
      setSize(shown);
      onChange(box ? fitted(box, shown) : usualBox(usual, shown), shown);
      await drawPage(page, canvas.current);
      const { items } = await page.getTextContent();
      if (!ended) {
        setWords(items.map((item) => ("str" in item ? item.str : "")).join(" "));
      }
    };
    setSize(undefined);
    draw().catch(() => setMessage(texts.unreadable));
    return () => {
      ended = true;
    };
  }, [pdf, number]);
  return (
    <>
      <Message id="page-message" text={message} />
      <div class="sheet" data-ready={Boolean(words)}>
        <canvas ref={canvas} class="page" aria-hidden="true" />
        {size && box && (
          <BoxOver box={box} size={size} picture={picture} onChange={(now) => onChange(now, size)} />
        )}
      </div>
      <p id="page-text" class="spoken">
        {visible(words)}
      </p>
    </>
  );
}

function PageChooser({ number, count, onChange }: { number: number; count: number; onChange: (number: number) => void }) {
  const { texts } = useWorld();
  return (
    <div class="row">
      <button id="page-before" type="button" disabled={number === 1} onClick={() => onChange(number - 1)}>
        {texts.pageBefore}
      </button>
      <label for="page">{texts.page}</label>
      <input
        id="page"
        type="number"
        min={1}
        max={count}
        value={number}
        onChange={(event) => {
          const wanted = Math.round(event.currentTarget.valueAsNumber);
          onChange(Math.min(Math.max(wanted || 1, 1), count));
        }}
      />
      <span>{texts.pageOf(count)}</span>
      <button id="page-next" type="button" disabled={number === count} onClick={() => onChange(number + 1)}>
        {texts.pageNext}
      </button>
    </div>
  );
}

// What the pointer does, for whoever would rather type.
function Numbers({ box, size, onChange }: BoxProps) {
  const { texts } = useWorld();
  return (
    <fieldset class="numbers">
      <legend>{texts.numbers}</legend>
      {(["x", "y", "width", "height"] as const).map((side) => (
        <div key={side}>
          <label for={`box-${side}`}>{texts.sides[side]}</label>
          <input
            id={`box-${side}`}
            type="number"
            step="any"
            min={0}
            value={box[side]}
            onChange={(event) => {
              const typed = event.currentTarget.valueAsNumber;
              onChange(fitted({ ...box, [side]: Number.isNaN(typed) ? box[side] : typed }, size));
            }}
          />
        </div>
      ))}
    </fieldset>
  );
}

interface KeywordProps {
  pdf: PDFDocumentProxy;
  start: string;
  usual: Size;
  onPlace: (place: Place) => void;
}

function Keyword({ pdf, start, usual, onPlace }: KeywordProps) {
  const { texts } = useWorld();
  const [keyword, setKeyword] = useState(start);
  const [places, setPlaces] = useState<Place[]>();
  const [at, setAt] = useState(0);
  const [busy, message, attempt] = useAttempt();
  const choose = (found: Place[], position: number) => {
    setAt(position);
    onPlace(found[position]!);
  };
  const find = () =>
    attempt(async () => {
      const found = await findPlaces(pdf, keyword, usual);
      setPlaces(found);
      if (found.length > 0) {
        choose(found, 0);
      }
    });
  return (
    <fieldset>
      <legend>{texts.keyword}</legend>
      <Field id="keyword" label={texts.keyword} value={keyword} onChange={setKeyword} />
      <button id="find" type="button" disabled={busy || !keyword.trim()} onClick={find}>
        {texts.find}
      </button>
      <p id="hits" role="status">
        {places ? texts.hits(places.length) : ""}
      </p>
      {places && places.length > 1 && (
        <select
          id="hit"
          aria-label={texts.keyword}
          value={String(at)}
          onChange={(event) => choose(places, Number(event.currentTarget.value))}
        >
          {places.map(({ page }, position) => (
            <option key={position} value={String(position)}>
              {texts.hit(page, position + 1)}
            </option>
          ))}
        </select>
      )}
      <Message id="keyword-message" text={message} />
    </fieldset>
  );
}

interface Loaded extends OwnPdf {
  paper: Paper;
  fields: Fields;
  profile: Profile | undefined;
}

async function load(id: string): Promise<Loaded | undefined> {
  const [paper, draft] = await Promise.all([get("papers", id), get("settings", "draft")]);
  const profile = draft?.id === "draft" ? await get("profiles", draft.profileId) : undefined;
  if (!paper) {
    return undefined;
  }
  const opened = await openOwnPdf(paper.bytes);
  try {
    return { paper, profile, fields: await readFields(opened.pdf), ...opened };
  } catch (error) {
    opened.close();
    throw error;
  }
}

// What was typed, less what was left empty.
function withFilled({ filled: _, ...paper }: Paper, typed: Filled): Paper {
  const filled = Object.entries(typed).filter(([, text]) => text.trim());
  return filled.length > 0 ? { ...paper, filled: Object.fromEntries(filled) } : paper;
}

function Placing({ paper, pdf, profile, fields }: Loaded) {
  const { texts, go } = useWorld();
  const preset = presetNamed(profile?.preset ?? "");
  const usual = preset.size;
  const [number, setNumber] = useState(paper.place?.page ?? 1);
  const [box, setBox] = useState(paper.place?.box);
  const [size, setSize] = useState<Size>();
  const [filled, setFilled] = useState<Filled>(paper.filled ?? {});
  const [busy, message, attempt] = useAttempt();
  const change = (now: Box, shown: Size) => {
    setBox(now);
    setSize(shown);
  };
  const bring = (place: Place) => {
    setNumber(Math.min(place.page, pdf.numPages));
    setBox(size && place.page === number ? fitted(place.box, size) : place.box);
  };
  const save = () =>
    attempt(async () => {
      const now = await get("papers", paper.id);
      if (now && box) {
        await put("papers", { ...withFilled(now, filled), place: { page: number, box } });
      }
      go("/");
    });
  return (
    <>
      <p id="paper-name">
        <Theirs text={paper.name} />
      </p>
      <p>{texts.placeMeans}</p>
      <Keyword pdf={pdf} start={profile?.keyword ?? ""} usual={usual} onPlace={bring} />
      {preset.isSeal && fields.signatures.length > 0 && (
        <OverSignature signatures={fields.signatures} size={usual} onPlace={bring} />
      )}
      <PageChooser number={number} count={pdf.numPages} onChange={setNumber} />
      <PageWithBox
        key={number}
        pdf={pdf}
        number={number}
        box={box}
        usual={usual}
        picture={preset.hasPicture ? profile?.picture : undefined}
        onChange={change}
      />
      {box && (
        <p id="box-now" role="status">
          {texts.boxNow(box.x, box.y, box.width, box.height)}
        </p>
      )}
      {box && size && <Numbers box={box} size={size} onChange={(now) => change(now, size)} />}
      {fields.texts.length > 0 && <FillIn names={fields.texts} filled={filled} onChange={setFilled} />}
      <div class="acts">
        <button id="choose" class="main" type="button" disabled={busy || !box} onClick={save}>
          {texts.choosePlace}
        </button>
        <button id="back" type="button" onClick={() => go("/")}>
          {texts.close}
        </button>
      </div>
      <Message text={message} />
    </>
  );
}

export function PlacePage() {
  const { texts, place } = useWorld();
  const id = new URL(place, location.origin).searchParams.get("paper") ?? "";
  const [loaded, setLoaded] = useState<Loaded>();
  const [message, setMessage] = useState("");
  useEffect(() => {
    let found: Loaded | undefined;
    let ended = false;
    load(id).then(
      (one) => {
        found = one;
        if (ended) {
          one?.close();
        } else if (one) {
          setLoaded(one);
        } else {
          setMessage(texts.noSuchPaper);
        }
      },
      () => setMessage(texts.unreadable),
    );
    return () => {
      ended = true;
      found?.close();
    };
  }, [id]);
  return (
    <>
      <Heading>{texts.placeTitle}</Heading>
      {loaded ? (
        <Placing {...loaded} />
      ) : message ? (
        <>
          <Message text={message} />
          <Link id="back" to="/">
            {texts.toDossier}
          </Link>
        </>
      ) : (
        <p>{texts.loading}</p>
      )}
    </>
  );
}
