#pragma once

#include "firmware/engine/engine.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"

namespace firmware::keystore {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

// What modules of a group tell each other through hosts that neither believes: a statement of
// hsm/protocol/statement.h under the epoch's MAC key. The MAC is over 0x00 ‖ statement; a key
// blob's authenticated bytes begin with 0x83, so that neither can be taken for the other.
Result<Digest> group_mac(engine::Engine& engine, std::uint32_t epoch, ByteView statement);

// [statement, mac] in `buffer`.
template <class Statement>
Result<ByteView> seal_statement(engine::Engine& engine,
                                std::uint32_t epoch,
                                const Statement& statement,
                                MutableBytes buffer) {
    std::array<hsm::Byte, 160> statement_buffer{};
    TRY_ASSIGN(auto encoded, hsm::protocol::encode_tagged(statement, statement_buffer));
    TRY_ASSIGN(auto mac, group_mac(engine, epoch, encoded));
    return hsm::protocol::encode_signed({encoded, mac}, buffer);
}

// The inner bytes of [statement, mac], when the MAC is right; `acknowledgement_wrong`.
Result<ByteView> open_group_bytes(engine::Engine& engine, std::uint32_t epoch, ByteView sealed);

template <class Statement>
Result<Statement> open_statement(engine::Engine& engine, std::uint32_t epoch, ByteView sealed) {
    TRY_ASSIGN(auto encoded, open_group_bytes(engine, epoch, sealed));
    auto statement = hsm::protocol::decode_tagged<Statement>(encoded);
    if (!statement) {
        return Status::acknowledgement_wrong;
    }
    return statement;
}

}  // namespace firmware::keystore
