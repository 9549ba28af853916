#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/document/pdf_placeholder.h"
#include "hsm/openssl/digest.h"
#include "server/api/csc/asynchronous.h"
#include "server/api/csc/document_parameters.h"
#include "server/api/csc/document_signature.h"
#include "server/api/csc/presented_sad.h"
#include "server/api/csc/sad.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::store::Transaction;

// One signature that is wanted.
struct Item {
    SignatureFormat format = SignatureFormat::cades;
    Bytes document_hash;
    Algorithm algorithm;
    Finished form;
};

Refusal does_not_match() {
    return {403, "invalid_hash", "Document or documentDigest does not match authorized hash", 0};
}

Refusal not_authorised() {
    return invalid("documentDigests or documents are not authorized by the SAD");
}

Checked<void> check_properties(const Parameters& item) {
    const auto* value = item.find("signed_props");
    if (value == nullptr || value->is_null()) {
        return {};
    }
    const auto* list = value->if_array();
    if (list == nullptr) {
        return wrong_parameter("signed_props");
    }
    std::string named;
    for (const auto& property : *list) {
        const auto* object = property.if_object();
        const auto* name = object != nullptr ? object->if_contains("attribute_name") : nullptr;
        const bool is_text = name != nullptr && name->is_string() && name->get_string().size() < 64;
        named += (named.empty() ? "" : ", ") +
                 (is_text ? std::string(name->get_string()) : std::string("?"));
    }
    if (!named.empty()) {
        return invalid("Invalid parameter signed_props (" + named + ")");
    }
    return {};
}

// `fallback` where the item names none.
Checked<Envelope> read_envelope(const Parameters& item, SignatureFormat format, Envelope fallback) {
    TRY_ASSIGN(auto named, item.optional_string("signed_envelope_property", 32));
    const auto name = named.value_or("");
    if (name.empty() || (format == SignatureFormat::pades && name == "Revision")) {
        return fallback;
    }
    if (format == SignatureFormat::pades) {
        return wrong_parameter("signed_envelope_property");
    }
    if (name == "Detached") {
        return Envelope::detached;
    }
    // Around a document that only its hash is known of nothing can be put.
    if (name == "Attached" && fallback == Envelope::attached) {
        return Envelope::attached;
    }
    return wrong_parameter("signed_envelope_property");
}

// The specification's own example has one hash where its table has an array of them.
Checked<std::vector<Bytes>> read_item_hashes(const json::object& object) {
    const auto* one = object.if_contains("hashes");
    if (one == nullptr || !one->is_string()) {
        return Parameters::of(object).hashes("hashes");
    }
    auto wrapped = object;
    wrapped["hashes"] = json::array{*one};
    return Parameters::of(std::move(wrapped)).hashes("hashes");
}

// What can be made of a document: its envelope where none is named, and the highest level.
struct MadeOfDocument {
    Envelope envelope = Envelope::detached;
    Level level = Level::b;
};
MadeOfDocument made_of_document(SignatureFormat format) {
    switch (format) {
        case SignatureFormat::cades:
            return {Envelope::attached, Level::t};
        case SignatureFormat::pades:
            return {Envelope::inside, Level::lta};
        case SignatureFormat::jades:
        case SignatureFormat::xades:
            break;
    }
    return {Envelope::detached, Level::b};
}

Checked<void> read_digest_item(Context& context,
                               const json::object& object,
                               std::vector<Item>& items) {
    const auto item = Parameters::of(object);
    TRY_ASSIGN(auto hashes, read_item_hashes(object));
    TRY_ASSIGN(auto named, item.optional_string("signature_format", 8));
    const auto format = signature_format_named(named.value_or(""));
    if (!format) {
        return wrong_parameter("signature_format");
    }
    // Around a hash there is no file that could hold more than the CMS itself does. Into a compact
    // JWS or XML no time-stamp is put.
    const bool is_bare = named.value_or("").empty();
    const bool is_stamped = !is_bare && made_of_document(*format).level != Level::b;
    TRY_ASSIGN(const auto level, read_level(context, item, is_stamped ? Level::t : Level::b));
    TRY(check_properties(item));
    // Without a format it is the bare value that is wanted, of the hash as it stands.
    auto envelope = Envelope::none;
    if (!is_bare) {
        TRY_ASSIGN(envelope, read_envelope(item, *format, Envelope::detached));
    }
    TRY_ASSIGN(auto algorithm, read_document_algorithm(item));
    for (auto& hash : hashes) {
        if (hash.size() != hsm::protocol::digest_length(algorithm.digest)) {
            return invalid("Invalid digest value length");
        }
        items.push_back({*format, std::move(hash), algorithm, {envelope, {}, level}});
    }
    return {};
}

