#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

// Certification authorities of others: asked for certificates, and what they answer.
namespace cloudsign::external_ca {

// A certificate as its authority delivered it. That it is what was asked for is for a Check.
struct Issued {
    Bytes certificate;          // DER
    std::vector<Bytes> others;  // DER; what came along, in no order, none of it believed
};

// Not decided yet: somebody there must look at it first.
struct AskLater {
    std::int64_t after_ms = 0;  // from now on, as the authority wishes; it may wish for years
    Bytes transaction;          // what the next question goes on with; nothing secret
};

// A decision, which asking again does not change.
struct Refused {
    std::string reason;  // the authority's words, fit to be shown
};

using CaAnswer = std::variant<Issued, AskLater, Refused>;

// Whether a certificate is taken, decided before its authority is told; the authority is told the
// detail of an error.
using Check = std::function<Result<void>(const Issued&)>;

}  // namespace cloudsign::external_ca
