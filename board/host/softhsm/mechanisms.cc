#include "board/host/softhsm/mechanisms.h"

namespace board::host::softhsm {

using hsm::Byte;
using hsm::ByteView;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

namespace {

struct DigestWords {
    std::array<Byte, 19> info_prefix;  // RFC 8017 §9.2 note 1
    CK_MECHANISM_TYPE mechanism;
    CK_RSA_PKCS_MGF_TYPE mgf;
};

constexpr DigestWords words(
    Byte total, Byte oid_end, Byte length, CK_MECHANISM_TYPE mechanism, CK_RSA_PKCS_MGF_TYPE mgf) {
    return {{0x30,
             total,
             0x30,
             0x0d,
             0x06,
             0x09,
             0x60,
             0x86,
             0x48,
             0x01,
             0x65,
             0x03,
             0x04,
             0x02,
             oid_end,
             0x05,
             0x00,
             0x04,
             length},
            mechanism,
            mgf};
}

constexpr auto sha256 = words(0x31, 0x01, 0x20, CKM_SHA256, CKG_MGF1_SHA256);
constexpr auto sha384 = words(0x41, 0x02, 0x30, CKM_SHA384, CKG_MGF1_SHA384);
constexpr auto sha512 = words(0x51, 0x03, 0x40, CKM_SHA512, CKG_MGF1_SHA512);

const DigestWords& words_of(DigestAlgorithm digest) {
    switch (digest) {
        case DigestAlgorithm::sha384:
            return sha384;
        case DigestAlgorithm::sha512:
            return sha512;
        case DigestAlgorithm::sha256:
            break;
    }
    return sha256;
}

}  // namespace

SignatureMechanism::SignatureMechanism(const Algorithm& algorithm, ByteView hash) {
    const auto& digest = words_of(algorithm.digest);
    switch (algorithm.scheme) {
        case Scheme::none:
            CHECK(false);
        case Scheme::ecdsa:
            mechanism_.mechanism = CKM_ECDSA;
            break;
        case Scheme::rsa_pkcs1:
            mechanism_.mechanism = CKM_RSA_PKCS;
            CHECK(input_.append(digest.info_prefix));
            break;
        case Scheme::rsa_pss:
            pss_ = {digest.mechanism, digest.mgf, algorithm.salt_length};
            mechanism_ = {CKM_RSA_PKCS_PSS, &pss_, sizeof(pss_)};
            break;
    }
    CHECK(input_.append(hash));
}

}  // namespace board::host::softhsm
