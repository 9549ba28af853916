#include "firmware/command/commands.h"
#include "firmware/engine/algorithm.h"
#include "firmware/engine/digest.h"
#include "firmware/hardening/decision.h"
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

Digest request_hash(const wire::GenerateKeyRequest& request) {
    const std::array<Byte, 2> numbers = {static_cast<Byte>(request.kind),
                                         static_cast<Byte>(request.key_type)};
    const ByteView parts[] = {numbers, request.policy};
    return engine::sha256(parts);
}

// Whether the engine is free for this request, or at it.
bool claim_engine(Core& core, const wire::GenerateKeyRequest& request) {
    auto& pending = core.pending_key;
    const auto hash = request_hash(request);
    if (pending.begun && pending.request != hash) {
        return false;
    }
    pending = {true, hash, core.clock.tick_ms()};
    return true;
}

Result<void> generate_pair(Core& core,
                           const wire::GenerateKeyRequest& request,
                           engine::SealedKey& out) {
    if (!wire::is_rsa(request.key_type)) {
        return generate_tested(core, request.key_type, out);
    }
    if (!claim_engine(core, request)) {
        return Status::busy;
    }
    const auto made = generate_tested(core, request.key_type, out);
    if (made || made.error() != Status::busy) {
        core.pending_key.begun = false;
    }
    return made;
}

}  // namespace

Result<wire::GenerateKeyResponse> generate_key(Core& core,
                                               const wire::GenerateKeyRequest& request) {
    hardening::Decision allowed;
    TRY(allowed.make([&]() -> Result<void> {
        TRY(keystore::check_policy(request.policy, request.kind, core.group.configuration()));
        return {};
    }));
    TRY(core.log.check_room());

    auto& sealed = core.workspace.sealed;
    TRY(generate_pair(core, request, sealed));

    wire::KeyHeader header;
    header.epoch = core.group.epoch();
    header.kind = request.kind;
    header.key_type = request.key_type;
    header.policy = request.policy;
    header.spki = sealed.spki;
    const ByteView spki[] = {sealed.spki};
    header.key_id = engine::sha256(spki);
    allowed.require();
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

Work work(Core& core) {
    auto& pending = core.pending_key;
    if (!pending.begun) {
        return Work::none;
    }
    const bool forgotten = core.clock.tick_ms() - pending.asked_ms > pending_key_ms_max;
    if (forgotten || core.state != State::operational) {
        core.engine.drop_generation();
        pending.begun = false;
        return Work::none;
    }
    return core.engine.work() ? Work::more : Work::waiting;
}

}  // namespace firmware::command
