#include "cloudsign/authority/timestamp_service.h"

#include "cloudsign/module_error.h"
#include "hsm/sync/place.h"

namespace cloudsign::authority {

using store::CredentialOwner;

TimestampService::TimestampService(store::Database& database,
                                   ModulePort& modules,
                                   const Clock& clock,
                                   const pki::SigningContext& context,
                                   std::string policy)
    : database_(database),
      modules_(modules),
      clock_(clock),
      context_(context),
      policy_(std::move(policy)) {}

bool TimestampService::is_ready() const {
    return find_service_key(database_, CredentialOwner::tsa, clock_.now_ms()).has_value();
}

Result<Bytes> TimestampService::authority() const {
    TRY_ASSIGN(auto key, find_service_key(database_, CredentialOwner::tsa, clock_.now_ms()));
    return key.issuer_certificate;
}

Result<std::shared_ptr<TimestampService::Makers>> TimestampService::makers() {
    constexpr std::int64_t look_again_ms = 1000;
    const auto now = clock_.now_ms();
    {
        const std::lock_guard lock(mutex_);
        if (makers_ && now >= looked_up_ms_ && now - looked_up_ms_ < look_again_ms) {
            return makers_;
        }
    }
    TRY_ASSIGN(auto key, find_service_key(database_, CredentialOwner::tsa, now));
    const std::lock_guard lock(mutex_);
    if (!makers_ || makers_->key.certificate != key.certificate) {  // renewed, or another key
        makers_ = std::make_shared<Makers>();
        makers_->key = std::move(key);
    }
    looked_up_ms_ = now;
    return makers_;
}

Result<std::unique_ptr<pki::TimestampMaker>> TimestampService::take(Makers& makers) {
    {
        const std::lock_guard lock(makers.mutex);
        if (!makers.idle.empty()) {
            auto maker = std::move(makers.idle.back());
            makers.idle.pop_back();
            return maker;
        }
    }
    const auto& key = makers.key;
    return pki::TimestampMaker::create(
        context_, {key.spki, key.algorithm, key.certificate, key.issuer_certificate, policy_});
}

Result<pki::TimestampAnswer> TimestampService::answer(const Bytes& request) {
    const hsm::sync::Place place(at_once_);
    if (place.number() > at_once_max) {
        return Error{ErrorKind::busy, "the time-stamping authority is busy", 1};
    }
    TRY_ASSIGN(auto of_key, makers());
    TRY_ASSIGN(auto maker, take(*of_key));
    const auto sign = [&](const Bytes& info, const Bytes& attributes) -> Result<Bytes> {
        const auto& key = of_key->key;
        const auto made = modules_.sign_service({key.blob, key.algorithm, info, attributes});
        if (!made) {
            return module_error(made.error());
        }
        return *made;
    };
    auto answer = maker->answer(request, clock_.now_ms(), sign);
    const std::lock_guard lock(of_key->mutex);
    of_key->idle.push_back(std::move(maker));
    return answer;
}

}  // namespace cloudsign::authority
