#include "cloudsign/verify/xml_signature.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/objects.h>

#include "cloudsign/base64.h"
#include "cloudsign/document/xades_place.h"
#include "cloudsign/document/xml_reference.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/verify/pdf_date.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::verify {
namespace {

namespace openssl = hsm::openssl;
using document::dsig_space;
using document::NotDereferenced;
using document::only_child;
using document::xades_space;
using document::XmlFile;

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t certificates_max = 16;

// xsd:base64Binary may be broken into lines.
std::optional<Bytes> bytes_in(const _xmlNode* node) {
    if (node == nullptr) {
        return std::nullopt;
    }
    auto text = document::text_in(node);
    std::erase_if(text, [](char letter) {
        return std::string_view(" \t\r\n").find(letter) != std::string_view::npos;
    });
    return from_base64(text);
}

std::vector<Bytes> certificates_of(const _xmlNode* signature) {
    std::vector<Bytes> found;
    const auto* info = only_child(signature, "KeyInfo", dsig_space);
    if (info == nullptr) {
        return found;
    }
    for (const auto* held : document::children_of(info)) {
        for (const auto* one : document::children_of(held)) {
            auto der = document::is_element(one, "X509Certificate", dsig_space) ? bytes_in(one)
                                                                                : std::nullopt;
            if (der && found.size() < certificates_max) {
                found.push_back(*std::move(der));
            }
        }
    }
    return found;
}

// A digest beside its method, as references and certificates have it.
struct NamedDigest {
    hsm::protocol::DigestAlgorithm method{};
    Bytes value;
};

const _xmlNode* along(const _xmlNode* node, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        node = node != nullptr ? only_child(node, name, xades_space) : nullptr;
    }
    return node;
}

class XmlReader {
public:
    XmlReader(const XmlFile& file, const _xmlNode* signature, std::optional<hsm::ByteView> beside)
        : file_(file), signature_(signature), beside_(beside) {}

    CheckedXml take() { return std::move(checked_); }

    void check(Deadline deadline) {
        auto certificates = certificates_of(signature_);
        const auto* info = only_child(signature_, "SignedInfo", dsig_space);
        if (info == nullptr) {
            add(Code::xml_malformed, "SignedInfo");
            return;
        }
        const bool is_whole = check_references(info, deadline);
        read_properties();
        const bool is_named = choose_certificate(certificates);
        const bool is_signed = check_signature(info);
        checked_.is_xades =
            checked_.signer.claimed_time_ms.has_value() && checked_.signer.names_certificate;
        checked_.signer.is_intact = is_whole && is_named && is_signed && check_slot();
    }

private:
    bool add(Code code, std::string detail = "") {
        checked_.signer.findings.push_back({code, std::move(detail)});
        return false;
    }

    std::optional<NamedDigest> digest_in(const _xmlNode* node) {
        const auto* method = only_child(node, "DigestMethod", dsig_space);
        const auto uri = method != nullptr ? document::attribute_of(method, "Algorithm") : "";
        const auto digest = document::xml_digest_named(uri);
        auto value = bytes_in(only_child(node, "DigestValue", dsig_space));
        if (document::is_weak_xml_algorithm(uri)) {
            add(Code::weak_digest, uri);
        }
        if (!digest || !value) {
            return std::nullopt;
        }
        return NamedDigest{*digest, *std::move(value)};
    }

    bool check_references(const _xmlNode* info, Deadline deadline) {
        std::size_t count = 0;
        bool is_whole = true;
        bool has_document = false;
        for (const auto* child : document::children_of(info)) {
            if (!document::is_element(child, "Reference", dsig_space)) {
                continue;
            }
            if (++count > xml_references_max) {
                return add(Code::xml_malformed, "Reference");
            }
            if (std::chrono::steady_clock::now() > deadline) {
                return add(Code::too_long);
            }
            const bool is_of_properties =
                document::attribute_of(child, "Type") == document::signed_properties_type;
            is_whole = check_reference(child, is_of_properties) && is_whole;
            has_document = has_document || !is_of_properties;
        }
        return has_document ? is_whole : add(Code::xml_malformed, "Reference");
    }

    bool check_reference(const _xmlNode* reference, bool is_of_properties) {
        const auto named = digest_in(reference);
        if (!named) {
            return add(Code::xml_malformed, "DigestValue");
        }
        const auto found = document::dereference(file_, signature_, reference);
        if (!found && found.error().why == NotDereferenced::Why::external && beside_ &&
            document::only_child(reference, "Transforms", dsig_space) == nullptr) {
            const bool is_it = openssl::digest_of(*beside_, named->method) == named->value;
            return is_it || add(Code::digest_mismatch, found.error().detail);
        }
        if (!found) {
            return add(found.error().why == NotDereferenced::Why::transform
                           ? Code::xml_transform_refused
                           : Code::xml_reference_unresolved,
                       found.error().detail);
        }
        if (openssl::digest_of(hsm::view_of(found->octets), named->method) != named->value) {
            return add(Code::digest_mismatch,
                       found->element != nullptr ? document::path_of(found->element) : "");
        }
        if (is_of_properties) {
            return take_properties(found->element);
        }
        // Beside a document, the signature is about that and nothing that comes along with it.
        if (beside_) {
            return add(Code::xml_reference_unresolved, document::attribute_of(reference, "URI"));
        }
        const bool is_all = found->element == nullptr || found->element == file_.root();
        checked_.covers_all = checked_.covers_all || is_all;
        checked_.covers_beside = checked_.covers_beside || found->element == nullptr;
        if (!is_all) {
            checked_.covered.push_back(found->element);
        }
        return true;
    }

