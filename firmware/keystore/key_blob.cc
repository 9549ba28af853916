#include "firmware/keystore/key_blob.h"

#include "firmware/engine/digest.h"
#include "firmware/keystore/policy.h"

namespace firmware::keystore {

Result<ByteView> seal_blob(engine::Engine& engine,
                           const KeyHeader& header,
                           ByteView wrapped,
                           MutableBytes buffer) {
    std::array<hsm::Byte, hsm::protocol::header_size_max> header_buffer{};
    TRY_ASSIGN(auto header_bytes, hsm::protocol::encode(header, header_buffer));
    TRY_ASSIGN(auto authenticated,
               hsm::protocol::encode_blob_authenticated(header_bytes, wrapped, buffer));
    const ByteView parts[] = {authenticated};
    TRY_ASSIGN(auto mac, engine.epoch_mac(header.epoch, parts));
    return hsm::protocol::encode_blob_finish(authenticated.size(), mac, buffer);
}

Result<VerifiedBlob> verify_blob(engine::Engine& engine, std::uint32_t epoch, ByteView blob) {
    TRY_ASSIGN(auto decoded, hsm::protocol::decode_blob(blob));
    if (decoded.header.epoch != epoch) {
        return Status::blob_epoch_unknown;
    }
    const ByteView parts[] = {decoded.authenticated};
    TRY_ASSIGN(auto mac, engine.epoch_mac(epoch, parts));
    if (!hsm::equal_constant_time(mac, decoded.mac)) {
        return Status::blob_mac_wrong;
    }

    // From here on the bytes are our own; what does not hold now was never sealed by this code.
    const ByteView spki[] = {decoded.header.spki};
    if (engine::sha256(spki) != decoded.header.key_id) {
        return Status::blob_malformed;
    }
    auto policy = hsm::protocol::decode<Policy>(decoded.header.policy);
    if (!policy || policy->points.size() != policy->backup_eligible.size()) {
        return Status::blob_malformed;
    }
    return VerifiedBlob{
        decoded.header, decoded.wrapped, *policy, policy_hash(decoded.header.policy)};
}

}  // namespace firmware::keystore
