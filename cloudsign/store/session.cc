#include "cloudsign/store/session.h"

#include <atomic>

namespace cloudsign::store {

std::size_t Session::next_slot() {
    static std::atomic<std::size_t> next{0};
    return next++;
}

}  // namespace cloudsign::store
