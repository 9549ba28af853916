import { useEffect, useState } from "preact/hooks";
import { shortCode, thumbprint } from "../core/activation.ts";
import { equal, toHex, type Bytes } from "../core/bytes.ts";
import {
  approvalFile,
  officerIn,
  paperChallenge,
  paperSizeMax,
  readPaper,
  without,
  type Group,
  type Officer,
  type Paper,
} from "../core/ceremony.ts";
import { Unreadable } from "../core/item.ts";
import { Refused } from "../core/item_check.ts";
import { assertChallenge } from "../passkey.ts";
import type { StoredPhone } from "../storage.ts";
import type { CeremonyTexts } from "../texts/ceremony_vi.ts";
import type { Language } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Link, Message, Theirs } from "./parts.tsx";
import { save } from "./save.ts";

async function loadCeremonyTexts(language: Language): Promise<CeremonyTexts> {
  const { ceremonyTexts } = await (language === "vi"
    ? import("../texts/ceremony_vi.ts")
    : import("../texts/ceremony_en.ts"));
  return ceremonyTexts;
}

// The paper, and the short code of each key in it, which a person compares.
interface Opened {
  paper: Paper;
  codes: Map<string, string>; // by the point, of former officers by the thumbprint, in hexadecimal
}

async function open(file: File, phone: StoredPhone): Promise<Opened> {
  if (file.size > paperSizeMax) {
    throw new Unreadable("the file is too long");
  }
  const paper = await readPaper(await file.text());
  officerIn(paper, phone);
  const groups = paper.kind === "change" ? [paper.group, paper.before] : [paper.group];
  const points = groups.flatMap((one) => [...one.officers.map(({ point }) => point), ...one.custodians]);
  const codes = new Map<string, string>();
  for (const point of points) {
    codes.set(toHex(point), shortCode(await thumbprint(point)));
  }
  for (const one of groups.flatMap(({ formerOfficers }) => formerOfficers)) {
    codes.set(toHex(one), shortCode(one));
  }
  return { paper, codes };
}

function persons(group: Group): number {
  return new Set(group.officers.map(({ person }) => person)).size;
}

interface ShownProps {
  opened: Opened;
  words: CeremonyTexts;
  phone: StoredPhone;
}

// One list of what the group has, and what of it is new or gone.
function Marked({ words, isNew, isGone }: { words: CeremonyTexts; isNew: boolean; isGone: boolean }) {
  return isNew ? <strong> ({words.added})</strong> : isGone ? <strong> ({words.removed})</strong> : null;
}

function Points({ now, before, opened, words }: { now: Bytes[]; before: Bytes[] | undefined; opened: Opened; words: CeremonyTexts }) {
  const gone = before ? without(before, now) : [];
  return (
    <ul>
      {[...now, ...gone].map((point) => (
        <li>
          <code>{opened.codes.get(toHex(point)) ?? toHex(point)}</code>
          <Marked words={words} isNew={!!before && without([point], before).length > 0} isGone={gone.includes(point)} />
        </li>
      ))}
    </ul>
  );
}

function Officers({ opened, words, phone }: ShownProps) {
  const { paper, codes } = opened;
  const now = paper.group.officers;
  const before = paper.kind === "change" ? paper.before.officers : undefined;
  const has = (list: Officer[], one: Officer) =>
    list.some(
      (other) =>
        equal(other.point, one.point) &&
        other.person === one.person &&
        other.backupEligible === one.backupEligible,
    );
  const gone = before ? before.filter((one) => !has(now, one)) : [];
  return (
    <ul id="officers">
      {[...now, ...gone].map((one) => (
        <li>
          {words.person(one.person)}: <code>{codes.get(toHex(one.point))}</code>
          {one.backupEligible && `, ${words.synced}`}
          {equal(one.point, phone.point) && `, ${words.you}`}
          <Marked words={words} isNew={!!before && !has(before, one)} isGone={gone.includes(one)} />
        </li>
      ))}
    </ul>
  );
}

// A number that a change may change.
function Needed({ now, before, words }: { now: string; before: string | undefined; words: CeremonyTexts }) {
  return (
    <>
      {now}
      {before !== undefined && before !== now && <strong> ({words.before(before)})</strong>}
    </>
  );
}

