#pragma once

#include "firmware/engine/digest.h"
#include "firmware/engine/engine.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"

namespace firmware::audit {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;

// [statement, signature] in `buffer`: the device identity key over SHA-256 of the statement.
// Heads and attestations. `statement_buffer` holds the encoded statement meanwhile.
template <class Statement>
Result<ByteView> sign_statement(engine::Engine& engine,
                                const Statement& statement,
                                MutableBytes statement_buffer,
                                MutableBytes buffer) {
    TRY_ASSIGN(auto encoded, hsm::protocol::encode_tagged(statement, statement_buffer));
    const ByteView parts[] = {encoded};
    engine::DerSignature signature;
    TRY(engine.identity_sign(engine::sha256(parts), signature));
    return hsm::protocol::encode_signed({encoded, signature}, buffer);
}

// A receipt, [record, signature], in `buffer`: PROTOCOL.md "Receipts".
Result<ByteView> sign_receipt(engine::Engine& engine,
                              const Digest& module_id,
                              ByteView record,
                              MutableBytes statement_buffer,
                              MutableBytes buffer);

}  // namespace firmware::audit
