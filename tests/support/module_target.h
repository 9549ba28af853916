#pragma once

#include <functional>

#include "hsm/client/reply.h"
#include "tests/support/passkey.h"

namespace tests::support {

// Sends one message to a module, as one role, and brings its answer: the module in this process,
// or one behind a real link.
using Target = std::function<Bytes(hsm::ByteView request)>;

hsm::Status status_of(hsm::ByteView response);

template <class Request>
Bytes encoded(const Request& request, std::uint32_t request_id = 1) {
    Bytes buffer(hsm::protocol::message_size_max + 2048);
    const auto message = hsm::protocol::encode_request(request_id, request, buffer);
    CHECK(message.has_value());
    return copy_of(*message);
}

template <class Request>
using ReplyTo = hsm::Result<hsm::client::Reply<hsm::protocol::ResponseOf<Request>>>;

template <class Request>
ReplyTo<Request> call(const Target& target, const Request& request) {
    return hsm::client::Reply<hsm::protocol::ResponseOf<Request>>::from(target(encoded(request)));
}

// The people around a group of modules.
struct People {
    std::string rp_id = "approve.kyso.test";
    std::string origin = "https://approve.kyso.test";
    std::vector<Passkey> officers = std::vector<Passkey>(1);
    std::uint8_t officers_needed = 1;
    // Beside each officer's passkey, whose it is; empty: each is another person's.
    std::vector<std::uint8_t> officers_persons;
    std::vector<hsm::Digest> former_officers;
    std::vector<Passkey> custodians = std::vector<Passkey>(1);
    std::uint8_t custodians_needed = 1;
    std::uint32_t revision = 1;

    AssertionForm form(const hsm::Digest& challenge) const {
        AssertionForm form;
        form.challenge = challenge;
        form.rp_id = rp_id;
        form.origin = origin;
        return form;
    }
    // `officer`'s right assertion.
    Bytes officer_approves(const hsm::Digest& challenge, std::size_t officer = 0) const {
        return officers[officer].assertion(form(challenge));
    }
};

Bytes configuration_of(const People& people,
                       hsm::protocol::AssuranceClass assurance_class,
                       std::span<const hsm::Digest> members);

// The first-start ceremony of one module.
hsm::Result<void> provision(const Target& module,
                            const People& people,
                            hsm::ByteView configuration,
                            hsm::protocol::EpochMode mode);

struct PolicyForm {
    std::vector<Passkey> keys;
    hsm::Digest subject_hash{};
    hsm::protocol::BackupPolicy backup = hsm::protocol::BackupPolicy::refused;
};
Bytes policy_of(const People& people, const PolicyForm& form);

// An activation as the host keeps it.
struct Activation {
    Bytes preimage;
    hsm::Digest mac{};
    hsm::Digest challenge{};
};

struct Hash {
    Bytes hash;
    hsm::Digest label_hash{};
};
std::vector<Hash> some_hashes(std::size_t count, std::size_t hash_size = 32);
hsm::Digest root_of(std::span<const Hash> hashes, hsm::protocol::DigestAlgorithm digest);
Bytes path_of(std::span<const Hash> hashes,
              std::size_t index,
              hsm::protocol::DigestAlgorithm digest);

constexpr hsm::protocol::Algorithm es256{
    hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha256, 0};

hsm::Result<Activation> open_activation(const Target& module,
                                        hsm::ByteView blob,
                                        hsm::protocol::Purpose purpose,
                                        const hsm::protocol::Algorithm& algorithm,
                                        std::uint32_t leaf_count,
                                        const hsm::Digest& root,
                                        std::uint64_t lifetime_ms = 600'000);

// A key whose holder is enrolled: bound, version 1.
struct Holder {
    std::vector<Passkey> keys;
    hsm::Digest subject_hash{};
    hsm::protocol::KeyKind kind = hsm::protocol::KeyKind::person;
    Bytes policy;
    Bytes unbound;  // version 0
    Bytes blob;     // version 1
};

hsm::Digest bind_root(hsm::ByteView unbound_blob);
hsm::Digest rebind_root(hsm::ByteView blob, hsm::ByteView new_policy);
hsm::Digest revoke_root(hsm::ByteView blob);

// generate_key, again while the module is busy with it; `busy` after two minutes. The blob.
hsm::Result<Bytes> generate_key(const Target& module,
                                hsm::protocol::KeyKind kind,
                                hsm::protocol::KeyType type,
                                hsm::ByteView policy);

// generate_key, then bind with every right assertion.
hsm::Result<Holder> enrol(const Target& module,
                          const People& people,
                          hsm::protocol::KeyType type = hsm::protocol::KeyType::p256,
                          hsm::protocol::KeyKind kind = hsm::protocol::KeyKind::person,
                          std::size_t key_count = 1);

// Everything that a right `sign` needs; each member may be replaced before request() is called.
struct Signing {
    Bytes blob;
    Activation activation;
    hsm::protocol::Algorithm algorithm = es256;
    std::vector<Hash> hashes;
    std::vector<Bytes> assertions;

    // Views into this object: it outlives what is made of the request.
    hsm::protocol::SignRequest request(std::uint32_t leaf_index = 0) const;

private:
    mutable Bytes path_;
};

// Opens an activation for `count` hashes and lets the holder's first key (an issuer's officers)
// approve it.
hsm::protocol::AcknowledgeRequest acknowledgement_of(const hsm::Digest& challenge,
                                                     std::uint32_t leaf_index);

hsm::Result<Signing> approved_signing(const Target& module,
                                      const People& people,
                                      const Holder& holder,
                                      std::size_t count = 1,
                                      const hsm::protocol::Algorithm& algorithm = es256,
                                      std::uint64_t lifetime_ms = 600'000);

hsm::Digest module_id_of(const Target& module);

// All records that the module still has.
std::vector<Bytes> export_log(const Target& module);
std::size_t count_signatures(const Target& module);

}  // namespace tests::support
