#include "server/api/csc/document_signature.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/document/cms_signature.h"
#include "cloudsign/document/jws_signature.h"
#include "cloudsign/document/pdf_placeholder.h"
#include "cloudsign/document/xades_signature.h"
#include "cloudsign/strict_json.h"
#include "server/api/csc/raised_document.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::bytes_of;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::Result;
using cloudsign::store::Transaction;
using cloudsign::transaction::Signs;
using hsm::protocol::Algorithm;

json::string text_of(const Bytes& bytes) {
    return json::string(cloudsign::base64url(bytes));
}

std::optional<Bytes> bytes_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? cloudsign::from_base64url(value->get_string())
                                                  : std::nullopt;
}

struct ServedFormat {
    SignatureFormat format;
    std::string_view name;
    Signs signs;
    std::array<std::string_view, 2> envelopes;
};
constexpr ServedFormat formats[] = {
    {SignatureFormat::cades, "C", Signs::attributes, {"Detached", "Attached"}},
    {SignatureFormat::pades, "P", Signs::pdf_attributes, {"Revision", ""}},
    {SignatureFormat::jades, "J", Signs::jws, {"Detached", ""}},
    {SignatureFormat::xades, "X", Signs::xml, {"Detached", ""}},
};

const ServedFormat& served_format(SignatureFormat format) {
    return *std::ranges::find(formats, format, &ServedFormat::format);
}

// What is signed in place of a document's hash, its own hash, and of XAdES what goes around it.
struct Attributes {
    Bytes attributes;
    Bytes hash;
    std::string before{};
    std::string after{};
};

Result<Attributes> prepared_of(const cloudsign::store::Document& document,
                               SignatureFormat format,
                               const std::vector<Bytes>& chain,
                               const Algorithm& algorithm,
                               std::int64_t now_ms) {
    if (format == SignatureFormat::jades) {
        TRY_ASSIGN(auto jws,
                   cloudsign::document::prepare_jws_of_hash(
                       document.hash, document.label, chain, algorithm, now_ms));
        return Attributes{bytes_of(hsm::view_of(jws.signing_input)), std::move(jws.hash)};
    }
    if (format == SignatureFormat::xades) {
        TRY_ASSIGN(auto xml,
                   cloudsign::document::prepare_xades_of_hash(
                       document.hash, document.label, chain, algorithm, now_ms));
        return Attributes{bytes_of(hsm::view_of(xml.signed_info)),
                          std::move(xml.hash),
                          std::move(xml.before),
                          std::move(xml.after)};
    }
    TRY_ASSIGN(auto cms,
               cloudsign::document::prepare_cms(
                   document.hash,
                   chain.front(),
                   algorithm,
                   format == SignatureFormat::pades ? std::nullopt : std::optional(now_ms)));
    return Attributes{std::move(cms.signed_attributes), std::move(cms.hash)};
}

// `content`: of what holds its document.
Result<Bytes> signature_of(const PreparedDocument& prepared,
                           const Transaction& transaction,
                           const cloudsign::transaction::SignedOccurrence& made,
                           const std::vector<Bytes>& chain,
                           const Bytes* content) {
    if (prepared.format == SignatureFormat::jades) {
        TRY_ASSIGN(const auto jws,
                   cloudsign::document::finish_jws(hsm::text_of(prepared.attributes),
                                                   transaction.algorithm,
                                                   made.signature,
                                                   chain.front()));
        return bytes_of(hsm::view_of(jws));
    }
    if (prepared.format == SignatureFormat::xades) {
        const cloudsign::document::PreparedXades xades{
            prepared.before, prepared.after, std::string(hsm::text_of(prepared.attributes)), {}};
        TRY_ASSIGN(const auto xml,
                   cloudsign::document::complete_xades(
                       xades, transaction.algorithm, made.signature, chain.front()));
        return bytes_of(hsm::view_of(xml));
    }
    const cloudsign::document::PreparedCms attributes{prepared.attributes,
                                                      transaction.documents[made.position].hash};
    return cloudsign::document::finish_cms(
        attributes, transaction.algorithm, made.signature, chain, content);
}

