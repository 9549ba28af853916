#pragma once

#include <string>

#include "cloudsign/error.h"
#include "hsm/base/result.h"
#include "hsm/softphone/problem.h"

namespace server::cli {

// Exit codes of `kyso`.
constexpr int exit_done = 0;
constexpr int exit_failed = 1;  // refused, not verified, not reachable
constexpr int exit_usage = 2;   // the command line, or a file that it names
constexpr int exit_level = 3;   // signed, but not at the level that was asked for

// Why a command was not carried out, in words for the operator.
struct Failure {
    std::string text;
    int code = exit_failed;
};

template <class T>
using Outcome = hsm::Result<T, Failure>;

inline Failure usage_failure(std::string text) {
    return {std::move(text), exit_usage};
}

inline Failure failure_of(hsm::softphone::Problem problem) {
    const bool usage = problem.kind == hsm::softphone::ProblemKind::input;
    return {std::move(problem.text), usage ? exit_usage : exit_failed};
}
inline Failure failure_of(cloudsign::Error error) {
    return {std::move(error.detail), exit_failed};
}

// What another part of the product answered, as an outcome of a command.
template <class T, class E>
Outcome<T> outcome_of(hsm::Result<T, E> result) {
    if (!result) {
        return failure_of(std::move(result).error());
    }
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        return *std::move(result);
    }
}

}  // namespace server::cli