    // EN 319 132-1 §4.4.2: those of this very signature. What is read of them later is what was
    // digested, and not what stands elsewhere under the same name.
    bool take_properties(const _xmlNode* element) {
        const bool is_ours = element != nullptr && properties_ == nullptr &&
                             document::is_element(element, "SignedProperties", xades_space) &&
                             document::is_within(element, signature_);
        properties_ = is_ours ? element : nullptr;
        return is_ours || add(Code::xml_malformed, "SignedProperties");
    }

    void read_properties() {
        const auto* of_signature = along(properties_, {"SignedSignatureProperties"});
        const auto* time = along(of_signature, {"SigningTime"});
        if (time != nullptr) {
            checked_.signer.claimed_time_ms = read_iso_time(document::text_in(time));
        }
        const auto* named = along(of_signature, {"SigningCertificateV2"});
        if (named == nullptr) {
            named = along(of_signature, {"SigningCertificate"});
        }
        if (named == nullptr) {
            return;
        }
        // The first names the signer's; those behind it the chain, which is judged by itself.
        const auto certificates = document::children_of(named);
        const auto* digest =
            certificates.empty() ? nullptr : along(certificates.front(), {"CertDigest"});
        certificate_name_ = digest != nullptr ? digest_in(digest) : std::nullopt;
        names_certificate_ = true;
    }

    bool choose_certificate(const std::vector<Bytes>& certificates) {
        const auto is_named = [&](const Bytes& der) {
            return certificate_name_ &&
                   openssl::digest_of(der, certificate_name_->method) == certificate_name_->value;
        };
        auto chosen = std::ranges::find_if(certificates, is_named);
        checked_.signer.names_certificate = chosen != certificates.end();
        if (chosen == certificates.end()) {
            chosen = certificates.begin();
        }
        checked_.signer.certificate =
            chosen == certificates.end() ? nullptr : openssl::read_x509(*chosen);
        if (!checked_.signer.certificate) {
            return add(Code::certificate_missing);
        }
        if (!names_certificate_) {
            add(Code::signing_certificate_absent);
            return true;
        }
        return checked_.signer.names_certificate || add(Code::signing_certificate_mismatch);
    }

    bool check_signature(const _xmlNode* info) {
        const auto* method = only_child(info, "SignatureMethod", dsig_space);
        const auto* form = only_child(info, "CanonicalizationMethod", dsig_space);
        const auto uri = method != nullptr ? document::attribute_of(method, "Algorithm") : "";
        const auto algorithm = document::xml_signature_named(uri);
        const auto how =
            form != nullptr
                ? document::canonicalization_named(document::attribute_of(form, "Algorithm"))
                : std::nullopt;
        checked_.signer.signature_algorithm = uri.substr(uri.find('#') + 1);
        if (!algorithm || !how) {
            return document::is_weak_xml_algorithm(uri) ? add(Code::weak_digest, uri)
                                                        : add(Code::format_unsupported, uri);
        }
        checked_.signer.digest_algorithm =
            OBJ_nid2ln(EVP_MD_get_type(openssl::message_digest(algorithm->digest)));
        const auto value = bytes_in(only_child(signature_, "SignatureValue", dsig_space));
        const auto text = document::canonical(file_, info, nullptr, *how);
        if (!value || !text) {
            return add(Code::xml_malformed, "SignatureValue");
        }
        checked_.signer.signature = *value;
        if (!checked_.signer.certificate) {
            return false;
        }
        auto* key = X509_get0_pubkey(checked_.signer.certificate.get());
        if (!is_strong_key(key)) {
            add(Code::weak_key);
        }
        const bool is_signed =
            pki::verify_raw_signature(key, *algorithm, hsm::view_of(*text), *value);
        ERR_clear_error();
        return is_signed || add(Code::signature_mismatch);
    }

    // In a slot of a school report, what the slot is about must be signed.
    bool check_slot() {
        const auto* parent = document::parent_of(signature_);
        const auto* slot =
            parent != nullptr ? document::xml_slot_named(document::local_name(parent)) : nullptr;
        if (slot == nullptr) {
            return true;
        }
        const bool is_right = checked_.covered.size() == 1 && !checked_.covers_all &&
                              (slot->element.empty() ||
                               document::local_name(checked_.covered.front()) == slot->element) &&
                              (slot->reference.empty() ||
                               document::id_of(checked_.covered.front()) == slot->reference);
        return is_right || add(Code::xml_slot_mismatch, std::string(slot->name));
    }

    const XmlFile& file_;
    const _xmlNode* signature_;
    std::optional<hsm::ByteView> beside_;
    const _xmlNode* properties_ = nullptr;
    std::optional<NamedDigest> certificate_name_;
    bool names_certificate_ = false;
    CheckedXml checked_;
};

}  // namespace

void collect_from(const _xmlNode* signature, CertificatePool& pool) {
    for (const auto& certificate : certificates_of(signature)) {
        pool.add(certificate);
    }
}

CheckedXml check_xml(const XmlFile& file,
                     const _xmlNode* signature,
                     std::optional<hsm::ByteView> beside,
                     std::chrono::steady_clock::time_point deadline) {
    XmlReader reader(file, signature, beside);
    reader.check(deadline);
    return reader.take();
}

}  // namespace cloudsign::verify
