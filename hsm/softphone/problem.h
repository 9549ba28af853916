#pragma once

#include <string>

#include "hsm/base/result.h"

namespace hsm::softphone {

enum class ProblemKind {
    refused,      // what is asked does not match what it says, or is not this phone's to approve
    input,        // an argument of the caller cannot be used
    store,        // the phone's own file
    unreachable,  // no answer from the server, or no connection that can be trusted
    server        // the server answered, with an error or with what cannot be read
};

// Why something was not done, in words for the person who holds the phone.
struct Problem {
    ProblemKind kind = ProblemKind::refused;
    std::string text;
};

template <class T>
using Outcome = Result<T, Problem>;

}  // namespace hsm::softphone
