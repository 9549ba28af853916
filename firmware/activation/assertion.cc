#include "firmware/activation/assertion.h"

#include "firmware/engine/digest.h"
#include "hsm/base/byte_reader.h"

namespace firmware::activation {
namespace {

using hsm::Byte;

// WebAuthn L3 §6.1, table of flags.
constexpr Byte user_present = 0x01;
constexpr Byte user_verified = 0x04;
constexpr Byte backup_eligible = 0x08;
constexpr Byte backed_up = 0x10;
constexpr Byte attested_data_included = 0x40;
constexpr Byte extension_data_included = 0x80;

struct AuthenticatorData {
    ByteView rp_id_hash;
    Byte flags = 0;
    std::uint32_t sign_count = 0;
};

Result<AuthenticatorData> parse_authenticator_data(ByteView bytes) {
    if (bytes.size() != hsm::protocol::authenticator_data_size) {
        return Status::assertion_malformed;
    }
    AuthenticatorData parsed;
    hsm::ByteReader reader(bytes);
    TRY_ASSIGN(parsed.rp_id_hash, reader.take(hsm::digest_size));
    TRY_ASSIGN(parsed.flags, reader.u8());
    TRY_ASSIGN(parsed.sign_count, reader.u32());
    return parsed;
}

// RFC 4648 §5 without padding: 32 bytes are 43 characters.
constexpr std::size_t challenge_text_size = 43;
std::array<char, challenge_text_size> challenge_text(const Digest& challenge) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::array<char, challenge_text_size> text{};
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    std::size_t at = 0;
    for (const auto byte : challenge) {
        bits = bits << 8 | byte;
        bit_count += 8;
        while (bit_count >= 6) {
            bit_count -= 6;
            text[at++] = alphabet[bits >> bit_count & 0x3f];
        }
    }
    text[at] = alphabet[bits << (6 - bit_count) & 0x3f];
    return text;
}

// §5.8.1.2 "Limited Verification Algorithm": the serialisation of §5.8.1.1 puts type, challenge,
// origin and crossOrigin first, in this order, so a prefix decides. `crossOrigin` has to be there
// and false: a page that was framed by another origin is no place to approve anything.
Result<void> check_client_data(const AssertionRule& rule, ByteView client_data) {
    const auto challenge = challenge_text(rule.challenge);
    const std::string_view expected[] = {
        R"({"type":"webauthn.get","challenge":")",
        {challenge.data(), challenge.size()},
        R"(","origin":")",
        rule.origin,
        R"(","crossOrigin":false)",
    };
    auto rest = client_data;
    for (const auto part : expected) {
        if (rest.size() < part.size() || !hsm::equal(rest.first(part.size()), hsm::view_of(part))) {
            return Status::assertion_client_data_wrong;
        }
        rest = rest.subspan(part.size());
    }
    // "If clientDataJSON[len(result)] is '}', end of the object; if ',', what follows is ignored."
    const bool ends_here = rest.size() == 1 && rest.front() == '}';
    const bool goes_on = rest.size() >= 2 && rest.front() == ',' && rest.back() == '}';
    if (!ends_here && !goes_on) {
        return Status::assertion_client_data_wrong;
    }
    return {};
}

Result<void> check_flags(const Approver& approver, Byte flags) {
    constexpr Byte wanted = user_present | user_verified;
    constexpr Byte unwanted = attested_data_included | extension_data_included;
    if ((flags & wanted) != wanted || (flags & unwanted) != 0) {
        return Status::assertion_flags_wrong;
    }
    // §6.1.3: BE never changes over a credential's life, and BS without BE does not exist.
    const bool eligible = (flags & backup_eligible) != 0;
    if (eligible != approver.key.backup_eligible || (!eligible && (flags & backed_up) != 0) ||
        (eligible && approver.backup == BackupPolicy::refused)) {
        return Status::assertion_backup_wrong;
    }
    return {};
}

Result<void> check_fields(const AssertionRule& rule,
                          const Approver& approver,
                          const Assertion& assertion) {
    if (assertion.client_data_json.size() > hsm::protocol::client_data_size_max) {
        return Status::assertion_malformed;
    }
    TRY_ASSIGN(auto data, parse_authenticator_data(assertion.authenticator_data));
    TRY(check_client_data(rule, assertion.client_data_json));
    const ByteView rp_id[] = {hsm::view_of(rule.rp_id)};
    if (!hsm::equal_constant_time(engine::sha256(rp_id), data.rp_id_hash)) {
        return Status::assertion_rp_id_wrong;
    }
    return check_flags(approver, data.flags);
}

}  // namespace

Result<AcceptedAssertion> verify_assertion(engine::Engine& engine,
                                           const AssertionRule& rule,
                                           const Approver& approver,
                                           const Assertion& assertion) {
    TRY(check_fields(rule, approver, assertion));

    // §6.3.3: the signature is over authData ‖ SHA-256(clientDataJSON).
    const ByteView client_data[] = {assertion.client_data_json};
    const auto client_data_hash = engine::sha256(client_data);
    const ByteView signed_parts[] = {assertion.authenticator_data, client_data_hash};
    auto verified =
        engine.verify_p256(approver.key.point, engine::sha256(signed_parts), assertion.signature);
    if (!verified) {
        // The engine's own trouble (locked, failed) is not the signer's.
        return verified.error() == Status::signature_wrong ? Status::assertion_signature_wrong
                                                           : verified.error();
    }

    TRY_ASSIGN(auto data, parse_authenticator_data(assertion.authenticator_data));
    const ByteView hashed[] = {assertion.authenticator_data, client_data_hash, assertion.signature};
    return AcceptedAssertion{
        assertion.thumbprint, data.flags, data.sign_count, engine::sha256(hashed)};
}

}  // namespace firmware::activation
