#pragma once

#include <filesystem>
#include <functional>

#include "hsm/softphone/authenticator.h"
#include "hsm/softphone/phone_state.h"

namespace hsm::softphone {

struct NewPhone {
    PhoneRole role = PhoneRole::signer;
    std::string name;
    std::string rp_id;
    std::string origin;
    Backup backup = Backup::single_device;
};

// The phone's file, readable by its owner only. Each change is made under a lock beside it and
// replaces the file as a whole, durably: after a crash it holds the state before or after.
class PhoneStore {
public:
    // Makes the passkey. `store` when the file exists already.
    static Outcome<PhoneStore> create(const std::filesystem::path& path, const NewPhone& phone);
    // `store` when it is missing, unreadable, or open to other users.
    static Outcome<PhoneStore> open(const std::filesystem::path& path);

    const PhoneState& state() const { return state_; }
    const Passkey& passkey() const { return passkey_; }
    const std::filesystem::path& path() const { return path_; }
    Backup backup() const;

    // Applies `change` to what the file holds now, writes it, and shows the result in state().
    // The passkey does not change.
    Outcome<void> update(const std::function<void(PhoneState&)>& change);

    // What a device session needs: `url` is https://host[:port], `session` the bearer.
    Outcome<void> set_session(const ServerLink& server);

    // Counts this use of the passkey, durably, then asserts the challenge under the phone's own
    // rpId and origin. The caller has shown to the person what the challenge stands for.
    Outcome<OwnedAssertion> assert_challenge(const Digest& challenge,
                                             const std::function<void(PhoneState&)>& change = {});

private:
    PhoneStore(std::filesystem::path path, PhoneState state, Passkey passkey);

    std::filesystem::path path_;
    PhoneState state_;
    Passkey passkey_;
};

// First start: makes a phone and answers its public point. The same as PhoneStore::create().
Outcome<protocol::Point> create_store(const std::filesystem::path& path, const NewPhone& phone);

}  // namespace hsm::softphone
