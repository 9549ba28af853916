#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/document/cms_signature.h"
#include "cloudsign/document/xades_signature.h"
#include "cloudsign/pki/certificate.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/document_signature.h"
#include "server/api/csc/preparation.h"
#include "server/api/csc/sad.h"
#include "server/api/csc_v2/endpoints.h"

// Ours: the signature that was approved, in the document that documents/prepare has made for it.
namespace server::api::csc_v2 {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::preparation::Finished;
using cloudsign::store::Preparation;
using cloudsign::store::PreparationFile;
using cloudsign::store::PreparationForm;
using cloudsign::store::Transaction;
using cloudsign::transaction::SignedOccurrence;
using csc::Checked;
using csc::FinishedDocument;
using csc::Level;

csc::Refusal approved_for_another() {
    return csc::invalid(
        "The SAD was given for other hashes: have those approved that documents/prepare has "
        "answered with this preparedID, and send the SAD of that");
}

Checked<SignedOccurrence> sign(Context& context,
                               const Transaction& transaction,
                               const Preparation& preparation) {
    if (transaction.algorithm != preparation.algorithm) {
        return approved_for_another();
    }
    const auto made = context.transactions.sign(transaction, {preparation.hash});
    if (!made) {
        return made.error().kind == ErrorKind::hash_not_authorised ? approved_for_another()
                                                                   : csc::to_refusal(made.error());
    }
    return made->front();
}

Checked<FinishedDocument> finish_xml(const PreparationFile& file,
                                     const Preparation& preparation,
                                     const SignedOccurrence& made) {
    const auto text = hsm::text_of(file.document);
    const auto cut = static_cast<std::size_t>(file.cut);
    const cloudsign::document::PreparedXades prepared{std::string(text.substr(0, cut)),
                                                      std::string(text.substr(cut)),
                                                      std::string(hsm::text_of(file.attributes)),
                                                      preparation.hash};
    const auto xml = cloudsign::document::complete_xades(
        prepared, preparation.algorithm, made.signature, file.leaf);
    if (!xml) {
        return csc::to_refusal(xml.error());
    }
    return FinishedDocument{cloudsign::bytes_of(hsm::view_of(*xml)), Level::b, nullptr};
}

Checked<FinishedDocument> finish_pdf(Context& context,
                                     PreparationFile file,
                                     const Preparation& preparation,
                                     const Transaction& transaction,
                                     const SignedOccurrence& made,
                                     const std::vector<Bytes>& chain) {
    const auto cms = cloudsign::document::finish_cms(
        {file.attributes, preparation.hash}, preparation.algorithm, made.signature, chain);
    const auto level = cloudsign::evidence::level_named(preparation.level);
    if (!cms || !level) {
        return csc::to_refusal(cms ? Error{ErrorKind::internal, "documents/finish: no level"}
                                   : cms.error());
    }
    csc::DocumentLevels levels(context, chain.back(), csc::DocumentLevels::Asks::if_it_answers);
    const csc::Finished form{csc::Envelope::inside, std::move(file.document), *level};
    return csc::finish_document(context, levels, transaction, made.position, *cms, form);
}

Checked<Finished> make(Context& context,
                       const csc::NamedCredential& named,
                       const Transaction& transaction,
                       const Preparation& preparation) {
    auto file = context.preparations.file(preparation.id);
    if (!file) {
        return file.error().kind == ErrorKind::not_found ? csc::wrong_parameter("preparedID")
                                                         : csc::to_refusal(file.error());
    }
    // Which may have been renewed since: the attributes name this one.
    const auto leaf = cloudsign::pki::read_certificate(file->leaf);
    if (!leaf) {
        return csc::to_refusal(leaf.error());
    }
    const auto chain = context.credentials.chain_named(*named.credential, leaf->serial_number);
    if (!chain) {
        return csc::to_refusal(chain.error());
    }
    TRY_ASSIGN(const auto made, sign(context, transaction, preparation));
    TRY_ASSIGN(auto done,
               preparation.form == PreparationForm::xml
                   ? finish_xml(*file, preparation, made)
                   : finish_pdf(context, *std::move(file), preparation, transaction, made, *chain));
    json::object answer{{"reachedLevel", csc::conformance_level(done.reached)}};
    if (!done.raising.is_null()) {
        answer["raising"] = std::move(done.raising);
    }
    return Finished{std::move(done.bytes), json::serialize(answer)};
}

// Who has lost the answer is given the same once more, whatever has become of the SAD.
Checked<Finished> answered_before(Context& context, const Preparation& preparation) {
    auto file = context.preparations.file(preparation.id);
    if (!file) {
        return file.error().kind == ErrorKind::not_found ? csc::wrong_parameter("preparedID")
                                                         : csc::to_refusal(file.error());
    }
    return Finished{std::move(file->document), preparation.answer};
}

Checked<json::object> finish(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(const auto presented, csc::read_sad(context, request, parameters, csc::Version::v2));
    TRY_ASSIGN(const auto id, parameters.required_string("preparedID"));
    TRY_ASSIGN(
        const auto preparation,
        csc::find_preparation(context, *request.principal, id, presented.named.credential->id));
    Finished finished;
    if (!preparation.answer.empty()) {
        TRY_ASSIGN(finished, answered_before(context, preparation));
    } else {
        TRY_ASSIGN(const auto transaction,
                   csc::find_authorised(context, request, presented, csc::Waiting::refused));
        TRY_ASSIGN(const auto made, make(context, presented.named, transaction, preparation));
        auto kept = context.preparations.finish(preparation.id, made);
        if (!kept) {
            return kept.error().kind == ErrorKind::not_found ? csc::wrong_parameter("preparedID")
                                                             : csc::to_refusal(kept.error());
        }
        finished = *std::move(kept);
    }
    json::error_code failed;
    auto answer = json::parse(finished.answer, failed);
    if (failed || !answer.is_object()) {
        return csc::to_refusal(Error{ErrorKind::internal, "documents/finish: no answer"});
    }
    answer.get_object()["document"] = cloudsign::base64(finished.document);
    return std::move(answer.get_object());
}

}  // namespace

// Authorities of others may be asked: not on the I/O thread.
http::Outcome documents_finish(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto answer = finish(context, request);
    return answer ? http::json(200, *answer) : csc::to_response(answer.error());
}

}  // namespace server::api::csc_v2
