#pragma once

#include "firmware/activation/batch_slots.h"
#include "firmware/activation/used_window.h"

namespace firmware::activation {

// One occurrence of an activation: this leaf, of so many.
struct Occurrence {
    std::uint64_t sequence = 0;
    std::uint64_t expiry_ms = 0;
    std::uint32_t leaf_index = 0;
    std::uint32_t leaf_count = 0;
};

// Window and slots together: each leaf of an opened activation can be spent once.
template <std::size_t sequences, std::size_t block, std::size_t slots>
class SpentLedger {
public:
    using Slots = BatchSlots<slots>;

    // What find() saw; only good for the next spend().
    struct Place {
        typename Slots::Place batch;
    };

    Result<std::uint64_t> open(std::uint64_t now_ms, std::uint64_t expiry_ms) {
        return window_.open(now_ms, expiry_ms);
    }

    // Changes nothing: `activation_expired`, `activation_spent`, `leaf_index_wrong`, `busy`.
    Result<Place> find(const Occurrence& occurrence, std::uint64_t now_ms) const {
        if (now_ms >= occurrence.expiry_ms) {
            return Status::activation_expired;
        }
        if (occurrence.leaf_index >= occurrence.leaf_count ||
            occurrence.leaf_count > hsm::protocol::leaf_count_max) {
            return Status::leaf_index_wrong;
        }
        TRY(window_.check_unspent(occurrence.sequence));
        if (occurrence.leaf_count == 1) {
            return Place{};
        }
        TRY_ASSIGN(auto batch, slots_.find(occurrence.sequence, occurrence.leaf_index, now_ms));
        return Place{batch};
    }

    void spend(const Place& place, const Occurrence& occurrence) {
        if (occurrence.leaf_count > 1 &&
            slots_.spend(place.batch,
                         occurrence.sequence,
                         occurrence.leaf_index,
                         occurrence.leaf_count,
                         occurrence.expiry_ms) == Slots::Progress::leaves_left) {
            return;
        }
        window_.spend(occurrence.sequence);
    }

private:
    UsedWindow<sequences, block> window_;
    Slots slots_;
};

}  // namespace firmware::activation
