#include "tests/bench/failure.h"

#include <cstdio>
#include <cstdlib>

namespace bench {

void fail(const std::string& what) {
    std::fprintf(stderr, "kyso-bench: %s\n", what.c_str());
    std::_Exit(1);  // other threads may be at work: nothing is torn down under them
}

std::string text_of(hsm::Status status) {
    return std::string(hsm::base::status_name(status));
}

std::string text_of(const cloudsign::Error& error) {
    return error.detail;
}

std::string text_of(const hsm::softphone::Problem& problem) {
    return problem.text;
}

}  // namespace bench
