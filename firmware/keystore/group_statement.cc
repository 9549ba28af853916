#include "firmware/keystore/group_statement.h"

namespace firmware::keystore {

Result<Digest> group_mac(engine::Engine& engine, std::uint32_t epoch, ByteView statement) {
    constexpr hsm::Byte statement_domain[] = {0x00};
    const ByteView parts[] = {statement_domain, statement};
    return engine.epoch_mac(epoch, parts);
}

Result<ByteView> open_group_bytes(engine::Engine& engine, std::uint32_t epoch, ByteView sealed) {
    const auto decoded = hsm::protocol::decode_signed(sealed);
    if (!decoded) {
        return Status::acknowledgement_wrong;
    }
    TRY_ASSIGN(auto mac, group_mac(engine, epoch, decoded->statement));
    if (!hsm::equal_constant_time(mac, decoded->signature)) {
        return Status::acknowledgement_wrong;
    }
    return decoded->statement;
}

}  // namespace firmware::keystore
