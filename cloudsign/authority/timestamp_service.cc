#include "cloudsign/authority/timestamp_service.h"

#include "cloudsign/module_error.h"

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

Result<pki::TimestampAnswer> TimestampService::answer(const Bytes& request) {
    const auto leave = [this](const void*) { --at_once_; };
    const std::unique_ptr<const void, decltype(leave)> place(this, leave);
    if (++at_once_ > at_once_max) {
        return Error{ErrorKind::busy, "the time-stamping authority is busy", 1};
    }
    TRY_ASSIGN(auto key, find_service_key(database_, CredentialOwner::tsa, clock_.now_ms()));
    const pki::TimestampSigner signer{
        key.spki, key.algorithm, [&](const Bytes& info, const Bytes& attributes) -> Result<Bytes> {
            const auto made = modules_.sign_service({key.blob, key.algorithm, info, attributes});
            if (!made) {
                return module_error(made.error());
            }
            return *made;
        }};
    return pki::answer_timestamp(
        context_,
        signer,
        {key.certificate, key.issuer_certificate, policy_, clock_.now_ms()},
        request);
}

}  // namespace cloudsign::authority
