#include "tests/hostile/matrix/matrix.h"
#include "tests/support/raw_cbor.h"

namespace tests::hostile {
namespace {

const Statuses malformed = {Status::malformed};

void broken(Matrix& matrix, const std::string& name, const Bytes& request) {
    for (const auto& form : broken_forms(request)) {
        // A wrong command code names another command, or none.
        const bool at_head = form.what.starts_with("message.0 ");
        const bool role = at_head || form.what.starts_with("message ");
        matrix.refused(matrix.target.first.send,
                       name + ": " + form.what,
                       form.request,
                       role ? Statuses{Status::malformed,
                                       Status::unknown_command,
                                       Status::wrong_state,
                                       Status::wrong_role}
                            : malformed);
    }
}

// Values that may differ without anything being wrong: how the host numbers requests and what time
// it says that it is.
bool is_free(const CborItem& item, const std::string& host_time_path) {
    return item.path == "message.1" || item.path == host_time_path;
}

Statuses refusals_of(const std::string& path) {
    Statuses all = {Status::malformed};
    const auto add = [&](std::initializer_list<Status> more) {
        all.insert(all.end(), more.begin(), more.end());
    };
    if (path == "message.2.1") {
        add({Status::blob_malformed, Status::blob_mac_wrong, Status::blob_epoch_unknown});
    } else if (path == "message.2.2" || path == "message.2.3") {
        add({Status::activation_mac_wrong});
    } else if (path.starts_with("message.2.4")) {
        add({Status::assertion_malformed,
             Status::assertion_client_data_wrong,
             Status::assertion_rp_id_wrong,
             Status::assertion_flags_wrong,
             Status::assertion_backup_wrong,
             Status::assertion_key_unknown,
             Status::assertion_signature_wrong});
    } else {
        add({Status::leaf_index_wrong, Status::leaf_path_wrong, Status::algorithm_wrong});
    }
    return all;
}

// Each value of a right `sign`, changed and well-formed.
void changed_sign(Matrix& matrix, const Bytes& request) {
    for (const auto& item : items_of(request)) {
        if (is_free(item, "message.2.9")) {
            continue;
        }
        const bool is_body_value =
            item.path.starts_with("message.2.") && item.path.find("key") == std::string::npos;
        for (const auto& form : changed_values(request, item)) {
            matrix.refused(matrix.target.first.send,
                           "sign: " + form.what,
                           form.request,
                           is_body_value ? refusals_of(item.path)
                                         : Statuses{Status::malformed,
                                                    Status::unknown_command,
                                                    Status::wrong_state,
                                                    Status::wrong_role});
        }
    }
}

struct Named {
    std::string name;
    Bytes request;
};

// One right request of each command (right in form: most are refused for what they say).
std::vector<Named> requests(Matrix& matrix, const Signing& signing) {
    const auto& victim = matrix.victim();
    const auto sign = signing.request();
    const Bytes sealed(80, 0x42);
    wire::BindRequest bind{victim.unbound, sign.preimage, sign.mac, sign.assertions, 1000};
    wire::RebindPrepareRequest rebind{
        victim.blob, sign.preimage, sign.mac, sign.assertions, victim.policy, 1000};
    wire::RebindFinishRequest finish{victim.blob, victim.policy, {}, 1000};
    CHECK(finish.acknowledgements.push_back(sealed));
    wire::ProvisionRequest provision{
        victim.policy, victim.policy, {}, {}, wire::EpochMode::make, 1000};
    CHECK(provision.custodian_signatures.push_back(sealed));
    CHECK(provision.assertions.push_back(signing.assertions[0]));
    return {
        {"get_info", encoded(wire::GetInfoRequest{})},
        {"self_test", encoded(wire::SelfTestRequest{})},
        {"open_activation",
         encoded(wire::OpenActivationRequest{
             victim.blob, wire::Purpose::sign, es256, 1000, victim.subject_hash, {}, 1000})},
        {"sign", encoded(sign)},
        {"get_result", encoded(wire::GetResultRequest{signing.activation.challenge, 1000})},
        {"acknowledge", encoded(support::acknowledgement_of(signing.activation.challenge, 1000))},
        {"bind", encoded(bind)},
        {"rebind_prepare", encoded(rebind)},
        {"rebind_finish", encoded(finish)},
        {"revoke", encoded(wire::RevokeRequest{sealed, 1000})},
        {"attest_key", encoded(wire::AttestKeyRequest{victim.blob, {}})},
        {"audit_head", encoded(wire::AuditHeadRequest{{}, 1000})},
        {"audit_export", encoded(wire::AuditExportRequest{1000})},
        {"audit_release", encoded(wire::AuditReleaseRequest{1000})},
        {"generate_key",
         encoded(wire::GenerateKeyRequest{
             wire::KeyKind::person, wire::KeyType::p256, victim.policy, 1000})},
    };
}

void envelopes(Matrix& matrix, const Bytes& sign) {
    const auto& module = matrix.target.first.send;
    for (unsigned code = 0; code < 256; ++code) {
        if (wire::find_rule(code) == nullptr) {
            auto body = replaced(sign, items_of(sign)[1], support::cbor_head(0, code));
            matrix.refused(
                module, "command " + std::to_string(code), body, {Status::unknown_command});
        }
    }
    for (const auto& rule : wire::command_rules) {
        if (rule.command == wire::Command::sign) {
            continue;
        }
        const auto code = static_cast<std::uint64_t>(rule.command);
        matrix.refused(module,
                       "a sign's body as " + std::string(rule.name),
                       replaced(sign, items_of(sign)[1], support::cbor_head(0, code)),
                       {Status::malformed, Status::wrong_state, Status::wrong_role});
    }
    for (std::size_t copies = 2; copies <= 4; ++copies) {
        Bytes repeated;
        for (std::size_t i = 0; i < copies; ++i) {
            repeated.insert(repeated.end(), sign.begin(), sign.end());
        }
        matrix.refused(module, "messages one after another", repeated, malformed);
    }
    Bytes nested{0x83, 0x0d, 0x01};
    for (int depth = 0; depth < 200; ++depth) {
        nested.push_back(0x81);
    }
    matrix.refused(module, "arrays in arrays", nested, malformed);
}

}  // namespace

void structure_cases(Matrix& matrix) {
    const auto signing = matrix.approved(matrix.victim());
    const auto sign = encoded(signing.request());
    for (const auto& one : requests(matrix, signing)) {
        broken(matrix, one.name, one.request);
    }
    changed_sign(matrix, sign);
    envelopes(matrix, sign);

    // A batch has a path, which a single document has not.
    const auto batch = matrix.approved(matrix.victim(), 5);
    const auto second = encoded(batch.request(2));
    for (const auto& item : items_of(second)) {
        if (item.path != "message.2.8") {
            continue;
        }
        for (const auto& form : changed_values(second, item)) {
            matrix.refused(matrix.target.first.send,
                           "sign of a batch: " + form.what,
                           form.request,
                           refusals_of(item.path));
        }
    }
    matrix.signs(matrix.target.first.send, "batch untouched", batch.request(2));
    matrix.signs(matrix.target.first.send, "message untouched", signing.request());
}

}  // namespace tests::hostile