function GroupShown(props: ShownProps) {
  const { opened, words } = props;
  const { group } = opened.paper;
  const before = opened.paper.kind === "change" ? opened.paper.before : undefined;
  const officers = (one: Group) => words.officersNeeded(one.officersNeeded, persons(one));
  const custodians = (one: Group) => words.custodiansNeeded(one.custodiansNeeded, one.custodians.length);
  return (
    <>
      <p>
        {words.groupId}: <code>{toHex(group.groupId)}</code>
      </p>
      {(opened.paper.kind === "update" || opened.paper.kind === "zeroise") && <p id="by-file">{words.byThisFile}</p>}
      <p id="class">
        {words.thisClass}: <strong>{words.classes[group.assuranceClass]}</strong>
      </p>
      <p>
        {words.approveAt}: <Theirs text={group.origin} />
      </p>
      <p>
        {words.revision}: <Needed now={`${group.revision}`} before={before && `${before.revision}`} words={words} />
      </p>
      <h2>
        {words.officers}: <Needed now={officers(group)} before={before && officers(before)} words={words} />
      </h2>
      <Officers {...props} />
      {(group.formerOfficers.length > 0 || (before?.formerOfficers.length ?? 0) > 0) && (
        <>
          <h2>{words.formerOfficers}</h2>
          <Points now={group.formerOfficers} before={before?.formerOfficers} opened={opened} words={words} />
        </>
      )}
      <h2>
        {words.custodians}: <Needed now={custodians(group)} before={before && custodians(before)} words={words} />
      </h2>
      <Points now={group.custodians} before={before?.custodians} opened={opened} words={words} />
      <h2>{words.members}</h2>
      <Points now={group.members} before={before?.members} opened={opened} words={words} />
      <p>{words.compare}</p>
    </>
  );
}

function PaperShown(props: ShownProps) {
  const { words } = props;
  const { paper } = props.opened;
  return (
    <>
      <p>
        <strong>{words.meanings[paper.kind]}</strong>
      </p>
      {"moduleId" in paper && (
        <p>
          {words.module}: <code id="module-id">{toHex(paper.moduleId)}</code>
        </p>
      )}
      {paper.kind === "update" && (
        <>
          <p>
            {words.version}: <strong id="version">{paper.release.version}</strong>
          </p>
          <p>
            {words.securityVersion}: {paper.release.securityVersion}
          </p>
          <p>
            {words.firmware}: <code id="firmware">{toHex(paper.release.firmwareHash)}</code>
          </p>
        </>
      )}
      <GroupShown {...props} />
    </>
  );
}

// Why a file is not approved, in words.
function explainPaper(error: unknown, words: CeremonyTexts): string | undefined {
  if (error instanceof Refused) {
    const reasons: Record<string, string> = words.reasons;
    const reason = Object.hasOwn(reasons, error.member) ? reasons[error.member]! : error.member;
    return `${words.refused} ${reason}`;
  }
  return error instanceof Unreadable ? `${words.notAPaper} (${error.message})` : undefined;
}

function Papers({ words, phone }: { words: CeremonyTexts; phone: StoredPhone }) {
  const { texts } = useWorld();
  const [opened, setOpened] = useState<Opened>();
  const [approval, setApproval] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setMessage("");
    try {
      await work();
    } catch (error) {
      setMessage(explainPaper(error, words) ?? explain(error, texts));
    }
    setBusy(false);
  };
  const choose = (file: File | undefined) => {
    setOpened(undefined);
    setApproval(undefined);
    return attempt(async () => {
      if (file) {
        setOpened(await open(file, phone));
      }
    });
  };
  const approve = (paper: Paper) =>
    attempt(async () => {
      setApproval(approvalFile(phone, await assertChallenge(phone, await paperChallenge(paper))));
    });
  if (!opened) {
    return (
      <>
        <Heading>{words.title}</Heading>
        <p>{words.explain}</p>
        <label for="paper">{words.open}</label>
        <input
          id="paper"
          type="file"
          accept=".json,application/json"
          disabled={busy}
          onChange={(event) => choose(event.currentTarget.files?.[0])}
        />
        <Message text={message} />
      </>
    );
  }
  const { paper } = opened;
  return (
    <>
      <Heading>{words.titles[paper.kind]}</Heading>
      <PaperShown opened={opened} words={words} phone={phone} />
      {approval && <p id="done">{words.done}</p>}
      <Message text={message} />
      <div class="answers">
        {approval === undefined ? (
          <button id="approve" class="main" type="button" disabled={busy} onClick={() => approve(paper)}>
            {words.approve}
          </button>
        ) : (
          <button
            id="save"
            class="main"
            type="button"
            onClick={() => save(new Blob([approval], { type: "application/json" }), `approval-${paper.kind}.json`)}
          >
            {words.save}
          </button>
        )}
        <button id="another" type="button" disabled={busy} onClick={() => choose(undefined)}>
          {words.another}
        </button>
      </div>
    </>
  );
}

// What officers approve outside of any server: nothing here is asked of one, and nothing is sent to it.
export function Ceremony() {
  const { texts, language, phone } = useWorld();
  const [words, setWords] = useState<CeremonyTexts>();
  const [message, setMessage] = useState("");
  useEffect(() => {
    loadCeremonyTexts(language).then(setWords, () => setMessage(texts.offline));
  }, [language]);
  return (
    <>
      {!words && !message && <p>{texts.loading}</p>}
      <Message id="ceremony-message" text={message} />
      {words && phone && <Papers words={words} phone={phone} />}
      <nav>
        <Link id="to-officer" to={phone?.session ? "/" : "/officer"}>
          {phone?.session ? texts.back : texts.officerTitle}
        </Link>
      </nav>
    </>
  );
}
