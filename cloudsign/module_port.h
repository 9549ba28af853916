#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "hsm/protocol/message.h"

namespace cloudsign {

// An activation that a module opened: what its challenge is made of, and the module's proof.
struct OpenedActivation {
    hsm::Digest module_id{};
    Bytes preimage;  // .cbor ChallengePreimage
    hsm::Digest mac{};
    hsm::Digest challenge{};
};

struct OpenCall {
    Bytes blob;
    hsm::protocol::Purpose purpose = hsm::protocol::Purpose::sign;
    hsm::protocol::Algorithm algorithm;
    std::uint32_t leaf_count = 1;
    hsm::Digest root{};
    hsm::Digest context_hash{};
    std::uint64_t lifetime_ms = 0;
};

// One leaf of an approved activation.
struct SignCall {
    Bytes blob;
    Bytes preimage;
    hsm::Digest mac{};
    std::vector<Bytes> assertions;  // .cbor Assertion
    std::uint32_t leaf_index = 0;
    Bytes hash;
    hsm::Digest label_hash{};
    Bytes path;
};

struct Signed {
    Bytes signature;
    Bytes receipt;
};

// An OCSP answer's ResponseData, or a TSTInfo with the signed attributes over it.
struct ServiceCall {
    Bytes blob;
    hsm::protocol::Algorithm algorithm;
    Bytes content;
    Bytes attributes;
};

struct ModuleInfo {
    hsm::Digest module_id{};
    hsm::protocol::State state = hsm::protocol::State::blank;
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;
    hsm::Digest firmware_hash{};
    std::uint64_t boot_counter = 0;
    std::uint32_t epoch = 0;
    Bytes identity_spki;
    Bytes device_certificate;
    Bytes configuration;  // .cbor GroupConfiguration
    std::uint64_t first_log_index = 0;
    std::uint64_t next_log_index = 0;
    unsigned log_fill_percent = 0;
    std::string engine;
    bool separated = false;                   // runs under a uid of its own
    hsm::protocol::SelfTestTimes self_tests;  // by number, in milliseconds since its start; 0: not
    std::string failed_self_test;             // empty when none has failed
    std::uint64_t self_test_failed_at = 0;
};

// The group of modules, as the product's rules see it. Calls block until the module has answered
// or a deadline has passed; each may be made from any thread. `server/app` fills this port with
// hsm/client; a Status that is not the module's own refusal is one of the host words (link_…).
class ModulePort {
public:
    ModulePort() = default;
    ModulePort(const ModulePort&) = delete;
    ModulePort& operator=(const ModulePort&) = delete;
    virtual ~ModulePort() = default;

    // Every member that answers now.
    virtual std::vector<ModuleInfo> members() = 0;

    // Has a member run its self-tests: `self_test_failed` ends it until its next start.
    virtual hsm::Result<void> self_test(const hsm::Digest& module_id) = 0;

    virtual hsm::Result<Bytes> generate_key(hsm::protocol::KeyKind kind,
                                            hsm::protocol::KeyType type,
                                            const Bytes& policy) = 0;
    // At a member of the port's choice; everything about this activation then goes to that one.
    virtual hsm::Result<OpenedActivation> open_activation(const OpenCall& call) = 0;
    virtual hsm::Result<Bytes> bind(const hsm::Digest& module_id,
                                    const Bytes& blob,
                                    const Bytes& preimage,
                                    const hsm::Digest& mac,
                                    const std::vector<Bytes>& assertions) = 0;

    // Sends all calls at once; answers in their order.
    virtual std::vector<hsm::Result<Signed>> sign(const hsm::Digest& module_id,
                                                  const std::vector<SignCall>& calls) = 0;
    virtual hsm::Result<Signed> get_result(const hsm::Digest& module_id,
                                           const hsm::Digest& challenge,
                                           std::uint32_t leaf_index) = 0;
    // Not waited for: an acknowledgement that is lost costs the module a table entry.
    virtual void acknowledge(const hsm::Digest& module_id,
                             const hsm::Digest& challenge,
                             std::uint32_t leaf_index) = 0;

    // Changes the activation keys in one go over the group: prepare at the activation's module,
    // revoke at every other member, finish. Answers the new blob.
    virtual hsm::Result<Bytes> rebind(const hsm::Digest& module_id,
                                      const Bytes& blob,
                                      const Bytes& preimage,
                                      const hsm::Digest& mac,
                                      const std::vector<Bytes>& assertions,
                                      const Bytes& new_policy) = 0;

    // What keys of services and issuers sign unattended (PROTOCOL.md "Services"), at any member.
    virtual hsm::Result<Bytes> sign_service(const ServiceCall& call) = 0;
    virtual hsm::Result<Bytes> sign_list(const Bytes& blob,
                                         const hsm::protocol::Algorithm& algorithm,
                                         const Bytes& list) = 0;

    // Ends the key on every member, as officers have approved: at the activation's module first.
    // May be repeated with the same blob until all have it.
    virtual hsm::Result<void> revoke_key(const hsm::Digest& module_id,
                                         const Bytes& blob,
                                         const Bytes& preimage,
                                         const hsm::Digest& mac,
                                         const std::vector<Bytes>& assertions) = 0;

    virtual hsm::Result<Bytes> attest_key(const Bytes& blob, const hsm::protocol::Nonce& nonce) = 0;
    virtual hsm::Result<Bytes> audit_head(const hsm::Digest& module_id,
                                          const hsm::protocol::Nonce& challenge) = 0;
    // Records from `from_index` on, as many as fit one message; none at the end of the log.
    virtual hsm::Result<std::vector<Bytes>> audit_export(const hsm::Digest& module_id,
                                                         std::uint64_t from_index) = 0;
    virtual hsm::Result<void> audit_release(const hsm::Digest& module_id,
                                            std::uint64_t up_to_index) = 0;
};

}  // namespace cloudsign
