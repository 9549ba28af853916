#include "cloudsign/audit/device_certificate.h"

#include "cloudsign/pki/distinguished_name.h"
#include "hsm/openssl/device_certificate.h"

namespace cloudsign::audit {

std::string_view class_name(hsm::protocol::AssuranceClass assurance_class) {
    return hsm::openssl::class_name(assurance_class);
}

Result<DeviceCertificate> verify_device_certificate(hsm::ByteView certificate,
                                                    const std::vector<Bytes>& roots) {
    auto verified = hsm::openssl::verify_device_certificate(certificate, roots);
    if (!verified) {
        return Error{ErrorKind::invalid,
                     "the device certificate is not issued by a given root, or states no class"};
    }
    DeviceCertificate device;
    device.module_id = verified->module_id;
    device.assurance_class = verified->assurance_class;
    device.root_subject = pki::format_name(X509_get_subject_name(verified->root.get()));
    device.spki = std::move(verified->spki);
    return device;
}

bool verify_device_signature(const DeviceCertificate& device,
                             hsm::ByteView statement,
                             hsm::ByteView signature) {
    return hsm::openssl::verify_es256(device.spki, statement, signature);
}

}  // namespace cloudsign::audit
