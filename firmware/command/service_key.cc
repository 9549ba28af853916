#include "firmware/command/service_key.h"

#include "firmware/command/approved_key.h"
#include "firmware/engine/algorithm.h"

namespace firmware::command {

namespace wire = hsm::protocol;

Result<keystore::VerifiedBlob> open_service_key(Core& core,
                                                ByteView blob,
                                                const wire::Algorithm& algorithm) {
    TRY_ASSIGN(auto key, open_blob(core, blob));
    const auto& header = key.header;
    if (header.version == 0) {
        return Status::blob_unbound;
    }
    TRY(check_bound_by_officer(core.group.configuration(), header));
    if (!engine::algorithm_fits(header.key_type, algorithm) ||
        algorithm.digest != wire::DigestAlgorithm::sha256) {
        return Status::algorithm_wrong;
    }
    TRY(core.self_tests.require(engine::tests_of(header.key_type, algorithm.scheme)));
    TRY(core.log.check_room());
    if (!core.service_rate.has_room(core.clock.tick_ms())) {
        return Status::busy;
    }
    return key;
}

Result<ByteView> sign_for_service(Core& core,
                                  const keystore::VerifiedBlob& key,
                                  const wire::Algorithm& algorithm,
                                  const Digest& hash,
                                  std::uint64_t host_time,
                                  wire::ServiceSignedDetails details) {
    core.service_rate.take();
    auto& signature = core.workspace.signature;
    signature = {};
    TRY(core.engine.sign_sealed(core.group.epoch(),
                                key.header.key_type,
                                key.wrapped,
                                key.header.spki,
                                algorithm,
                                hash,
                                signature));
    CHECK(hsm::equal(signature.verified_hash, hash));
    details.key_id = key.header.key_id;
    details.kind = key.header.kind;
    TRY(append_record(core, wire::RecordType::service_signed, host_time, details));
    return ByteView(signature);
}

}  // namespace firmware::command
