#include "tests/bench/phone.h"

#include "tests/bench/failure.h"

namespace bench {

using hsm::softphone::Item;
using hsm::softphone::KnownKey;
using hsm::softphone::Passkey;
using hsm::softphone::PhoneState;

Phone Phone::open(const std::string& file, std::string credential_id) {
    const auto store = need(hsm::softphone::PhoneStore::open(file), "phone");
    return {std::move(credential_id),
            store.state(),
            need(Passkey::from_pem(store.state().private_key), file)};
}

Phone Phone::of(const Subscriber& subscriber, const Place& place) {
    PhoneState state;
    state.name = subscriber.name;
    state.rp_id = place.rp_id;
    state.origin = place.origin;
    state.server.session = subscriber.session;
    return {subscriber.credential_id,
            std::move(state),
            need(Passkey::from_pem(passkey_pem(subscriber.passkey)), "passkey")};
}

hsm::softphone::OwnedAssertion Phone::approve(const Item& item) {
    if (state_.keys.empty()) {
        KnownKey key;
        key.key_id = item.activation.key_id;
        key.policy_hash = item.activation.policy_hash;
        key.subject = item.subject;
        key.credential_id = credential_id_;
        state_.keys.push_back(std::move(key));
    }
    const auto checked = need(
        hsm::softphone::check_item(item, state_, passkey_.thumbprint(), hsm::softphone::now_ms()),
        "check");
    return passkey_.make_assertion(checked.challenge, {state_.rp_id, state_.origin});
}

}  // namespace bench
