#pragma once

#include <string>

#include "hsm/base/result.h"

namespace board::host {

// Why the process cannot start, in one line for the operator. Exit status 2.
struct SetupError {
    std::string text;
};

template <class T>
using Setup = hsm::Result<T, SetupError>;

}  // namespace board::host
