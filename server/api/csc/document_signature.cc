#include "server/api/csc/document_signature.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/document/cms_signature.h"
#include "cloudsign/document/pdf_placeholder.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::Transaction;
using cloudsign::transaction::Signs;

json::string text_of(const Bytes& bytes) {
    return json::string(cloudsign::base64url(bytes));
}

std::optional<Bytes> bytes_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? cloudsign::from_base64url(value->get_string())
                                                  : std::nullopt;
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

// What is made for one document, and its level.
struct Made {
    Bytes bytes;
    Level level = Level::b;
};

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

Checked<Made> made_of(DocumentLevels& levels, Bytes cms, const Finished& form) {
    Made made;
    if (form.level != Level::b) {
        TRY_ASSIGN(const auto room, room_of(form));
        if (auto stamped = levels.stamped(cms, room)) {
            cms = *std::move(stamped);
            made.level = Level::t;
        }
    }
    TRY_ASSIGN(made.bytes, put_together(cms, form));
    if (form.envelope == Envelope::inside && form.level > made.level) {
        made.level = std::max(made.level, levels.raise(made.bytes, form.level));
    }
    return made;
}

Refusal broken(std::string_view what) {
    return to_refusal(Error{ErrorKind::internal, std::string(what)});
}

}  // namespace

std::optional<SignatureFormat> signature_format_named(std::string_view name) {
    if (name.empty() || name == "C") {
        return SignatureFormat::cades;
    }
    return name == "P" ? std::optional(SignatureFormat::pades) : std::nullopt;
}

Checked<void> prepare_documents(Context& context,
                                const NamedCredential& named,
                                SignatureFormat format,
                                cloudsign::transaction::SignatureRequest& wanted) {
    const auto& certificate = *named.credential->certificate;
    const bool is_pdf = format == SignatureFormat::pades;
    wanted.signs = is_pdf ? Signs::pdf_attributes : Signs::attributes;
    json::array documents;
    for (const auto& [hash, label] : wanted.documents) {
        auto prepared = cloudsign::document::prepare_cms(
            hash,
            certificate,
            wanted.algorithm,
            is_pdf ? std::nullopt : std::optional(context.clock.now_ms()));
        if (!prepared) {
            return to_refusal(prepared.error());
        }
        documents.push_back(json::object{{"hash", text_of(hash)},
                                         {"attributes", text_of(prepared->signed_attributes)}});
        wanted.attribute_hashes.push_back(std::move(prepared->hash));
    }
    json::object payload{{"documents", std::move(documents)}};
    if (is_pdf) {
        payload["format"] = "P";
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
        object->contains("format") ? SignatureFormat::pades : SignatureFormat::cades;
    for (const auto& item : list->get_array()) {
        const auto* one = item.if_object();
        auto hash = one != nullptr ? bytes_in(*one, "hash") : std::nullopt;
        auto attributes = one != nullptr ? bytes_in(*one, "attributes") : std::nullopt;
        if (!hash || !attributes) {
            return {};
        }
        documents.push_back({format, *std::move(hash), *std::move(attributes)});
    }
    return documents.size() == transaction.documents.size() ? documents
                                                            : std::vector<PreparedDocument>();
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
    const auto chain = context.credentials.chain(**credential);
    if (!chain) {
        return to_refusal(chain.error());
    }
    DocumentLevels levels(context, *chain);
    json::array with_signature;
    json::array detached;
    json::array reached;
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (forms[i].envelope == Envelope::none) {
            detached.push_back(json::string(cloudsign::base64(made[i].signature)));
            continue;
        }
        if (made[i].position >= prepared.size()) {
            return broken("signDoc: no attributes");
        }
        const cloudsign::document::PreparedCms attributes{
            prepared[made[i].position].attributes, transaction.documents[made[i].position].hash};
        const bool is_attached = forms[i].envelope == Envelope::attached;
        const auto cms = cloudsign::document::finish_cms(attributes,
                                                         transaction.algorithm,
                                                         made[i].signature,
                                                         *chain,
                                                         is_attached ? &forms[i].content : nullptr);
        if (!cms) {
            return to_refusal(cms.error());
        }
        TRY_ASSIGN(const auto done, made_of(levels, *cms, forms[i]));
        const bool is_inside = forms[i].envelope == Envelope::inside;
        (is_attached || is_inside ? with_signature : detached)
            .push_back(json::string(cloudsign::base64(done.bytes)));
        reached.push_back(json::string(conformance_level(done.level)));
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
