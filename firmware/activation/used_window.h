#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::activation {

using hsm::Result;
using hsm::Status;

// Which activations are spent: one bit for each of the last `sequences` sequence numbers, in a
// ring of blocks of `block` numbers. A block is used again only when the latest expiry in it has
// passed: an attacker who opens activations as fast as the module allows makes it answer `busy`,
// and never makes it forget a spent one that has not expired.
template <std::size_t sequences, std::size_t block>
class UsedWindow {
public:
    static constexpr std::size_t block_count = sequences / block;
    static_assert(block_count >= 2 && block_count * block == sequences && block % 8 == 0);

    // The next sequence number, for an activation that expires at `expiry_ms`. `busy`, with
    // nothing changed, while the oldest block holds an unexpired activation.
    Result<std::uint64_t> open(std::uint64_t now_ms, std::uint64_t expiry_ms) {
        const auto slot = slot_of(next_);
        if (next_ % block == 0) {
            if (next_ >= sequences && latest_expiry_ms_[slot] > now_ms) {
                return Status::busy;
            }
            std::ranges::fill(bits_of(slot), hsm::Byte{0});
            latest_expiry_ms_[slot] = 0;
        }
        latest_expiry_ms_[slot] = std::max(latest_expiry_ms_[slot], expiry_ms);
        return next_++;
    }

    // `activation_spent` for a bit that is set; for a number that the window has left behind, or
    // that was never given, `activation_expired`: neither can be proved unspent.
    Result<void> check_unspent(std::uint64_t sequence) const {
        if (!holds(sequence)) {
            return Status::activation_expired;
        }
        const auto offset = sequence % sequences;
        if ((bits_[offset / 8] >> (offset % 8) & 1u) != 0) {
            return Status::activation_spent;
        }
        return {};
    }

    // The number is in the window and unspent, as check_unspent() said just before.
    void spend(std::uint64_t sequence) {
        CHECK(holds(sequence));
        const auto offset = sequence % sequences;
        bits_[offset / 8] = static_cast<hsm::Byte>(bits_[offset / 8] | 1u << (offset % 8));
    }

private:
    static std::size_t slot_of(std::uint64_t sequence) {
        return static_cast<std::size_t>(sequence / block % block_count);
    }
    hsm::MutableBytes bits_of(std::size_t slot) {
        return hsm::MutableBytes(bits_).subspan(slot * (block / 8), block / 8);
    }
    bool holds(std::uint64_t sequence) const {
        return sequence < next_ && sequence / block + block_count > (next_ - 1) / block;
    }

    std::uint64_t next_ = 0;
    std::array<std::uint64_t, block_count> latest_expiry_ms_{};
    std::array<hsm::Byte, sequences / 8> bits_{};
};

}  // namespace firmware::activation
