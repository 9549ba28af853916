#pragma once

#include "firmware/command/commands.h"
#include "tests/faults/world.h"

namespace tests::faults {

constexpr std::uint32_t leaf_count_max = 4;
constexpr hsm::Byte approved_byte = 0x11;

enum class Mac : std::uint8_t { right, zeros, other };

// What the host composes. As it stands, with `is_in_order`, it is a request that the module has to
// sign.
struct Plan {
    hsm::protocol::Purpose purpose = hsm::protocol::Purpose::sign;  // or bind, rebind, revoke
    const Phone* policy_of = nullptr;                               // default: the signer
    std::uint32_t version = 1;
    Mac blob_mac = Mac::right;
    // The policy that the activation was opened for; default: that of the blob.
    const Phone* opened_for = nullptr;
    Mac activation_mac = Mac::right;
    std::uint64_t boot_counter = 1;
    std::uint64_t expiry_tick_ms = 600000;
    AssertionText text = {};
    bool challenge_is_another = false;
    bool has_assertion = true;
    const Phone* by = nullptr;          // default: the signer
    const Phone* claimed = nullptr;     // default: who it is by
    const Phone* and_by = nullptr;      // a second assertion
    hsm::Byte asked = approved_byte;    // sign: the hash is 32 of these
    std::uint32_t leaf_count = 1;       // sign: the last one is asked for
    const Phone* stated_for = nullptr;  // bind: whose policy was approved; default: the blob's
    const Phone* successor = nullptr;   // rebind: whose passkey the new policy has
    std::uint32_t stated_version = 0;   // revoke: which one officers approved; 0: the blob's
    bool is_spent = false;
    bool is_in_order = false;
};

// A request and what it points into.
class Attempt {
public:
    void make(const Plan& plan);

    // `ok` when the module has done what was asked, whatever else it answers.
    hsm::Status send();

private:
    hsm::Digest seal_blob(const Plan& plan);  // its policy's hash
    void open_activation(const Plan& plan, const hsm::Digest& policy_hash);
    hsm::Digest root_of(const Plan& plan);
    hsm::Digest batch_root(std::uint32_t leaf_count);
    void add_assertion(const Plan& plan, const Phone& by, const Phone& claimed);
    hsm::Status send_sign();
    hsm::Status send_bind();
    hsm::Status send_rebind();
    hsm::Status send_revoke();

    // Of what is made here, less than the protocol allows.
    static constexpr std::size_t assertion_room = 400;
    static constexpr std::size_t policy_room = 256;

    hsm::protocol::Purpose purpose_ = hsm::protocol::Purpose::sign;
    bool is_in_order_ = false;
    std::array<hsm::Byte, 1024> blob_;
    std::array<hsm::Byte, hsm::protocol::preimage_size_max> preimage_;
    std::array<std::array<hsm::Byte, assertion_room>, 2> assertions_;
    std::array<hsm::Byte, policy_room> policy_;
    std::array<hsm::Byte, policy_room> new_policy_;
    std::array<hsm::Byte, hsm::protocol::path_length_max * hsm::digest_size> path_;
    hsm::ByteView encoded_policy_;
    hsm::ByteView encoded_new_policy_;
    hsm::Digest hash_;
    hsm::Digest key_id_;
    hsm::Digest challenge_;
    std::uint32_t version_ = 0;
    hsm::protocol::SignRequest request_;  // of which bind, rebind and revoke use what they know
};

// The status of an answer that holds nothing but a status: with a fault it may say `ok`, and what
// was asked for has not been done.
hsm::Status refusal(hsm::Status status);

// Is this a blob that says so?
bool has_policy(hsm::ByteView blob, hsm::ByteView policy);

}  // namespace tests::faults
