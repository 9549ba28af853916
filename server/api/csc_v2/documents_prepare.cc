#include <span>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/document/xades_signature.h"
#include "cloudsign/fault_text.h"
#include "cloudsign/revision/standing.h"
#include "server/api/csc/calls.h"
#include "server/api/csc/document_parameters.h"
#include "server/api/csc/document_signature.h"
#include "server/api/csc/pdf_wish_parameters.h"
#include "server/api/csc_v2/endpoints.h"

// Ours: a document with an empty signature in it, and what has to be approved for it.
namespace server::api::csc_v2 {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::ErrorKind;
using cloudsign::preparation::Prepared;
using cloudsign::store::PreparationForm;
using csc::Algorithm;
using csc::Checked;
using csc::Level;
using csc::Parameters;
using csc::SignatureFormat;

// A document that cannot be signed so is the caller's matter, in the words of whoever found it out;
// a name in them comes from the document.
csc::Refusal refused(const cloudsign::Error& error) {
    constexpr std::size_t words_max = 1000;
    if (error.kind == ErrorKind::invalid || error.kind == ErrorKind::not_found) {
        return csc::invalid(cloudsign::fault_text(error.detail, words_max));
    }
    return csc::to_refusal(error);
}

// What is asked of the signer's key.
struct Signing {
    const std::vector<Bytes>& chain;
    Algorithm algorithm;
    std::int64_t time_ms = 0;
};

// What the caller is told beside the prepared document: what the intake had to rewrite.
using Note = std::string;

Checked<Note> prepare_pdf(const Parameters& parameters,
                          const Bytes& given,
                          const Signing& signing,
                          Prepared& prepared) {
    TRY_ASSIGN(auto wish, csc::read_pdf_wish(parameters));
    auto intake = cloudsign::document::take_in_pdf(given);
    if (!intake) {
        return refused(intake.error());
    }
    const auto& base = intake->rewritten.empty() ? given : intake->rewritten;
    // A signature over what somebody has put behind another would make it look approved.
    if (const auto stands = cloudsign::revision::check_standing(base); !stands) {
        return refused(stands.error());
    }
    const auto signature = cloudsign::document::signature_wished(std::move(wish), signing.time_ms);
    if (!signature) {
        return refused(signature.error());
    }
    auto pdf = cloudsign::document::prepare_pdf(base, signing.chain, signing.algorithm, *signature);
    if (!pdf) {
        return refused(pdf.error());
    }
    const auto increment = cloudsign::document::unsigned_increment(*pdf);
    prepared.document = base;
    prepared.document.insert(prepared.document.end(), increment.begin(), increment.end());
    prepared.attributes = std::move(pdf->cms.signed_attributes);
    prepared.hash = std::move(pdf->cms.hash);
    return std::move(intake->note);
}

Checked<Note> prepare_xml(const Parameters& parameters,
                          const Bytes& given,
                          const Signing& signing,
                          Prepared& prepared) {
    constexpr std::size_t name_max = 255;
    cloudsign::document::XmlWish wish;
    TRY_ASSIGN(auto slot, parameters.optional_string("slot", name_max));
    TRY_ASSIGN(auto into, parameters.optional_string("into", name_max));
    TRY_ASSIGN(auto reference, parameters.optional_string("reference", name_max));
    if (into && !slot) {
        return csc::invalid("into says which of several slots is meant: name it with slot");
    }
    wish = {slot.value_or(""), into.value_or(""), reference.value_or("")};
    auto xml = cloudsign::document::prepare_xades(
        given, wish, signing.chain, signing.algorithm, signing.time_ms);
    if (!xml) {
        return refused(xml.error());
    }
    prepared.form = PreparationForm::xml;
    prepared.cut = xml->before.size();
    prepared.document = cloudsign::bytes_of(hsm::view_of(xml->before + xml->after));
    prepared.attributes = cloudsign::bytes_of(hsm::view_of(xml->signed_info));
    prepared.hash = std::move(xml->hash);
    return Note();
}

// The next call of the portal, as it stands.
json::object authorize_call(const Parameters& parameters,
                            const cloudsign::store::Preparation& kept,
                            const std::optional<std::string>& name) {
    json::object call{
        {"credentialID", kept.credential_id},
        {"numSignatures", 1},
        {"hashes", json::array{json::string(cloudsign::base64(kept.hash))}},
        {"hashAlgorithmOID", cloudsign::csc::digest_identifier(kept.algorithm.digest)}};
    for (const auto* repeated : {"signAlgo", "signAlgoParams"}) {
        if (const auto* value = parameters.find(repeated); value != nullptr && !value->is_null()) {
            call[repeated] = *value;
        }
    }
    json::object document{{"preparedID", kept.id}};
    if (name) {
        document["document_name"] = *name;
    }
    call["documents"] = json::array{std::move(document)};
    return call;
}

struct Format {
    SignatureFormat format = SignatureFormat::pades;
    Level level_max = Level::b;
};

Checked<Format> read_format(const Parameters& parameters) {
    TRY_ASSIGN(const auto named, parameters.required_string("signature_format"));
    const auto format = csc::signature_format_named(named);
    if (format == SignatureFormat::pades) {
        return Format{*format, Level::lta};
    }
    if (format == SignatureFormat::xades) {
        return Format{*format, Level::b};
    }
    return csc::wrong_parameter("signature_format");
}

// A wish that only the other format knows would be missed on the document alone.
Checked<void> check_wishes(const Parameters& parameters, SignatureFormat format) {
    constexpr std::string_view of_pdf[] = {
        "field", "reason", "location", "certify", "fill", "appearance"};
    constexpr std::string_view of_xml[] = {"slot", "into", "reference"};
    const bool is_pdf = format == SignatureFormat::pades;
    const auto others = is_pdf ? std::span<const std::string_view>(of_xml)
                               : std::span<const std::string_view>(of_pdf);
    for (const auto name : others) {
        if (const auto* value = parameters.find(name); value != nullptr && !value->is_null()) {
            return csc::invalid(std::string(name) + " is for a document of signature_format " +
                                (is_pdf ? "X" : "P"));
        }
    }
    return {};
}

Checked<json::object> prepare(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto parameters, Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(const auto named, csc::find_credential(context, request, parameters));
    TRY(csc::check_usable(context, named));
    TRY_ASSIGN(const auto format, read_format(parameters));
    TRY(check_wishes(parameters, format.format));
    Prepared prepared;
    TRY_ASSIGN(prepared.level, csc::read_level(context, parameters, format.level_max));
    TRY_ASSIGN(prepared.algorithm, csc::read_document_algorithm(parameters));
    if (!cloudsign::csc::fits(named.credential->key_type, prepared.algorithm)) {
        return csc::wrong_parameter("signAlgo");
    }
    constexpr std::size_t label_max = 255;
    TRY_ASSIGN(const auto name, parameters.optional_string("document_name", label_max));
    const auto given = csc::bytes_parameter(parameters, "document");
    if (!given) {
        return csc::invalid("Invalid Base64 document string parameter");
    }
    const auto chain = context.credentials.chain(*named.credential);
    if (!chain) {
        return csc::to_refusal(chain.error());
    }
    const Signing signing{*chain, prepared.algorithm, context.clock.now_ms()};
    TRY_ASSIGN(const auto note,
               format.format == SignatureFormat::pades
                   ? prepare_pdf(parameters, *given, signing, prepared)
                   : prepare_xml(parameters, *given, signing, prepared));
    prepared.client_id = request.principal->client->id;
    prepared.credential_id = named.credential->id;
    prepared.leaf = chain->front();
    const auto kept = context.preparations.keep(prepared);
    if (!kept) {
        return csc::to_refusal(kept.error());
    }
    json::object answer{{"preparedID", kept->id},
                        {"expiresIn", (kept->keep_until - kept->created_at) / 1000},
                        {"authorize", authorize_call(parameters, *kept, name)},
                        {"document", cloudsign::base64(prepared.document)}};
    if (!note.empty()) {
        answer["note"] = note;
    }
    return answer;
}

}  // namespace

http::Outcome documents_prepare(Context& context,
                                const http::Request& request,
                                const http::PathParameters&) {
    const auto answer = prepare(context, request);
    return answer ? http::json(200, *answer) : csc::to_response(answer.error());
}

}  // namespace server::api::csc_v2