// The document with its signature, or the signature alone.
Checked<Bytes> put_together(const Bytes& cms, const Finished& form) {
    if (form.envelope != Envelope::inside) {
        return cms;
    }
    const auto placeholder = cloudsign::document::find_placeholder(form.content);
    if (!placeholder) {
        return to_refusal(placeholder.error());
    }
    const auto contents = cloudsign::document::contents_of(cms, placeholder->room());
    if (!contents) {
        return to_refusal(contents.error());
    }
    auto pdf = form.content;
    std::ranges::copy(hsm::view_of(*contents),
                      pdf.begin() + static_cast<std::ptrdiff_t>(placeholder->contents));
    return pdf;
}

// The place for a CMS, where it is one of a PDF.
Checked<std::size_t> room_of(const Finished& form) {
    if (form.envelope != Envelope::inside) {
        return std::numeric_limits<std::size_t>::max();
    }
    const auto placeholder = cloudsign::document::find_placeholder(form.content);
    if (!placeholder) {
        return to_refusal(placeholder.error());
    }
    return placeholder->room();
}

Refusal broken(std::string_view what) {
    return to_refusal(Error{ErrorKind::internal, std::string(what)});
}

}  // namespace

std::optional<SignatureFormat> signature_format_named(std::string_view name) {
    if (name.empty()) {
        return SignatureFormat::cades;
    }
    const auto* found = std::ranges::find(formats, name, &ServedFormat::name);
    return found == std::end(formats) ? std::nullopt : std::optional(found->format);
}

json::object signature_formats() {
    json::array names;
    json::array envelopes;
    for (const auto& served : formats) {
        names.push_back(json::string(served.name));
        json::array properties;
        for (const auto envelope : served.envelopes) {
            if (!envelope.empty()) {
                properties.push_back(json::string(envelope));
            }
        }
        envelopes.push_back(std::move(properties));
    }
    return {{"formats", std::move(names)}, {"envelope_properties", std::move(envelopes)}};
}

Checked<void> prepare_documents(Context& context,
                                const NamedCredential& named,
                                SignatureFormat format,
                                cloudsign::transaction::SignatureRequest& wanted) {
    const auto chain = context.credentials.chain(*named.credential);
    if (!chain) {
        return to_refusal(chain.error());
    }
    const auto& served = served_format(format);
    wanted.signs = served.signs;
    json::array documents;
    for (const auto& document : wanted.documents) {
        auto prepared =
            prepared_of(document, format, *chain, wanted.algorithm, context.clock.now_ms());
        if (!prepared) {
            return to_refusal(prepared.error());
        }
        json::object kept{{"hash", text_of(document.hash)},
                          {"attributes", text_of(prepared->attributes)}};
        if (!prepared->before.empty()) {
            kept["before"] = prepared->before;
            kept["after"] = prepared->after;
        }
        documents.push_back(std::move(kept));
        wanted.attribute_hashes.push_back(std::move(prepared->hash));
    }
    json::object payload{{"documents", std::move(documents)},
                         {"certificate", named.credential->serial_number.value_or("")}};
    if (format != SignatureFormat::cades) {
        payload["format"] = served.name;
    }
    wanted.payload = json::serialize(payload);
    return {};
}

std::vector<PreparedDocument> prepared_documents(const Transaction& transaction) {
    json::error_code failed;
    const auto payload = json::parse(transaction.payload, failed);
    const auto* object = failed ? nullptr : payload.if_object();
    const auto* list = object != nullptr ? object->if_contains("documents") : nullptr;
    std::vector<PreparedDocument> documents;
    if (list == nullptr || !list->is_array()) {
        return documents;
    }
    const auto format =
        signature_format_named(cloudsign::string_in(*object, "format").value_or(""));
    if (!format) {
        return documents;
    }
    const std::string serial(cloudsign::string_in(*object, "certificate").value_or(""));
    for (const auto& item : list->get_array()) {
        const auto* one = item.if_object();
        auto hash = one != nullptr ? bytes_in(*one, "hash") : std::nullopt;
        auto attributes = one != nullptr ? bytes_in(*one, "attributes") : std::nullopt;
        if (!hash || !attributes) {
            return {};
        }
        documents.push_back({*format,
                             *std::move(hash),
                             *std::move(attributes),
                             std::string(cloudsign::string_in(*one, "before").value_or("")),
                             std::string(cloudsign::string_in(*one, "after").value_or("")),
                             serial});
    }
    return documents.size() == transaction.documents.size() ? documents
                                                            : std::vector<PreparedDocument>();
}

