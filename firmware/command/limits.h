#pragma once

#include <cstddef>
#include <cstdint>

namespace firmware::command {

// An RSA key that its host has not asked for for so long is dropped.
inline constexpr std::uint64_t pending_key_ms_max = 60'000;

// How much an image remembers at once. Each of these answers `busy`, `log_full` or `table_full`
// when it is used up, and then nothing has changed.
struct Limits {
    std::size_t window_sequences;       // activations that can be told spent from unspent
    std::size_t window_block;           // how many of them the window forgets together
    std::size_t batch_slots;            // batches with some leaves spent and some not
    std::size_t results;                // signatures made and not acknowledged
    std::uint32_t log_room_kept;        // bytes, for the records that make a full log usable again
    std::uint32_t services_per_second;  // signatures that nobody approves
};

inline constexpr Limits linux_limits{1u << 20, 1u << 10, 1024, 8192, 16384, 8192};
inline constexpr Limits board_limits{1u << 14, 1u << 10, 32, 64, 16384, 32};

#ifdef __linux__
inline constexpr Limits limits = linux_limits;
#else
inline constexpr Limits limits = board_limits;
#endif

}  // namespace firmware::command
