#include "server/api/csc/document_parameters.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/csc/timestamp.h"

namespace server::api::csc {

Checked<Level> read_level(Context& context, const Parameters& document, Level max) {
    TRY_ASSIGN(auto named, document.optional_string("conformance_level", 32));
    const auto level = conformance_level_named(named.value_or("Ades-B-B"));
    if (!level || *level > max || (*level != Level::b && !context.timestamps.is_there())) {
        return wrong_parameter("conformance_level");
    }
    return *level;
}

Checked<Algorithm> read_document_algorithm(const Parameters& document) {
    TRY_ASSIGN(auto sign_algo, document.required_string("signAlgo"));
    auto algorithm = read_algorithm(document, sign_algo, "hashAlgorithmOID");
    if (!algorithm && algorithm.error().description == "Invalid parameter hashAlgorithmOID") {
        TRY_ASSIGN(auto oid, document.optional_string("hashAlgorithmOID", 64));
        if (oid && cloudsign::csc::digest_named(*oid)) {
            return invalid("String parameter hashAlgorithmOID contradicts with signAlgo parameter");
        }
    }
    return algorithm;
}

std::optional<cloudsign::Bytes> bytes_parameter(const Parameters& parameters,
                                                std::string_view name) {
    const auto* text = parameters.find(name);
    auto bytes = text != nullptr && text->is_string() ? cloudsign::from_base64(text->get_string())
                                                      : std::optional<cloudsign::Bytes>();
    return bytes && !bytes->empty() ? std::move(bytes) : std::nullopt;
}

}  // namespace server::api::csc
