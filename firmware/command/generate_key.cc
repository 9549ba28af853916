#include "firmware/command/commands.h"
#include "firmware/engine/algorithm.h"
#include "firmware/engine/digest.h"
#include "firmware/keystore/key_blob.h"
#include "firmware/keystore/policy.h"

namespace firmware::command {
namespace {

// The engine tests each new pair; one that fails ends the module.
Result<void> generate_tested(Core& core, wire::KeyType type, engine::SealedKey& out) {
    TRY(core.self_tests.require(engine::tests_of(type, wire::Scheme::rsa_pkcs1)));
    const auto made = core.engine.generate_sealed(core.group.epoch(), type, out);
    if (made) {
        return core.self_tests.passed(wire::SelfTest::pairwise);
    }
    if (made.error() == Status::signature_wrong) {
        return core.self_tests.failed(wire::SelfTest::pairwise);
    }
    return made;
}

}  // namespace

Result<wire::GenerateKeyResponse> generate_key(Core& core,
                                               const wire::GenerateKeyRequest& request) {
    TRY(keystore::check_policy(request.policy, request.kind, core.group.configuration()));
    TRY(core.log.check_room());

    auto& sealed = core.workspace.sealed;
    TRY(generate_tested(core, request.key_type, sealed));

    wire::KeyHeader header;
    header.epoch = core.group.epoch();
    header.kind = request.kind;
    header.key_type = request.key_type;
    header.policy = request.policy;
    header.spki = sealed.spki;
    const ByteView spki[] = {sealed.spki};
    header.key_id = engine::sha256(spki);
    TRY_ASSIGN(auto blob,
               keystore::seal_blob(core.engine, header, sealed.wrapped, core.workspace.blob));

    TRY(append_record(
        core,
        wire::RecordType::key_generated,
        request.host_time,
        wire::KeyGeneratedDetails{
            header.key_id, header.kind, header.key_type, keystore::policy_hash(header.policy)}));
    return wire::GenerateKeyResponse{blob};
}

}  // namespace firmware::command
