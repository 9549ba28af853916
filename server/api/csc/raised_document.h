#pragma once

#include <boost/json/value.hpp>

#include "cloudsign/store/raising_table.h"
#include "server/api/csc/document_level.h"
#include "server/api/csc/document_signature.h"

// Documents that missed their level: what signDoc says of them, and where they are fetched.
namespace server::api::csc {

// One signature that signDoc has made of less than was wanted.
struct MissedDocument {
    std::uint32_t position = 0;
    Envelope envelope = Envelope::detached;
    Level target = Level::t;
    Level reached = Level::b;
    const cloudsign::Bytes& bytes;
    const cloudsign::Bytes& anchor;
};
// Keeps it to be raised later. {"documentID": …, "conformance_level": …}, or why it is not kept in
// "refused" in place of the first.
boost::json::value keep_for_raising(Context& context,
                                    const cloudsign::store::Transaction& transaction,
                                    const MissedDocument& document,
                                    const DocumentLevels::Miss& miss);

// Raises the document that this row is of by one attempt. Blocks.
cloudsign::raising::Attempt try_to_raise(Context& context,
                                         const cloudsign::store::Raising& raising);

// signatures/raisedDocument, ours.
http::Outcome signatures_raised_document(Context& context, const http::Request& request);

}  // namespace server::api::csc
