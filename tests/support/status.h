#pragma once

#include <ostream>

#include "hsm/base/result.h"

// Results in expectations, and how GoogleTest prints them.
namespace tests::support {

template <class T>
hsm::Status status(const hsm::Result<T>& result) {
    return result ? hsm::Status::ok : result.error();
}

}  // namespace tests::support

namespace hsm::base {

inline void PrintTo(Status status, std::ostream* out) {
    *out << status_name(status);
}

}  // namespace hsm::base
