#pragma once

#include "hsm/protocol/codec.h"

// What a signer approves, and the proof: PROTOCOL.md "Activation". Each structure here is hashed,
// and the hash is what somebody signs; the phone builds every one of them itself.
namespace hsm::protocol {

// The challenge is SHA-256 of this, encoded.
struct ChallengePreimage {
    static constexpr std::string_view tag = "kyso/1";
    Purpose purpose = Purpose::sign;
    Digest module_id{};
    std::uint64_t boot_counter = 0;
    std::uint64_t sequence = 0;
    std::uint64_t expiry_tick_ms = 0;  // milliseconds since the module started
    Nonce random{};
    Digest key_id{};
    std::uint32_t blob_version = 0;
    Digest policy_hash{};  // SHA-256 of the policy bytes in the blob
    Algorithm algorithm;
    std::uint32_t leaf_count = 0;
    Digest root{};
    Digest context_hash{};

    static constexpr auto fields =
        std::tuple(Field<0, &ChallengePreimage::purpose, 5, 1>{},
                   Field<0, &ChallengePreimage::module_id, 32>{},
                   Field<0, &ChallengePreimage::boot_counter, UINT64_MAX>{},
                   Field<0, &ChallengePreimage::sequence, UINT64_MAX>{},
                   Field<0, &ChallengePreimage::expiry_tick_ms, UINT64_MAX>{},
                   Field<0, &ChallengePreimage::random, 32>{},
                   Field<0, &ChallengePreimage::key_id, 32>{},
                   Field<0, &ChallengePreimage::blob_version, UINT32_MAX>{},
                   Field<0, &ChallengePreimage::policy_hash, 32>{},
                   Field<0, &ChallengePreimage::algorithm, 64>{},
                   Field<0, &ChallengePreimage::leaf_count, leaf_count_max, 1>{},
                   Field<0, &ChallengePreimage::root, 32>{},
                   Field<0, &ChallengePreimage::context_hash, 32>{});
};

static_assert(tagged_size_max<ChallengePreimage>() <= preimage_size_max);

// What the context hash commits to; the module never sees it. Built by server and phone.
struct Context {
    static constexpr std::string_view tag = "kyso-context/1";
    std::string_view portal;    // the client's registered name
    std::string_view purpose;   // the client's own words
    std::string_view code;      // number or code shown on both screens; empty if none
    std::string_view language;  // RFC 5646 tag that the phone showed

    static constexpr auto fields = std::tuple(Field<0, &Context::portal, 255>{},
                                              Field<0, &Context::purpose, 2000>{},
                                              Field<0, &Context::code, 64>{},
                                              Field<0, &Context::language, 35>{});
};

// Approved by the new activation keys and an officer when a key is bound.
struct BindStatement {
    static constexpr std::string_view tag = "kyso-bind/1";
    KeyKind kind = KeyKind::person;
    Digest key_id{};
    ByteView policy;
    BoundedList<Digest, activation_keys_max> thumbprints;
    Digest subject_hash{};

    static constexpr auto fields = std::tuple(Field<0, &BindStatement::kind, 5, 1>{},
                                              Field<0, &BindStatement::key_id, 32>{},
                                              Field<0, &BindStatement::policy, policy_size_max>{},
                                              Field<0, &BindStatement::thumbprints, 32>{},
                                              Field<0, &BindStatement::subject_hash, 32>{});
};

// Approved by an old and every new activation key when the list changes.
struct RebindStatement {
    static constexpr std::string_view tag = "kyso-rebind/1";
    Digest key_id{};
    std::uint32_t old_version = 0;
    ByteView new_policy;

    static constexpr auto fields =
        std::tuple(Field<0, &RebindStatement::key_id, 32>{},
                   Field<0, &RebindStatement::old_version, UINT32_MAX>{},
                   Field<0, &RebindStatement::new_policy, policy_size_max>{});
};

// Approved by officers when a key is to be used no more.
struct RevokeKeyStatement {
    static constexpr std::string_view tag = "kyso-revoke-key/1";
    Digest key_id{};
    std::uint32_t version = 0;  // the last one that was good

    static constexpr auto fields = std::tuple(Field<0, &RevokeKeyStatement::key_id, 32>{},
                                              Field<0, &RevokeKeyStatement::version, UINT32_MAX>{});
};

// One WebAuthn assertion: [thumbprint, authenticatorData, clientDataJSON, signature]. The
// thumbprint names the activation key (or officer) that is said to have made it.
struct Assertion {
    Digest thumbprint{};
    ByteView authenticator_data;
    ByteView client_data_json;
    ByteView signature;  // DER ECDSA, WebAuthn §6.5.5
};
static_assert(1 + codec::string_size(digest_size) + codec::string_size(authenticator_data_size) +
                  codec::string_size(client_data_size_max) +
                  codec::string_size(ecdsa_der_size_max) <=
              assertion_size_max);
Result<ByteView> encode_assertion(const Assertion& assertion, MutableBytes buffer);
Result<Assertion> decode_assertion(ByteView bytes);  // `assertion_malformed`

// Leaf hash of one (hash, label) pair: SHA-256(0x00 ‖ CBOR[index, digest, hash, label_hash]).
Result<Digest> leaf_hash(std::uint32_t index,
                         DigestAlgorithm digest,
                         ByteView hash,
                         const Digest& label_hash,
                         Sha256 sha256);

// The one leaf of a purpose that signs a statement of ours (bind, rebind, revoke): the statement's
// SHA-256 under the label that names its tag. That leaf is the root.
Result<Digest> statement_root(std::string_view tag, ByteView statement, Sha256 sha256);

// SHA-256 of a structure that encode_tagged() writes.
template <class M>
Result<Digest> tagged_hash(const M& message, MutableBytes scratch, Sha256 sha256) {
    TRY_ASSIGN(auto encoded, encode_tagged(message, scratch));
    const std::array<ByteView, 1> parts = {encoded};
    return sha256(parts);
}

}  // namespace hsm::protocol
