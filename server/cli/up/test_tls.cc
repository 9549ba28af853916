#include "server/cli/up/test_tls.h"

#include "cloudsign/hex.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/random.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/p256.h"
#include "server/cli/files.h"

namespace server::cli::up {
namespace {

namespace openssl = hsm::openssl;

constexpr int validity_days = 3650;
constexpr long clock_skew_s = 3600;

void add_extension(X509* certificate, X509* issuer, int type, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const openssl::X509ExtensionPtr extension(
        X509V3_EXT_nconf_nid(nullptr, &context, type, value.c_str()));
    CHECK(extension != nullptr);
    CHECK(X509_add_ext(certificate, extension.get(), -1) == 1);
}

openssl::X509Ptr begin_certificate(const std::string& common_name, EVP_PKEY* key) {
    openssl::X509Ptr certificate(X509_new());
    auto serial = cloudsign::random_32();
    serial[0] = static_cast<hsm::Byte>((serial[0] & 0x7f) | 0x40);  // positive, of full length
    const openssl::BignumPtr number(BN_bin2bn(serial.data(), 16, nullptr));
    CHECK(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
    CHECK(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()),
                                     "CN",
                                     MBSTRING_UTF8,
                                     hsm::base::view_of(common_name).data(),
                                     static_cast<int>(common_name.size()),
                                     -1,
                                     0) == 1);
    CHECK(X509_set_pubkey(certificate.get(), key) == 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -clock_skew_s);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), validity_days, 0, nullptr);
    return certificate;
}

std::string to_pem(X509* certificate) {
    return cloudsign::pki::to_pem(openssl::to_der(certificate, i2d_X509));
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string value = "IP:127.0.0.1";
    for (const auto& name : names) {
        value += ",DNS:" + name;
    }
    return value;
}

}  // namespace

Outcome<void> make_test_tls(const DataFolder& folder, const std::vector<std::string>& names) {
    const auto authority_key = openssl::make_p256_key();
    const auto authority = begin_certificate(
        "Kyso TEST TLS " + cloudsign::hex(hsm::ByteView(cloudsign::random_32()).first(4)),
        authority_key.get());
    CHECK(X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get())) == 1);
    auto* root = authority.get();
    add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(root, root, NID_key_usage, "critical,keyCertSign");
    add_extension(root, root, NID_subject_key_identifier, "hash");
    CHECK(X509_sign(root, authority_key.get(), EVP_sha256()) > 0);

    const auto key = openssl::make_p256_key();
    const auto certificate = begin_certificate(names.front(), key.get());
    CHECK(X509_set_issuer_name(certificate.get(), X509_get_subject_name(root)) == 1);
    add_extension(certificate.get(), root, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), root, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), root, NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), root, NID_subject_alt_name, alternative_names(names));
    add_extension(certificate.get(), root, NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), root, NID_authority_key_identifier, "keyid");
    CHECK(X509_sign(certificate.get(), authority_key.get(), EVP_sha256()) > 0);

    TRY(make_folder(folder.tls()));
    TRY(write_file(folder.tls_authority(), to_pem(root)));
    TRY(write_file(folder.tls() / "cert.pem", to_pem(certificate.get())));
    return write_file(folder.tls() / "key.pem", openssl::private_key_pem(key.get()), mode_private);
}

}  // namespace server::cli::up