// Of a PDF, what its empty signature covers.
Checked<Bytes> hash_of_document(const Bytes& content,
                                SignatureFormat format,
                                const Algorithm& algorithm) {
    if (format != SignatureFormat::pades) {
        return hsm::openssl::digest_of(content, algorithm.digest);
    }
    const auto placeholder = cloudsign::document::find_placeholder(content);
    if (!placeholder) {
        return to_refusal(placeholder.error());
    }
    return cloudsign::document::hash_around(content, *placeholder, algorithm.digest);
}

Checked<void> read_document_item(Context& context,
                                 const json::object& object,
                                 std::vector<Item>& items) {
    const auto item = Parameters::of(object);
    auto content = bytes_parameter(item, "document");
    if (!content) {
        return invalid("Invalid Base64 documents string parameter");
    }
    TRY_ASSIGN(auto named, item.required_string("signature_format"));
    const auto format = signature_format_named(named);
    if (!format) {
        return wrong_parameter("signature_format");
    }
    const auto made = made_of_document(*format);
    TRY_ASSIGN(const auto level, read_level(context, item, made.level));
    TRY(check_properties(item));
    TRY_ASSIGN(auto envelope, read_envelope(item, *format, made.envelope));
    TRY_ASSIGN(auto algorithm, read_document_algorithm(item));
    TRY_ASSIGN(auto hash, hash_of_document(*content, *format, algorithm));
    const bool is_answered = envelope != Envelope::detached;
    items.push_back({*format,
                     std::move(hash),
                     algorithm,
                     {envelope, is_answered ? *std::move(content) : Bytes(), level}});
    return {};
}

Checked<std::vector<Item>> read_items(Context& context, const Parameters& parameters) {
    const auto present = [&](std::string_view name) {
        const auto* value = parameters.find(name);
        return value != nullptr && !value->is_null() ? value : nullptr;
    };
    const auto* digests = present("documentDigests");
    const auto* documents = present("documents");
    if (digests != nullptr && !digests->is_array()) {
        return invalid("Invalid object parameter documentDigests");
    }
    if (documents != nullptr && !documents->is_array()) {
        return invalid("Invalid array parameter documents");
    }
    const bool has_digests = digests != nullptr && !digests->get_array().empty();
    const bool has_documents = documents != nullptr && !documents->get_array().empty();
    if (has_digests && has_documents) {
        return invalid("Both documentDigests and documents parameters passed");
    }
    if (!has_digests && !has_documents) {
        return invalid("Empty documentDigests and documents objects");
    }
    std::vector<Item> items;
    for (const auto& entry : (has_digests ? digests : documents)->get_array()) {
        const auto* object = entry.if_object();
        if (object == nullptr) {
            return invalid(has_digests ? "Invalid object parameter documentDigests"
                                       : "Invalid array parameter documents");
        }
        TRY(has_digests ? read_digest_item(context, *object, items)
                        : read_document_item(context, *object, items));
        if (items.size() > hsm::protocol::leaf_count_max) {
            return invalid("Numbers of signatures is too high");
        }
    }
    return items;
}

