#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "cloudsign/error.h"
#include "hsm/base/result.h"
#include "hsm/softphone/problem.h"

namespace bench {

// A measurement that cannot go on has nothing to hand back: it says why and ends the process.
[[noreturn]] void fail(const std::string& what);

std::string text_of(hsm::Status status);
std::string text_of(const cloudsign::Error& error);
std::string text_of(const hsm::softphone::Problem& problem);

template <class T, class E>
T need(hsm::Result<T, E> result, const std::string& what) {
    if (!result) {
        fail(what + ": " + text_of(result.error()));
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

}  // namespace bench
