#include "hsm/protocol/activation.h"
#include "hsm/protocol/audit_record.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"
#include "tests/fuzz/protocol/same_bytes.h"

namespace {

using namespace hsm::protocol;

void check_details(hsm::ByteView bytes) {
    fuzz::check_map<StartedDetails>(bytes);
    fuzz::check_map<ProvisionedDetails>(bytes);
    fuzz::check_map<KeyGeneratedDetails>(bytes);
    fuzz::check_map<KeyChangedDetails>(bytes);
    fuzz::check_map<KeyRevokedDetails>(bytes);
    fuzz::check_map<SignedDetails>(bytes);
    fuzz::check_map<LogReleasedDetails>(bytes);
    fuzz::check_map<UpdateApprovedDetails>(bytes);
}

void check_statement(hsm::ByteView bytes) {
    fuzz::check_tagged<ChallengePreimage>(bytes);
    fuzz::check_tagged<Context>(bytes);
    fuzz::check_tagged<BindStatement>(bytes);
    fuzz::check_tagged<RebindStatement>(bytes);
    fuzz::check_tagged<RevokeKeyStatement>(bytes);
    fuzz::check_tagged<ProvisionStatement>(bytes);
    fuzz::check_tagged<RevocationStatement>(bytes);
    fuzz::check_tagged<RevokedStatement>(bytes);
    fuzz::check_tagged<AttestationStatement>(bytes);
    fuzz::check_tagged<HeadStatement>(bytes);
    fuzz::check_tagged<ReceiptStatement>(bytes);
    fuzz::check_tagged<UpdateStatement>(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    const hsm::ByteView bytes(input, size);
    check_statement(bytes);
    check_details(bytes);
    fuzz::check_map<AuditRecord>(bytes);
    if (const auto record = decode<AuditRecord>(bytes)) {
        check_details(record->details);
    }
    if (const auto decoded = decode_signed(bytes)) {
        fuzz::check_same(encode_signed(*decoded, fuzz::buffer), bytes);
        check_statement(decoded->statement);
        fuzz::check_map<AuditRecord>(decoded->statement);
    }
    return 0;
}
