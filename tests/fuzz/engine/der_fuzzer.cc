#include <memory>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "firmware/engine/der.h"
#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/psa/pkcs8.h"
#include "firmware/engine/spki.h"
#include "hsm/protocol/key_type.h"

// Every reader of DER in the firmware: signatures and public keys that a host sends, private keys
// that come out of a wrapping. What one of them takes has one encoding, the one that came, and
// OpenSSL reads the same in it. The first byte chooses reader and key type.
namespace {

using firmware::engine::DerReader;
using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using hsm::protocol::KeyType;

constexpr KeyType key_types[] = {
    KeyType::p256, KeyType::p384, KeyType::rsa2048, KeyType::rsa3072, KeyType::rsa4096};

void check_equal(ByteView a, ByteView b) {
    CHECK(hsm::equal(a, b));
}

// Elements of any tag, and in those that are sequences again: every step goes forward, and what is
// given lies in what was given to read.
void walk(ByteView bytes) {
    DerReader reader(bytes);
    for (;;) {
        const auto rest = reader.rest();
        if (rest.empty()) {
            CHECK(reader.end());
            return;
        }
        auto numbers = reader;
        if (const auto magnitude = numbers.positive_integer()) {
            CHECK(!magnitude->empty() && (*magnitude)[0] != 0);
            CHECK(magnitude->size() < rest.size());
        }
        const auto element = reader.element(rest[0]);
        if (!element) {
            CHECK(element.error() == Status::malformed);
            return;
        }
        CHECK(reader.rest().size() + element->size() + 2 <= rest.size());
        if (rest[0] == firmware::engine::der_sequence) {
            DerReader(*element).literal(*element).has_value();
        }
    }
}

void check_openssl_signature(ByteView der, ByteView raw) {
    const auto* at = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    CHECK(signature != nullptr && at == der.data() + der.size());
    const auto half = raw.size() / 2;
    std::array<Byte, firmware::engine::raw_ecdsa_size_max> numbers{};
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), numbers.data(), static_cast<int>(half)) ==
          static_cast<int>(half));
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()),
                       numbers.data() + half,
                       static_cast<int>(half)) == static_cast<int>(half));
    check_equal(ByteView(numbers).first(raw.size()), raw);
}

void read_signature(KeyType type, ByteView der) {
    const auto raw = firmware::engine::ecdsa_from_der(type, der);
    if (!raw) {
        CHECK(raw.error() == Status::signature_wrong);
        return;
    }
    const auto again = firmware::engine::ecdsa_to_der(type, *raw);
    CHECK(again.has_value());
    check_equal(*again, der);
    check_openssl_signature(der, *raw);
}

void read_public_key(KeyType type, ByteView spki) {
    const bool rsa = hsm::protocol::is_rsa(type);
    const auto content =
        rsa ? firmware::engine::rsa_modulus(type, spki) : firmware::engine::ec_point(type, spki);
    if (!content) {
        CHECK(content.error() == Status::blob_malformed);
        return;
    }
    const auto again = rsa ? firmware::engine::rsa_spki(type, *content)
                           : firmware::engine::ec_spki(type, *content);
    CHECK(again.has_value());
    check_equal(*again, spki);
    if (rsa) {
        const auto* at = spki.data();
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
            d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
        CHECK(key != nullptr && at == spki.data() + spki.size());
        CHECK(EVP_PKEY_bits(key.get()) == static_cast<int>(8 * content->size()));
    }
}

void read_private_key(KeyType type, ByteView pkcs8) {
    const auto inner = firmware::engine::psa::private_key_in(type, pkcs8);
    if (!inner) {
        CHECK(inner.error() == Status::blob_malformed);
        return;
    }
    firmware::engine::psa::PrivateKey key;
    CHECK(key.assign(*inner));
    CHECK(firmware::engine::psa::enclose_pkcs8(type, key));
    check_equal(key.reveal(), pkcs8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ByteView bytes(input + 1, size - 1);
    const auto type = key_types[input[0] % 5];
    switch (input[0] / 5 % 4) {
        case 0:
            walk(bytes);
            break;
        case 1:
            read_signature(key_types[input[0] % 2], bytes);
            break;
        case 2:
            read_public_key(type, bytes);
            break;
        default:
            read_private_key(type, bytes);
            break;
    }
    return 0;
}
