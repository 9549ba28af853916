#include "tests/hostile/matrix/hostile_target.h"
#include "tests/support/module_fixture.h"

namespace {

using namespace tests::hostile;
using namespace tests::support;

People three_officers() {
    People people;
    people.officers = std::vector<Passkey>(3);
    people.officers_needed = 2;
    return people;
}

HostileModule hostile_module(InProcessModule& module) {
    return {module.target(),
            [&module] { module.stop(); },
            [&module] { module.start(); },
            module.store_file()};
}

TEST(HostileMatrix, FindsNoSignatureInTheCore) {
    ModuleGroup group(2, three_officers());
    HostileTarget target{"in process",
                         group.people,
                         hostile_module(group[0]),
                         hostile_module(group[1]),
                         [&](std::uint64_t lifetime_ms) { group.clock.now_ms += lifetime_ms; }};

    run_hostile_matrix(target);
}

}  // namespace
