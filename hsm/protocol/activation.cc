#include "hsm/protocol/activation.h"

namespace hsm::protocol {

Result<ByteView> encode_assertion(const Assertion& assertion, MutableBytes buffer) {
    CborWriter writer(buffer);
    writer.require(assertion.authenticator_data.size() <= authenticator_data_size &&
                   assertion.client_data_json.size() <= client_data_size_max &&
                   assertion.signature.size() <= ecdsa_der_size_max);
    writer.array(4);
    writer.bytes(assertion.thumbprint);
    writer.bytes(assertion.authenticator_data);
    writer.bytes(assertion.client_data_json);
    writer.bytes(assertion.signature);
    writer.end();
    return writer.finish();
}

Result<Assertion> decode_assertion(ByteView bytes) {
    const auto parse = [&]() -> Result<Assertion> {
        Assertion assertion;
        CborReader reader(bytes);
        TRY_ASSIGN(auto count, reader.array());
        TRY_ASSIGN(auto thumbprint, reader.bytes(digest_size));
        if (count != 4 || thumbprint.size() != digest_size) {
            return Status::malformed;
        }
        std::ranges::copy(thumbprint, assertion.thumbprint.begin());
        TRY_ASSIGN(assertion.authenticator_data, reader.bytes(authenticator_data_size));
        TRY_ASSIGN(assertion.client_data_json, reader.bytes(client_data_size_max));
        TRY_ASSIGN(assertion.signature, reader.bytes(ecdsa_der_size_max));
        TRY(reader.end());
        TRY(reader.finish());
        return assertion;
    };
    auto assertion = parse();
    if (!assertion) {
        return Status::assertion_malformed;
    }
    return assertion;
}

Result<Digest> leaf_hash(std::uint32_t index,
                         DigestAlgorithm digest,
                         ByteView hash,
                         const Digest& label_hash,
                         Sha256 sha256) {
    if (hash.empty() || hash.size() != digest_length(digest)) {
        return Status::algorithm_wrong;
    }
    std::array<Byte, 128> buffer{};
    CborWriter writer(buffer);
    writer.array(4);
    writer.number(index);
    writer.number(static_cast<std::uint64_t>(digest));
    writer.bytes(hash);
    writer.bytes(label_hash);
    writer.end();
    TRY_ASSIGN(auto encoded, writer.finish());
    constexpr Byte leaf_prefix[] = {0x00};  // RFC 9162 §2.1.1
    const std::array<ByteView, 2> parts = {leaf_prefix, encoded};
    return sha256(parts);
}

Result<Digest> statement_root(std::string_view tag, ByteView statement, Sha256 sha256) {
    const std::array<ByteView, 1> statement_parts = {statement};
    const std::array<ByteView, 1> label_parts = {view_of(tag)};
    const auto statement_hash = sha256(statement_parts);
    const auto label_hash = sha256(label_parts);
    return leaf_hash(0, DigestAlgorithm::sha256, statement_hash, label_hash, sha256);
}

}  // namespace hsm::protocol
