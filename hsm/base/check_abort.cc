#include <cstdio>
#include <cstdlib>

#include "hsm/base/check.h"

namespace hsm::base {

void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    std::abort();
}

}  // namespace hsm::base
