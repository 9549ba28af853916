#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "cloudsign/transaction/async_requests.h"
#include "cloudsign/transaction/transaction_service.h"
#include "server/api/csc/calls.h"
#include "server/api/csc/document_level.h"

// signDoc's signatures around what the signer approved, and what proves them later. The signed
// attributes are made when approval is asked for, since their hash is what is approved (hashType
// SDR).
namespace server::api::csc {

enum class SignatureFormat { cades, pades, jades, xades };  // signature_format "C", "P", "J", "X"
// "" for an absent one; none for those that are not served.
std::optional<SignatureFormat> signature_format_named(std::string_view name);
// info's signature_formats: what is served, with the envelopes of each.
boost::json::object signature_formats();

// Puts the attributes of each of its documents into `wanted`.
Checked<void> prepare_documents(Context& context,
                                const NamedCredential& named,
                                SignatureFormat format,
                                cloudsign::transaction::SignatureRequest& wanted);

// What was approved for documents, in order; empty when the approval was of hashes to be signed.
struct PreparedDocument {
    SignatureFormat format = SignatureFormat::cades;
    cloudsign::Bytes document_hash;
    cloudsign::Bytes attributes;  // of a JWS its signing input, of XAdES its SignedInfo
    std::string before;           // of XAdES: what the signature's value stands between
    std::string after;
    std::string serial_number;  // of the certificate that they name; empty: as it is now
};
std::vector<PreparedDocument> prepared_documents(const cloudsign::store::Transaction& transaction);

// none: the bare signature value; inside: in the place that a prepared PDF keeps for it.
enum class Envelope { none, detached, attached, inside };

// One answer for each occurrence, in order: {"DocumentWithSignature": […], "SignatureObject": […]}
// with those that are there; where more than B-B was wanted, {"reachedLevels": […]} of all. A
// service that fails costs a level and never the signature: then {"raising": […]} says of each
// where it will be once it is raised (raised_document.h), or null. `content`: the document where
// the answer holds it, else empty.
struct Finished {
    Envelope envelope = Envelope::detached;
    cloudsign::Bytes content;
    Level level = Level::b;  // that is wanted
};
Checked<boost::json::object> finish_documents(
    Context& context,
    const cloudsign::store::Transaction& transaction,
    const std::vector<cloudsign::transaction::SignedOccurrence>& made,
    const std::vector<Finished>& forms);
// The same from an asynchronous request that is done.
Checked<boost::json::object> finish_documents(
    Context& context, const cloudsign::transaction::AsyncRequests::Progress& progress);
// One of them: a document with its signature, or the signature alone, as far as it was raised.
struct FinishedDocument {
    cloudsign::Bytes bytes;
    Level reached = Level::b;
    boost::json::value raising;  // null, or where it will be once it is raised
};
// `position`: of the CMS, or of a signature of another form, in its transaction.
Checked<FinishedDocument> finish_document(Context& context,
                                          DocumentLevels& levels,
                                          const cloudsign::store::Transaction& transaction,
                                          std::uint32_t position,
                                          cloudsign::Bytes signature,
                                          const Finished& form);
// How the request remembers its forms.
std::string parts_text(const std::vector<Finished>& forms);

// signDoc.
http::Outcome signatures_sign_doc(Context& context, const http::Request& request);

}  // namespace server::api::csc
