#include "firmware/command/self_test.h"

#include "firmware/command/commands.h"

namespace firmware::command {

using hsm::protocol::SelfTest;

wire::SelfTestTimes self_test_times(const Core& core) {
    wire::SelfTestTimes times;
    for (std::size_t number = 1; number <= wire::self_test_count; ++number) {
        CHECK(times.push_back(core.self_tests.passed_at(static_cast<SelfTest>(number))));
    }
    return times;
}

Result<void> test_identity(Core& core) {
    const Digest hash = {0x5a};  // of nothing that anybody signs
    engine::DerSignature signature;
    TRY_ASSIGN(auto point, core.engine.identity_point());
    if (!core.engine.identity_sign(hash, signature) ||
        !core.engine.verify_p256(point, hash, signature)) {
        return core.self_tests.failed(SelfTest::pairwise);
    }
    return core.self_tests.passed(SelfTest::pairwise);
}

Result<wire::SelfTestResponse> self_test(Core& core, const wire::SelfTestRequest&) {
    TRY(core.self_tests.run_all());
    if (core.identity.known) {
        TRY(test_identity(core));
    }
    return wire::SelfTestResponse{self_test_times(core)};
}

}  // namespace firmware::command
