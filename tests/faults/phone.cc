#include "tests/faults/phone.h"

#include "firmware/engine/digest.h"
#include "hsm/base/byte_writer.h"

namespace tests::faults {
namespace {

namespace engine = firmware::engine;
namespace wire = hsm::protocol;

void write_base64url(hsm::ByteView bytes, hsm::ByteWriter& writer) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 6) {
        unsigned value = 0;
        for (std::size_t i = bit; i < bit + 6; ++i) {
            const bool is_set = i < 8 * bytes.size() && (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
            value = value << 1 | (is_set ? 1u : 0u);
        }
        writer.u8(static_cast<hsm::Byte>(alphabet[value]));
    }
}

}  // namespace

void Phone::start() {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    auto key = engine::psa::KeyHandle::generate(attributes);
    CHECK(key.has_value());
    key_ = *std::move(key);
    std::size_t size = 0;
    CHECK(psa_export_public_key(key_.id(), point_.data(), point_.size(), &size) == PSA_SUCCESS);
}

hsm::Digest Phone::thumbprint() const {
    return wire::thumbprint(point_, engine::sha256);
}

engine::RawEcdsa Phone::sign(const hsm::Digest& digest) const {
    engine::RawEcdsa raw;
    std::size_t size = 0;
    CHECK(psa_sign_hash(key_.id(),
                        PSA_ALG_ECDSA(PSA_ALG_SHA_256),
                        digest.data(),
                        digest.size(),
                        raw.spare().data(),
                        raw.spare().size(),
                        &size) == PSA_SUCCESS);
    raw.grow(size);
    return raw;
}

engine::DerSignature Phone::sign_der(const hsm::Digest& digest) const {
    const auto der = engine::ecdsa_to_der(wire::KeyType::p256, sign(digest));
    CHECK(der.has_value());
    return *der;
}

hsm::ByteView Phone::assertion(const AssertionText& text,
                               const hsm::Digest& claimed,
                               hsm::MutableBytes buffer) const {
    std::array<hsm::Byte, wire::client_data_size_max> json;
    hsm::ByteWriter client_data(json);
    client_data.bytes(hsm::view_of(R"({"type":")"));
    client_data.bytes(hsm::view_of(text.type));
    client_data.bytes(hsm::view_of(R"(","challenge":")"));
    write_base64url(text.challenge, client_data);
    client_data.bytes(hsm::view_of(R"(","origin":")"));
    client_data.bytes(hsm::view_of(text.origin));
    client_data.bytes(hsm::view_of(R"(","crossOrigin":)"));
    client_data.bytes(hsm::view_of(text.cross_origin ? "true" : "false"));
    client_data.bytes(hsm::view_of("}"));

    std::array<hsm::Byte, wire::authenticator_data_size> authenticator_data;
    hsm::ByteWriter writer(authenticator_data);
    const hsm::ByteView rp_id_text[] = {hsm::view_of(text.rp_id)};
    writer.bytes(engine::sha256(rp_id_text));
    writer.u8(text.flags);
    writer.u32(0);
    CHECK(client_data.ok() && writer.ok());

    const hsm::ByteView json_parts[] = {client_data.written()};
    const auto json_hash = engine::sha256(json_parts);
    const hsm::ByteView parts[] = {writer.written(), json_hash};
    const auto der = sign_der(engine::sha256(parts));
    const auto encoded = wire::encode_assertion(
        {claimed, writer.written(), client_data.written(), der.view()}, buffer);
    CHECK(encoded.has_value());
    return *encoded;
}

}  // namespace tests::faults
