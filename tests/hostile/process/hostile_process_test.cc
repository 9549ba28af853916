#include <thread>

#include <gtest/gtest.h>

#include "tests/hostile/matrix/wire_module.h"

namespace {

using namespace tests::hostile;
using namespace tests::support;

People three_officers() {
    People people;
    people.officers = std::vector<Passkey>(3);
    people.officers_needed = 2;
    return people;
}

// Every case of the matrix, over TLS to two processes on one SoftHSM token.
TEST(HostileProcess, FindsNoSignatureOverTheWire) {
    ScratchFolder folder;
    ProcessGroup group(folder.path(), TokenKind::softhsm, 2, three_officers());
    WireModule first(group[0]);
    WireModule second(group[1]);
    HostileTarget target{
        "kyso-module on softhsm",
        group.people,
        first.as_hostile(),
        second.as_hostile(),
        // Opened before this is called: real time is what it takes.
        [](std::uint64_t lifetime_ms) {
            std::this_thread::sleep_for(std::chrono::milliseconds(lifetime_ms + 1));
        }};

    run_hostile_matrix(target);
}

}  // namespace
