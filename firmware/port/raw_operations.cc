#include "firmware/port/raw_operations.h"

#include "firmware/engine/psa/kwp.h"
#include "firmware/engine/psa/raw_keys.h"
#include "hsm/base/zeroize.h"

namespace firmware::port {
namespace {

namespace raw = engine::psa::raw;
using hsm::Byte;
using hsm::ByteReader;
using hsm::ByteView;
using hsm::ByteWriter;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;
using hsm::protocol::port::message_size_max;
using hsm::protocol::port::Operation;
using hsm::protocol::port::put_field;
using hsm::protocol::port::Question;
using hsm::protocol::port::take_field;

std::array<Byte, message_size_max> output;

void put_output(ByteWriter& fields, std::size_t size) {
    put_field(fields, ByteView(output).first(size));
    hsm::zeroize(output);
}

Result<DigestAlgorithm> take_digest(ByteReader& fields) {
    TRY_ASSIGN(const auto digest, take_field(fields));
    if (digest.size() != 1) {
        return Status::malformed;
    }
    return static_cast<DigestAlgorithm>(digest[0]);
}

Result<void> verify(ByteReader& fields) {
    TRY_ASSIGN(const auto how, take_field(fields));
    if (how.size() != 5) {
        return Status::malformed;
    }
    TRY_ASSIGN(const auto key, take_field(fields));
    TRY_ASSIGN(const auto message, take_field(fields));
    TRY_ASSIGN(const auto signature, take_field(fields));
    const Algorithm algorithm{
        static_cast<Scheme>(how[1]), static_cast<DigestAlgorithm>(how[2]), how[3]};
    return raw::verify({static_cast<KeyType>(how[0]), key},
                       algorithm,
                       static_cast<raw::Encoding>(how[4]),
                       message,
                       signature);
}

Result<void> kwp(Operation operation, ByteReader& in, ByteWriter& fields) {
    TRY_ASSIGN(const auto kek, take_field(in));
    TRY_ASSIGN(const auto bytes, take_field(in));
    const auto done = operation == Operation::kwp_wrap
                          ? engine::psa::kwp_wrap(kek, bytes, output)
                          : engine::psa::kwp_unwrap(kek, bytes, output);
    TRY_ASSIGN(const auto size, done);
    put_output(fields, size);
    return {};
}

Result<void> gcm_open(ByteReader& in, ByteWriter& fields) {
    raw::Gcm gcm;
    TRY_ASSIGN(gcm.key, take_field(in));
    TRY_ASSIGN(gcm.nonce, take_field(in));
    TRY_ASSIGN(gcm.associated, take_field(in));
    TRY_ASSIGN(const auto sealed, take_field(in));
    TRY_ASSIGN(const auto size, raw::gcm_open(gcm, sealed, output));
    put_output(fields, size);
    return {};
}

Result<void> hmac(ByteReader& in, ByteWriter& fields) {
    TRY_ASSIGN(const auto digest, take_digest(in));
    TRY_ASSIGN(const auto key, take_field(in));
    TRY_ASSIGN(const auto message, take_field(in));
    TRY_ASSIGN(const auto size, raw::hmac(digest, key, message, output));
    put_output(fields, size);
    return {};
}

Result<void> hkdf(ByteReader& in, ByteWriter& fields) {
    TRY_ASSIGN(const auto digest, take_digest(in));
    raw::Hkdf from;
    TRY_ASSIGN(from.secret, take_field(in));
    TRY_ASSIGN(from.salt, take_field(in));
    TRY_ASSIGN(from.info, take_field(in));
    TRY_ASSIGN(const auto size_field, take_field(in));
    ByteReader reader(size_field);
    TRY_ASSIGN(const auto size, reader.u16());
    if (size > output.size()) {
        return Status::malformed;
    }
    TRY(raw::hkdf(digest, from, MutableBytes(output).first(size)));
    put_output(fields, size);
    return {};
}

}  // namespace

hsm::MutableBytes output_space() {
    return output;
}

Result<void> answer_raw(Question& question, ByteWriter& fields) {
    switch (question.operation) {
        case Operation::verify:
            return verify(question.fields);
        case Operation::kwp_wrap:
        case Operation::kwp_unwrap:
            return kwp(question.operation, question.fields, fields);
        case Operation::gcm_open:
            return gcm_open(question.fields, fields);
        case Operation::hmac:
            return hmac(question.fields, fields);
        case Operation::hkdf:
            return hkdf(question.fields, fields);
        default:
            return Status::malformed;
    }
}

}  // namespace firmware::port