// The hashes that were approved for these documents, each occurrence once.
Checked<std::vector<Bytes>> approved_hashes(const Transaction& transaction,
                                            const std::vector<Item>& items) {
    const auto prepared = prepared_documents(transaction);
    std::vector<bool> taken(transaction.documents.size(), false);
    std::vector<Bytes> hashes;
    for (const auto& item : items) {
        if (item.algorithm != transaction.algorithm) {
            return wrong_parameter("signAlgo");
        }
        const bool is_bare = item.form.envelope == Envelope::none;
        // Approved to be signed as it is, or inside attributes, or inside those of a PDF.
        if (is_bare == !prepared.empty() || (!is_bare && prepared.front().format != item.format)) {
            return not_authorised();
        }
        bool is_known = false;
        auto found = taken.size();
        for (std::size_t i = 0; i < taken.size() && found == taken.size(); ++i) {
            const auto& approved =
                is_bare ? transaction.documents[i].hash : prepared[i].document_hash;
            if (approved == item.document_hash) {
                is_known = true;
                found = taken[i] ? found : i;
            }
        }
        if (found == taken.size()) {
            return is_known ? not_authorised() : does_not_match();
        }
        taken[found] = true;
        hashes.push_back(transaction.documents[found].hash);
    }
    return hashes;
}

// credentialID, or the qualifier of what the SAD was given for.
Checked<Presented> read_presented(Context& context,
                                  const http::Request& request,
                                  const Parameters& parameters) {
    TRY_ASSIGN(auto qualifier, parameters.optional_string("signatureQualifier", 64));
    if (qualifier && (context.csc.signature_qualifier.empty() ||
                      *qualifier != context.csc.signature_qualifier)) {
        return wrong_parameter("signatureQualifier");
    }
    const auto* id = parameters.find("credentialID");
    if (!qualifier || (id != nullptr && !id->is_null())) {
        return read_sad(context, request, parameters, Version::v2);
    }
    Presented presented;
    TRY_ASSIGN(presented.sad, read_sad_text(request, parameters, Version::v2));
    TRY_ASSIGN(auto transaction, find_by_sad(context, *request.principal, presented.sad));
    if (!is_theirs(*request.principal, transaction)) {
        return invalid("Invalid parameter SAD");
    }
    TRY_ASSIGN(presented.named,
               find_credential(context, *request.principal, transaction.credential_id));
    TRY(check_usable(context, presented.named));
    return presented;
}

Checked<json::object> sign_doc(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, Version::v2));
    TRY_ASSIGN(auto mode, read_async_mode(context, *request.principal->client, parameters));
    TRY_ASSIGN(auto presented, read_presented(context, request, parameters));
    TRY(parameters.optional_bool("returnValidationInfo"));
    TRY_ASSIGN(auto items, read_items(context, parameters));
    const auto waiting = mode && is_deferred(*request.principal->client, Version::v2)
                             ? Waiting::allowed
                             : Waiting::refused;
    TRY_ASSIGN(auto transaction, find_authorised(context, request, presented, waiting));
    TRY_ASSIGN(auto hashes, approved_hashes(transaction, items));
    std::vector<Finished> forms;
    for (auto& item : items) {
        const bool is_answered =
            item.form.envelope == Envelope::attached || item.form.envelope == Envelope::inside;
        if (mode && is_answered) {
            // The document would have to be kept here until somebody asks.
            return wrong_parameter("signed_envelope_property");
        }
        if (mode && item.form.level != Level::b) {
            // Whoever polls must not wait for an authority of others.
            return wrong_parameter("conformance_level");
        }
        forms.push_back(std::move(item.form));
    }
    if (mode) {
        cloudsign::transaction::AsyncWish wish;
        wish.form = cloudsign::store::AsyncForm::document;
        wish.hashes = std::move(hashes);
        wish.parts = parts_text(forms);
        return accept(context, transaction, std::move(wish), *mode);
    }
    const auto made = context.transactions.sign(transaction, hashes);
    if (!made) {
        return made.error().kind == cloudsign::ErrorKind::hash_not_authorised
                   ? not_authorised()
                   : to_refusal(made.error());
    }
    return finish_documents(context, transaction, *made, forms);
}

}  // namespace

// Documents are decoded and hashed: not on the I/O thread.
http::Outcome signatures_sign_doc(Context& context, const http::Request& request) {
    const auto answer = sign_doc(context, request);
    return answer ? http::json(200, *answer) : to_response(answer.error());
}

}  // namespace server::api::csc
