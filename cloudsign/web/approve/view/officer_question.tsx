import { shortCode } from "../core/activation.ts";
import { toHex } from "../core/bytes.ts";
import { nameText } from "../core/distinguished_name.ts";
import type { OfficerItem } from "../core/officer_check.ts";
import type { CheckedItem } from "../core/item_check.ts";
import type { TbsCertificate } from "../core/tbs_certificate.ts";
import { useWorld } from "./context.ts";
import { Heading, Theirs } from "./parts.tsx";

export { checkOfficerItem } from "../core/officer_check.ts";

function Subject({ text }: { text: string }) {
  return (
    <p id="subject">
      <strong>
        <Theirs text={text} />
      </strong>
    </p>
  );
}

function KeyId({ checked }: { checked: OfficerItem }) {
  const { texts } = useWorld();
  return (
    <details>
      <summary>{texts.technical}</summary>
      <p>
        {texts.keyId}: <code id="key-id">{toHex(checked.item.activation.keyId)}</code>
      </p>
    </details>
  );
}

function ConfirmQuestion({ checked }: { checked: OfficerItem }) {
  const { texts } = useWorld();
  const { kind, thumbprints } = checked.confirmation!;
  const service = (texts.serviceKinds as Record<number, string>)[kind];
  return (
    <>
      <p>{texts.confirmKey}</p>
      <Subject text={checked.item.subject} />
      {service ? (
        <p id="service">
          {texts.serviceKey} <strong>{service}</strong>
        </p>
      ) : (
        <>
          <p>{texts.confirmCompare}</p>
          {thumbprints.length > 1 && <p id="many">{texts.confirmMany}</p>}
          {thumbprints.map((one) => (
            <p class="short-code">{shortCode(one)}</p>
          ))}
        </>
      )}
      <KeyId checked={checked} />
    </>
  );
}

function Certificate({ certificate }: { certificate: TbsCertificate }) {
  const { texts, language } = useWorld();
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  return (
    <li>
      <strong>
        <Theirs text={nameText(certificate.subject)} />
      </strong>
      {certificate.use !== "person" && <p class={`use ${certificate.use}`}>{texts.certificateUses[certificate.use]}</p>}
      <p>
        {texts.certificateValid}: {day.format(certificate.validFrom)} – {day.format(certificate.validTo)}
      </p>
    </li>
  );
}

function IssueQuestion({ checked }: { checked: OfficerItem }) {
  const { texts } = useWorld();
  const certificates = checked.certificates!;
  return (
    <>
      <h2 id="count">{texts.certificates(certificates.length)}</h2>
      <p id="issuer">
        {texts.certificateIssuer}: <Theirs text={nameText(certificates[0]!.issuer)} />
      </p>
      {checked.item.purposeText && (
        <p id="why">
          <Theirs text={checked.item.purposeText} />
        </p>
      )}
      <ol id="certificates">
        {certificates.map((one) => (
          <Certificate certificate={one} />
        ))}
      </ol>
    </>
  );
}

// What an officer can judge of it: whose key, by the server's word, and why.
function RevokeQuestion({ checked }: { checked: OfficerItem }) {
  const { texts } = useWorld();
  const { item } = checked;
  const reasons: Record<string, string> = texts.revokeReasons;
  const reason = Object.hasOwn(reasons, item.purposeText) ? reasons[item.purposeText]! : item.purposeText;
  return (
    <>
      <p>{texts.revoke}</p>
      <Subject text={item.subject} />
      <p id="reason">
        {texts.revokeReason}: <Theirs text={reason} />
      </p>
      {checked.unknown.length > 0 && <p>{texts.revokeCompare}</p>}
      <KeyId checked={checked} />
    </>
  );
}

const questions = { bind: ConfirmQuestion, issue: IssueQuestion, revoke: RevokeQuestion };

// `checked`: by checkOfficerItem().
export function OfficerQuestion({ checked }: { checked: CheckedItem }) {
  const { texts } = useWorld();
  const { purpose } = checked.item;
  const own = checked as OfficerItem;
  const Kind = questions[purpose as keyof typeof questions];
  return (
    <>
      <Heading>{texts.officerAsked(purpose)}</Heading>
      <Kind checked={own} />
      {purpose === "issue" && own.unknown.length > 0 && (
        <section id="unconfirmed">
          <p>{texts.unconfirmed}</p>
          <ul>
            {own.unknown.map((one) => (
              <li>
                <Theirs text={one} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
