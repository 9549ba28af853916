#include "cloudsign/pki/signed_structure.h"

#include <openssl/asn1t.h>

#include "cloudsign/pki/signature_algorithm.h"
#include "hsm/openssl/der.h"

namespace {

// With the signed part as opaque bytes: what was approved is what is embedded.
struct SignedStructure {
    ASN1_TYPE* signed_part;
    X509_ALGOR* algorithm;
    ASN1_BIT_STRING* signature;
};

ASN1_SEQUENCE(SignedStructure) = {
    ASN1_SIMPLE(SignedStructure, signed_part, ASN1_ANY),
    ASN1_SIMPLE(SignedStructure, algorithm, X509_ALGOR),
    ASN1_SIMPLE(SignedStructure, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(SignedStructure)

}  // namespace

namespace cloudsign::pki {

namespace openssl = hsm::openssl;

Bytes wrap_signed(const Bytes& signed_part,
                  const hsm::protocol::Algorithm& algorithm,
                  const Bytes& signature) {
    using Asn1TypePtr = std::unique_ptr<ASN1_TYPE, openssl::Freed<ASN1_TYPE_free>>;
    SignedStructure parts{};
    const auto opaque = openssl::from_der<Asn1TypePtr>(signed_part, d2i_ASN1_TYPE);
    openssl::X509AlgorPtr identifier(X509_ALGOR_new());
    std::unique_ptr<ASN1_BIT_STRING, openssl::Freed<ASN1_BIT_STRING_free>> bits(
        ASN1_BIT_STRING_new());
    if (!opaque || !set_signature_algorithm(identifier.get(), algorithm) ||
        ASN1_BIT_STRING_set(bits.get(),
                            const_cast<unsigned char*>(signature.data()),
                            static_cast<int>(signature.size())) != 1) {
        return {};
    }
    // Otherwise trailing zero bits of the signature would be cut off as padding.
    bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    parts.signed_part = opaque.get();
    parts.algorithm = identifier.get();
    parts.signature = bits.get();
    unsigned char* der = nullptr;
    const int size =
        ASN1_item_i2d(reinterpret_cast<ASN1_VALUE*>(&parts), &der, ASN1_ITEM_rptr(SignedStructure));
    if (size <= 0) {
        return {};
    }
    Bytes whole(der, der + size);
    OPENSSL_free(der);
    return whole;
}

}  // namespace cloudsign::pki
