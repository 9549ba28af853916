#include "cloudsign/audit/device_certificate.h"

#include <algorithm>
#include <optional>

#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/sha256.h"
#include "hsm/openssl/der.h"

namespace cloudsign::audit {
namespace {

namespace openssl = hsm::openssl;
using hsm::protocol::AssuranceClass;

struct ClassName {
    AssuranceClass assurance_class;
    std::string_view name;
};

constexpr ClassName class_names[] = {{AssuranceClass::software, "software"},
                                     {AssuranceClass::emulated, "emulated"},
                                     {AssuranceClass::hardware, "hardware"}};

Error wrong(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

std::optional<AssuranceClass> stated_class(X509* certificate) {
    std::array<char, 64> unit{};
    const int size = X509_NAME_get_text_by_NID(
        X509_get_subject_name(certificate), NID_organizationalUnitName, unit.data(), unit.size());
    const auto* found = std::ranges::find(
        class_names,
        std::string_view(unit.data(), size > 0 ? static_cast<std::size_t>(size) : 0),
        &ClassName::name);
    if (found == std::end(class_names)) {
        return std::nullopt;
    }
    return found->assurance_class;
}

}  // namespace

std::string_view class_name(AssuranceClass assurance_class) {
    return std::ranges::find(class_names, assurance_class, &ClassName::assurance_class)->name;
}

Result<DeviceCertificate> verify_device_certificate(hsm::ByteView certificate,
                                                    const std::vector<Bytes>& roots) {
    auto device = openssl::read_x509(certificate);
    if (!device) {
        return wrong("the device certificate cannot be read");
    }
    for (const auto& root_der : roots) {
        auto root = openssl::read_x509(root_der);
        // Validity dates are not judged here: a log outlives its module's certificate.
        if (!root || X509_check_issued(root.get(), device.get()) != X509_V_OK ||
            X509_verify(device.get(), X509_get0_pubkey(root.get())) != 1) {
            continue;
        }
        auto stated = stated_class(device.get());
        if (!stated) {
            return wrong("the device certificate does not state a class");
        }
        DeviceCertificate verified;
        verified.assurance_class = *stated;
        verified.root_subject = pki::format_name(X509_get_subject_name(root.get()));
        verified.spki = openssl::to_der(X509_get_X509_PUBKEY(device.get()), i2d_X509_PUBKEY);
        verified.module_id = sha256(verified.spki);
        return verified;
    }
    return wrong("the device certificate is not issued by a given root");
}

bool verify_device_signature(const DeviceCertificate& device,
                             hsm::ByteView statement,
                             hsm::ByteView signature) {
    const auto key = openssl::read_spki(device.spki);
    constexpr hsm::protocol::Algorithm es256{
        hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha256, 0};
    return key && pki::verify_signature(key.get(), es256, statement, signature);
}

}  // namespace cloudsign::audit
