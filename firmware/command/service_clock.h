#pragma once

#include "firmware/storage/log_store.h"

namespace firmware::command {

// What a module without a clock of the world knows about the time in a time-stamp: never before the
// latest one that this key signed, whatever starts came in between; and since the first one after
// the start, no other pace than that of its own ticks. Both within a second: a host has several
// requests under way, which do not come in order. A host whose clock was set cannot stamp before
// or after the fact.
class ServiceClock {
public:
    // `time_not_trusted`. Changes nothing.
    hsm::Result<void> check(storage::LogStore& store,
                            const hsm::Digest& key_id,
                            std::uint64_t tick_ms,
                            std::uint64_t time_ms) const;

    // `time_ms` is about to be signed; durable with the store's next sync.
    hsm::Result<void> note(storage::LogStore& store,
                           const hsm::Digest& key_id,
                           std::uint64_t tick_ms,
                           std::uint64_t time_ms);

    // How far a time may be from where the ticks put it: a second, and what a host's clock may gain
    // or lose while it is disciplined (about 244 in a million).
    static constexpr std::uint64_t slack_ms = 1000;
    static constexpr unsigned drift_shift = 12;

private:
    bool known_ = false;
    std::uint64_t tick_ms_ = 0;  // of the first time-stamp since the start
    std::uint64_t time_ms_ = 0;
};

// GeneralizedTime of RFC 3161 §2.4.2 ("YYYYMMDDhhmmss[.f…]Z", no trailing zero) in milliseconds
// since 1970 UTC, further digits cut off. `content_wrong`.
hsm::Result<std::uint64_t> read_generalized_time(hsm::ByteView text);

}  // namespace firmware::command
