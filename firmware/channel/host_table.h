#pragma once

#include "hsm/protocol/psk_file.h"

namespace firmware::channel {

// A host that may connect: its name on the wire, what it may ask for, and its key.
struct HostIdentity {
    hsm::BoundedBytes<hsm::protocol::identity_size_max> name;
    hsm::protocol::Role role = hsm::protocol::Role::auditor;
    hsm::Secret<hsm::protocol::psk_size> secret;
    bool withdrawn = false;  // may connect no more, and its sessions end
};

// The pre-shared keys of every host identity. Never shrinks: sessions point at their host.
class HostTable {
public:
#ifdef __linux__
    static constexpr std::size_t size_max = 16;
#else
    static constexpr std::size_t size_max = 8;
#endif

    // `malformed` for a name that is no identity, one already here, or a key that is not psk_size
    // long; `table_full`.
    hsm::Result<void> add(std::string_view name,
                          hsm::protocol::Role role,
                          hsm::Secret<hsm::protocol::psk_size> secret);

    // The hosts are those of `wanted` from now on: a key that differs is for the next handshake,
    // sessions go on; who is not there is withdrawn. `table_full`, with nothing changed, when names
    // ever seen are too many.
    hsm::Result<void> replace(const HostTable& wanted);

    // Until the first add(), the identity that everybody knows may connect, as an operator: how a
    // board that came out of its box is told its hosts (hal/PORTING.md "Bring-up").
    void allow_bring_up();

    // nullptr for a name that is not here. Names are public: the comparison may take its time.
    const HostIdentity* find(std::string_view name) const;

    std::size_t size() const {
        return size_;
    }

private:
    HostIdentity* slot_of(std::string_view name);

    std::array<HostIdentity, size_max> hosts_{};
    HostIdentity bring_up_;
    bool bring_up_allowed_ = false;
    std::size_t size_ = 0;
};

}  // namespace firmware::channel
