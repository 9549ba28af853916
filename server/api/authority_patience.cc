#include "server/api/authority_patience.h"

namespace server::api {

bool AuthorityPatience::may_wait(TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (now < away_until_) {
        return false;
    }
    if (away_until_ != TimePoint()) {
        away_until_ = now + pause;  // whoever comes while this one finds out
    }
    return true;
}

void AuthorityPatience::ended(bool in_vain, TimePoint since, TimePoint now) {
    const std::lock_guard lock(mutex_);
    away_until_ = in_vain && now - since >= long_wait ? now + pause : TimePoint();
}

}  // namespace server::api
