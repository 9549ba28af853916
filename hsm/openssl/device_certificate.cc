#include "hsm/openssl/device_certificate.h"

#include <algorithm>
#include <array>

#include <openssl/err.h>

#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace hsm::openssl {

using protocol::AssuranceClass;

namespace {

struct ClassName {
    AssuranceClass assurance_class;
    std::string_view name;
};

constexpr ClassName class_names[] = {{AssuranceClass::software, "software"},
                                     {AssuranceClass::emulated, "emulated"},
                                     {AssuranceClass::hardware, "hardware"}};

std::optional<AssuranceClass> stated_class(X509* certificate) {
    std::array<char, 64> unit{};
    const int size = X509_NAME_get_text_by_NID(
        X509_get_subject_name(certificate), NID_organizationalUnitName, unit.data(), unit.size());
    return class_named({unit.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
}

}  // namespace

std::string_view class_name(AssuranceClass assurance_class) {
    const auto* found =
        std::ranges::find(class_names, assurance_class, &ClassName::assurance_class);
    return found == std::end(class_names) ? "unknown" : found->name;
}

std::optional<AssuranceClass> class_named(std::string_view name) {
    const auto* found = std::ranges::find(class_names, name, &ClassName::name);
    if (found == std::end(class_names)) {
        return std::nullopt;
    }
    return found->assurance_class;
}

Result<DeviceCertificate> verify_device_certificate(ByteView certificate,
                                                    std::span<const Bytes> roots) {
    const auto device = read_x509(certificate);
    if (!device) {
        return Status::certificate_wrong;
    }
    for (const auto& root_der : roots) {
        auto root = read_x509(root_der);
        if (!root || X509_check_issued(root.get(), device.get()) != X509_V_OK ||
            X509_verify(device.get(), X509_get0_pubkey(root.get())) != 1) {
            ERR_clear_error();
            continue;
        }
        const auto stated = stated_class(device.get());
        if (!stated) {
            return Status::certificate_wrong;
        }
        DeviceCertificate verified;
        verified.assurance_class = *stated;
        verified.spki = to_der(X509_get_X509_PUBKEY(device.get()), i2d_X509_PUBKEY);
        verified.module_id = sha256(verified.spki);
        verified.root = std::move(root);
        return verified;
    }
    return Status::certificate_wrong;
}

bool verify_es256(ByteView spki, ByteView message, ByteView signature) {
    const auto key = read_spki(spki);
    if (!key || EVP_PKEY_is_a(key.get(), "EC") != 1) {
        return false;
    }
    const EvpMdContextPtr context(EVP_MD_CTX_new());
    const bool good =
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestVerify(
            context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace hsm::openssl
