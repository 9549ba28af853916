#pragma once

#include "server/api/context.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/document_level.h"

// What signDoc and documents/prepare read of a document in the same way.
namespace server::api::csc {

// conformance_level; B-B without one. `max`: what can be made of this document; above B-B it takes
// an authority that stamps, which is looked for before an approval is spent.
Checked<Level> read_level(Context& context, const Parameters& document, Level max);

// signAlgo, hashAlgorithmOID, signAlgoParams.
Checked<Algorithm> read_document_algorithm(const Parameters& document);

// The base64 parameter `name` of any length; none when it is no such string, or empty.
std::optional<cloudsign::Bytes> bytes_parameter(const Parameters& parameters,
                                                std::string_view name);

}  // namespace server::api::csc
