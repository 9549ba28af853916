#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/transaction/async_requests.h"
#include "cloudsign/transaction/transaction_service.h"
#include "server/api/csc/calls.h"

// signDoc's signatures: CAdES B-B around what the signer approved. The signed attributes are made
// when approval is asked for, since their hash is what is approved (hashType SDR).
namespace server::api::csc {

// Puts the attributes of each of its documents into `wanted`.
Checked<void> prepare_documents(Context& context,
                                const NamedCredential& named,
                                cloudsign::transaction::SignatureRequest& wanted);

// What was approved for documents, in order; empty when the approval was of hashes to be signed.
struct PreparedDocument {
    cloudsign::Bytes document_hash;
    cloudsign::Bytes attributes;
};
std::vector<PreparedDocument> prepared_documents(const cloudsign::store::Transaction& transaction);

enum class Envelope { none, detached, attached };  // none: the bare signature value

// One answer for each occurrence, in order: {"DocumentWithSignature": […], "SignatureObject": […]}
// with those that are there. `contents`: of attached ones, else empty.
struct Finished {
    Envelope envelope = Envelope::detached;
    cloudsign::Bytes content;
};
Checked<boost::json::object> finish_documents(
    Context& context,
    const cloudsign::store::Transaction& transaction,
    const std::vector<cloudsign::transaction::SignedOccurrence>& made,
    const std::vector<Finished>& forms);
// The same from an asynchronous request that is done.
Checked<boost::json::object> finish_documents(
    Context& context, const cloudsign::transaction::AsyncRequests::Progress& progress);
// How the request remembers its forms.
std::string parts_text(const std::vector<Finished>& forms);

// signDoc.
http::Outcome signatures_sign_doc(Context& context, const http::Request& request);

}  // namespace server::api::csc
