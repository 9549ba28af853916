#pragma once

#include "tests/support/bare_module.h"

namespace tests::hostile {

// What a request can change in a module, but for the ledger of spent activations, which is large.
struct Snapshot {
    explicit Snapshot(support::BareModule& module)
        : operations(module.flash_operations()),
          state(module.core().state),
          boot_counter(module.core().boot_counter),
          epoch(module.core().group.epoch()),
          previous_epoch(module.core().group.previous_epoch()),
          configuration(module.core().group.configuration_hash()),
          table_cursor(module.core().table_progress.next),
          last_index(module.core().log.last_index()),
          chain(module.core().log.chain_hash()),
          results(module.core().results.size()),
          keys(module.core().store.key_count()),
          transcript(module.core().ceremony.transcript()),
          shares(module.core().ceremony.shares_taken()) {}

    friend bool operator==(const Snapshot&, const Snapshot&) = default;

    std::uint64_t operations;  // of the flash: not one program, erase or sync
    hsm::protocol::State state;
    std::uint64_t boot_counter;
    std::uint32_t epoch;
    std::uint32_t previous_epoch;
    hsm::Digest configuration;
    std::uint64_t table_cursor;
    std::uint64_t last_index;
    hsm::Digest chain;
    std::size_t results;
    std::size_t keys;
    hsm::Digest transcript;  // of the ceremony that is open
    std::uint8_t shares;
};

}  // namespace tests::hostile
