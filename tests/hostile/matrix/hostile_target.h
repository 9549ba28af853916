#pragma once

#include <filesystem>

#include "tests/support/module_target.h"

namespace tests::hostile {

// A module that the matrix is sent to: the core in this process, or kyso-module behind its link.
struct HostileModule {
    support::Target send;  // as the role `server`
    std::function<void()> stop;
    std::function<void()> start;  // with the same store, engine and identity, unlocked
    std::filesystem::path store_file;
};

// A provisioned group of two, with three officers of whom two are asked.
struct HostileTarget {
    std::string name;
    support::People people;
    HostileModule first;
    HostileModule second;
    // Returns when an activation of this lifetime, opened before, has expired in both.
    std::function<void(std::uint64_t lifetime_ms)> let_expire;
    // Of the cases that must be refused, one in so many is sent, drawn with the seed.
    std::uint64_t one_in = 1;
    std::uint64_t seed = 0;
};

// Sends every case of the matrix and looks at each answer (GoogleTest expectations).
void run_hostile_matrix(HostileTarget& target);

}  // namespace tests::hostile