Checked<FinishedDocument> finish_document(Context& context,
                                          DocumentLevels& levels,
                                          const Transaction& transaction,
                                          std::uint32_t position,
                                          Bytes signature,
                                          const Finished& form) {
    FinishedDocument done;
    if (form.level != Level::b) {
        TRY_ASSIGN(const auto room, room_of(form));
        if (auto stamped = levels.stamped(signature, room)) {
            signature = *std::move(stamped);
            done.reached = Level::t;
        }
    }
    TRY_ASSIGN(done.bytes, put_together(signature, form));
    if (form.envelope == Envelope::inside && form.level > done.reached) {
        done.reached = std::max(done.reached, levels.raise(done.bytes, form.level));
    }
    if (done.reached < form.level && levels.missed()) {
        const MissedDocument missed{
            position, form.envelope, form.level, done.reached, done.bytes, levels.anchor()};
        done.raising = keep_for_raising(context, transaction, missed, *levels.missed());
    }
    return done;
}

Checked<json::object> finish_documents(
    Context& context,
    const Transaction& transaction,
    const std::vector<cloudsign::transaction::SignedOccurrence>& made,
    const std::vector<Finished>& forms) {
    if (made.size() != forms.size()) {
        return broken("signDoc: as many signatures as documents");
    }
    const auto prepared = prepared_documents(transaction);
    const auto credential = context.database.credential(transaction.credential_id);
    if (!credential || !*credential) {
        return broken("signDoc: the credential is gone");
    }
    // The certificate may have been renewed since the approval: the attributes name the one before.
    const auto serial = prepared.empty() ? std::string() : prepared.front().serial_number;
    const auto chain = serial.empty() ? context.credentials.chain(**credential)
                                      : context.credentials.chain_named(**credential, serial);
    if (!chain) {
        return to_refusal(chain.error());
    }
    DocumentLevels levels(context, chain->back(), DocumentLevels::Asks::if_it_answers);
    json::array with_signature;
    json::array detached;
    json::array reached;
    json::array raising;
    bool is_missed = false;
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (forms[i].envelope == Envelope::none) {
            detached.push_back(json::string(cloudsign::base64(made[i].signature)));
            continue;
        }
        if (made[i].position >= prepared.size()) {
            return broken("signDoc: no attributes");
        }
        const bool is_attached = forms[i].envelope == Envelope::attached;
        const auto signature = signature_of(prepared[made[i].position],
                                            transaction,
                                            made[i],
                                            *chain,
                                            is_attached ? &forms[i].content : nullptr);
        if (!signature) {
            return to_refusal(signature.error());
        }
        TRY_ASSIGN(
            auto done,
            finish_document(context, levels, transaction, made[i].position, *signature, forms[i]));
        const bool is_inside = forms[i].envelope == Envelope::inside;
        (is_attached || is_inside ? with_signature : detached)
            .push_back(json::string(cloudsign::base64(done.bytes)));
        reached.push_back(json::string(conformance_level(done.reached)));
        is_missed = is_missed || !done.raising.is_null();
        raising.push_back(std::move(done.raising));
    }
    json::object answer;
    if (!with_signature.empty()) {
        answer["DocumentWithSignature"] = std::move(with_signature);
    }
    if (!detached.empty()) {
        answer["SignatureObject"] = std::move(detached);
    }
    if (std::ranges::any_of(forms, [](const auto& form) { return form.level != Level::b; })) {
        answer["reachedLevels"] = std::move(reached);
    }
    if (is_missed) {
        answer["raising"] = std::move(raising);
    }
    return answer;
}

std::string parts_text(const std::vector<Finished>& forms) {
    std::string text;
    for (const auto& form : forms) {
        text += form.envelope == Envelope::none ? 'n' : 'd';
    }
    return text;
}

Checked<json::object> finish_documents(
    Context& context, const cloudsign::transaction::AsyncRequests::Progress& progress) {
    std::vector<Finished> forms;
    for (const char form : progress.request.parts) {
        forms.push_back({form == 'n' ? Envelope::none : Envelope::detached, {}, Level::b});
    }
    return finish_documents(context, progress.transaction, *progress.made, forms);
}

}  // namespace server::api::csc
