#include "hsm/cli/device_certificate.h"

#include <string>

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "hsm/base/hex.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/key_blob.h"

namespace hsm::cli {
namespace {

constexpr int validity_days = 20 * 365 + 5;
constexpr long clock_skew_s = 3600;

openssl::X509NamePtr name_of(std::string_view common_name, std::string_view unit) {
    openssl::X509NamePtr name(::X509_NAME_new());
    const auto add = [&](const char* type, std::string_view text) {
        const auto bytes = view_of(text);
        CHECK(::X509_NAME_add_entry_by_txt(name.get(),
                                           type,
                                           MBSTRING_UTF8,
                                           bytes.data(),
                                           static_cast<int>(bytes.size()),
                                           -1,
                                           0) == 1);
    };
    if (!unit.empty()) {
        add("OU", unit);
    }
    add("CN", common_name);
    return name;
}

void add_extension(X509* certificate, int type, const std::string& value) {
    X509V3_CTX context;
    ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const openssl::X509ExtensionPtr extension(
        ::X509V3_EXT_nconf_nid(nullptr, &context, type, value.c_str()));
    CHECK(extension != nullptr);
    CHECK(::X509_add_ext(certificate, extension.get(), -1) == 1);
}

// RFC 5280 §4.2.1.1: names the issuer's key as its own certificate does.
void add_authority_key(X509* certificate, const P256Key& root) {
    const auto spki = protocol::p256_spki(root.point());
    // Method 1 of §4.2.1.2: SHA-1 of the subjectPublicKey bits, an identifier and no proof.
    std::array<Byte, 20> identifier{};
    unsigned size = 0;
    const auto point = ByteView(spki).last(protocol::point_size);
    CHECK(::EVP_Digest(
              point.data(), point.size(), identifier.data(), &size, ::EVP_sha1(), nullptr) == 1);
    const std::unique_ptr<AUTHORITY_KEYID, decltype(&::AUTHORITY_KEYID_free)> authority(
        ::AUTHORITY_KEYID_new(), ::AUTHORITY_KEYID_free);
    authority->keyid = ::ASN1_OCTET_STRING_new();
    CHECK(::ASN1_OCTET_STRING_set(authority->keyid, identifier.data(), identifier.size()) == 1);
    CHECK(::X509_add1_ext_i2d(
              certificate, NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_DEFAULT) ==
          1);
}

openssl::X509Ptr begin_certificate(const X509_NAME* subject, EVP_PKEY* key) {
    openssl::X509Ptr certificate(::X509_new());
    std::array<Byte, 16> serial{};
    CHECK(::RAND_bytes(serial.data(), serial.size()) == 1);
    serial[0] = static_cast<Byte>((serial[0] & 0x7f) | 0x40);  // positive, of full length
    const openssl::BignumPtr number(::BN_bin2bn(serial.data(), serial.size(), nullptr));
    CHECK(::BN_to_ASN1_INTEGER(number.get(), ::X509_get_serialNumber(certificate.get())) !=
          nullptr);
    const auto issuer = name_of(test_root_name, "");
    CHECK(::X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    CHECK(::X509_set_subject_name(certificate.get(), subject) == 1);
    CHECK(::X509_set_issuer_name(certificate.get(), issuer.get()) == 1);
    CHECK(::X509_set_pubkey(certificate.get(), key) == 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -clock_skew_s);
    ::X509_time_adj_ex(::X509_getm_notAfter(certificate.get()), validity_days, 0, nullptr);
    add_extension(certificate.get(), NID_subject_key_identifier, "hash");
    return certificate;
}

std::vector<Byte> finish_certificate(X509* certificate, const P256Key& root) {
    CHECK(::X509_sign(certificate, root.get(), ::EVP_sha256()) > 0);
    return openssl::to_der(certificate, ::i2d_X509);
}

std::string device_name(ByteView identity_spki) {
    const auto module_id = sha256(identity_spki);
    std::string name = "Kyso module ";
    for (std::size_t i = 0; i < 8; ++i) {
        name += hex_digits[module_id[i] >> 4];
        name += hex_digits[module_id[i] & 15];
    }
    return name;
}

}  // namespace

std::vector<Byte> make_test_root_certificate(const P256Key& root) {
    const auto subject = name_of(test_root_name, "");
    const auto certificate = begin_certificate(subject.get(), root.get());
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(certificate.get(), NID_key_usage, "critical,keyCertSign");
    return finish_certificate(certificate.get(), root);
}

Result<std::vector<Byte>> issue_device_certificate(const P256Key& root,
                                                   ByteView identity_spki,
                                                   protocol::AssuranceClass assurance_class) {
    const auto key = openssl::read_spki(identity_spki);
    if (key == nullptr || identity_spki.size() != protocol::p256_spki_size) {
        return Status::certificate_wrong;
    }
    const auto subject = name_of(device_name(identity_spki), class_name(assurance_class));
    const auto certificate = begin_certificate(subject.get(), key.get());
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    add_authority_key(certificate.get(), root);
    return finish_certificate(certificate.get(), root);
}

bool is_device_certificate(const P256Key& root,
                           ByteView certificate,
                           ByteView identity_spki,
                           protocol::AssuranceClass assurance_class) {
    const auto parsed = openssl::read_x509(certificate);
    if (parsed == nullptr || ::X509_verify(parsed.get(), root.get()) != 1) {
        return false;
    }
    const auto subject = name_of(device_name(identity_spki), class_name(assurance_class));
    const auto spki = openssl::to_der(::X509_get_X509_PUBKEY(parsed.get()), ::i2d_X509_PUBKEY);
    return equal(identity_spki, spki) &&
           ::X509_NAME_cmp(subject.get(), ::X509_get_subject_name(parsed.get())) == 0;
}

}  // namespace hsm::cli
