#include "firmware/command/custodian_signatures.h"

namespace firmware::command {

namespace wire = hsm::protocol;

namespace {

// A custodian's key signs the statement itself; it is no passkey.
Result<void> check_custodian(Core& core,
                             const wire::Point& custodian,
                             const Digest& statement_hash,
                             ByteView signature) {
    auto verified = core.engine.verify_p256(custodian, statement_hash, signature);
    if (!verified) {
        return verified.error() == Status::signature_wrong ? Status::custodian_wrong
                                                           : verified.error();
    }
    return {};
}

}  // namespace

Result<void> check_custodians(Core& core,
                              const wire::GroupConfiguration& group,
                              const Digest& statement_hash,
                              const CustodianSignatures& signatures) {
    if (signatures.size() != group.custodians.size()) {
        return Status::custodian_wrong;
    }
    std::size_t signed_by = 0;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        if (!signatures[i].empty()) {
            TRY(check_custodian(core, group.custodians[i], statement_hash, signatures[i]));
            ++signed_by;
        }
    }
    return signed_by >= group.custodians_needed ? Result<void>() : Status::custodian_wrong;
}

}  // namespace firmware::command
