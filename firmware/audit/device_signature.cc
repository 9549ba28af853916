#include "firmware/audit/device_signature.h"

namespace firmware::audit {

Result<ByteView> sign_receipt(engine::Engine& engine,
                              const Digest& module_id,
                              ByteView record,
                              MutableBytes statement_buffer,
                              MutableBytes buffer) {
    const hsm::protocol::ReceiptStatement statement{module_id, record};
    TRY_ASSIGN(auto encoded, hsm::protocol::encode_tagged(statement, statement_buffer));
    const ByteView parts[] = {encoded};
    engine::DerSignature signature;
    TRY(engine.identity_sign(engine::sha256(parts), signature));
    return hsm::protocol::encode_signed({record, signature}, buffer);
}

}  // namespace firmware::audit
