#pragma once

#include "hsm/protocol/types.h"

namespace firmware::activation {

using hsm::Result;
using hsm::Status;

// Which leaves of a batch are spent: one bit for each of up to 1,024. A batch takes a slot with
// its first signature and keeps it until its last leaf is spent or it has expired.
template <std::size_t slots>
class BatchSlots {
public:
    // Where a leaf's bit will be set: an answer of find() that only spend() uses.
    struct Place {
        std::size_t slot = 0;
    };

    // Changes nothing. `activation_spent` when the leaf's bit is set, `busy` when the batch has no
    // slot yet and none is free. `leaf_index` < leaf_count_max.
    Result<Place> find(std::uint64_t sequence,
                       std::uint32_t leaf_index,
                       std::uint64_t now_ms) const {
        std::size_t vacant = slots;
        for (std::size_t i = 0; i < slots; ++i) {
            const auto& slot = slots_[i];
            if (slot.used && slot.sequence == sequence) {
                if ((slot.bits[leaf_index / 8] >> (leaf_index % 8) & 1u) != 0) {
                    return Status::activation_spent;
                }
                return Place{i};
            }
            // An expired batch can be refused without its bits: expiry is checked before them.
            if (vacant == slots && (!slot.used || slot.expiry_ms <= now_ms)) {
                vacant = i;
            }
        }
        if (vacant == slots) {
            return Status::busy;
        }
        return Place{vacant};
    }

    enum class Progress : std::uint8_t { leaves_left, all_spent };

    // `place` is what find() answered for the same arguments just before. With the last leaf the
    // slot is free again: the caller has to mark the whole activation spent.
    Progress spend(Place place,
                   std::uint64_t sequence,
                   std::uint32_t leaf_index,
                   std::uint32_t leaf_count,
                   std::uint64_t expiry_ms) {
        CHECK(leaf_index < leaf_count && leaf_count <= hsm::protocol::leaf_count_max);
        auto& slot = slots_[place.slot];
        if (!slot.used || slot.sequence != sequence) {
            slot = {};
            slot.used = true;
            slot.sequence = sequence;
            slot.expiry_ms = expiry_ms;
        }
        auto& bits = slot.bits[leaf_index / 8];
        CHECK((bits >> (leaf_index % 8) & 1u) == 0);
        bits = static_cast<hsm::Byte>(bits | 1u << (leaf_index % 8));
        if (++slot.spent_count < leaf_count) {
            return Progress::leaves_left;
        }
        slot = {};
        return Progress::all_spent;
    }

private:
    struct Slot {
        bool used = false;
        std::uint32_t spent_count = 0;
        std::uint64_t sequence = 0;
        std::uint64_t expiry_ms = 0;
        std::array<hsm::Byte, hsm::protocol::leaf_count_max / 8> bits{};
    };

    std::array<Slot, slots> slots_{};
};

}  // namespace firmware::activation
