#include "server/cli/ceremony_files.h"

#include <openssl/pem.h>

#include "hsm/openssl/der.h"
#include "server/cli/files.h"
#include "server/cli/output_place.h"

namespace server::cli {

namespace fs = std::filesystem;
using hsm::custodian::FileFields;
using hsm::custodian::FileKind;

Outcome<FileFields> read_fields(FileKind kind, const fs::path& file) {
    TRY_ASSIGN(const auto text, read_file(file, hsm::custodian::ceremony_file_size_max));
    auto fields = hsm::custodian::read_ceremony_file(kind, text);
    if (!fields) {
        return usage_failure(file.string() + ": " + fields.error().text);
    }
    return *std::move(fields);
}

Outcome<void> check_absent(const fs::path& file) {
    std::error_code error;
    if (fs::exists(file, error)) {
        return usage_failure(file.string() + ": is there already");
    }
    return {};
}

Outcome<void> write_fields(FileKind kind, const fs::path& file, const FileFields& fields) {
    TRY(check_absent(file));
    return write_result(file, hsm::custodian::write_ceremony_file(kind, fields));
}

std::string certificate_pem(hsm::ByteView der) {
    const auto certificate = hsm::openssl::read_x509(der);
    CHECK(certificate != nullptr);
    const hsm::openssl::BioPtr out(::BIO_new(::BIO_s_mem()));
    CHECK(::PEM_write_bio_X509(out.get(), certificate.get()) == 1);
    return hsm::openssl::text_of(out.get());
}

Outcome<hsm::Bytes> read_certificate(const fs::path& file) {
    TRY_ASSIGN(auto certificates, read_certificates({file.string()}));
    if (certificates.size() != 1) {
        return usage_failure(file.string() + ": must hold one certificate");
    }
    return std::move(certificates[0]);
}

}  // namespace server::cli
