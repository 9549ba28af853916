#include <cstring>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/pki/signing_reference.h"
#include "hsm/openssl/der.h"

// The provider: keys whose private half is a SigningReference, and one signature algorithm that
// gathers the message and asks it. Everything else (digests, public keys) is the default
// provider's.
namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

// ---- keys

// `public_key` lives in OpenSSL's default context, where keys are all the default provider's.
struct Key {
    const char* type = nullptr;
    SigningReference* reference = nullptr;  // none: a public key, imported to be compared
    openssl::EvpKeyPtr public_key;
};

Key* key_of(const void* data) {
    return static_cast<Key*>(const_cast<void*>(data));
}

void* new_ec(void*) {
    return new Key{"EC", nullptr, nullptr};
}
void* new_rsa(void*) {
    return new Key{"RSA", nullptr, nullptr};
}
void free_key(void* data) {
    delete key_of(data);
}

int has(const void* data, int selection) {
    const auto* key = key_of(data);
    const bool private_wanted = (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
    return key != nullptr && key->public_key && (!private_wanted || key->reference != nullptr);
}

int match(const void* one, const void* other, int) {
    const auto* a = key_of(one);
    const auto* b = key_of(other);
    return a->public_key && b->public_key &&
           EVP_PKEY_eq(a->public_key.get(), b->public_key.get()) == 1;
}

// A reference of ours, or the public half of somebody else's key.
int import(void* data, int selection, const OSSL_PARAM params[]) {
    auto* key = key_of(data);
    if (const auto* given = OSSL_PARAM_locate_const(params, signer_parameter)) {
        const void* bytes = nullptr;
        std::size_t size = 0;
        if (OSSL_PARAM_get_octet_string_ptr(given, &bytes, &size) != 1 ||
            size != sizeof(key->reference)) {
            return 0;
        }
        std::memcpy(&key->reference, bytes, size);
        key->public_key = openssl::read_spki(key->reference->signer->spki());
        if (!key->public_key || EVP_PKEY_is_a(key->public_key.get(), key->type) != 1) {
            return 0;
        }
        key->reference->signature_size_max =
            static_cast<std::size_t>(EVP_PKEY_get_size(key->public_key.get()));
        return 1;
    }
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
        return 0;
    }
    const std::unique_ptr<EVP_PKEY_CTX, openssl::Freed<EVP_PKEY_CTX_free>> context(
        EVP_PKEY_CTX_new_from_name(nullptr, key->type, nullptr));
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(
            context.get(), &made, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(params)) != 1) {
        return 0;
    }
    key->public_key.reset(made);
    return 1;
}

const OSSL_PARAM* import_types(int) {
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_octet_string(signer_parameter, nullptr, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, nullptr, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, nullptr, 0),
        OSSL_PARAM_END};
    return types;
}

// Never the private half, which we have not: otherwise another provider would take the key for its
// own and sign with nothing.
int export_key(void* data, int selection, OSSL_CALLBACK* callback, void* argument) {
    const auto* key = key_of(data);
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 || !key->public_key) {
        return 0;
    }
    OSSL_PARAM* params = nullptr;
    if (EVP_PKEY_todata(key->public_key.get(), EVP_PKEY_PUBLIC_KEY, &params) != 1) {
        return 0;
    }
    const int taken = callback(params, argument);
    OSSL_PARAM_free(params);
    return taken;
}

int set_number(OSSL_PARAM params[], const char* name, int value) {
    OSSL_PARAM* place = OSSL_PARAM_locate(params, name);
    return place == nullptr || OSSL_PARAM_set_int(place, value) == 1;
}

int get_params(void* data, OSSL_PARAM params[]) {
    const auto* key = key_of(data)->public_key.get();
    OSSL_PARAM* digest = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST);
    return key != nullptr && set_number(params, OSSL_PKEY_PARAM_BITS, EVP_PKEY_get_bits(key)) &&
           set_number(params, OSSL_PKEY_PARAM_SECURITY_BITS, EVP_PKEY_get_security_bits(key)) &&
           set_number(params, OSSL_PKEY_PARAM_MAX_SIZE, EVP_PKEY_get_size(key)) &&
           (digest == nullptr || OSSL_PARAM_set_utf8_string(digest, "SHA256") == 1);
}

const OSSL_PARAM* gettable_params(void*) {
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
        OSSL_PARAM_END};
    return types;
}

// A name that only this provider knows: no other can be fetched for our keys.
const char* operation_name(int operation) {
    return operation == OSSL_OP_SIGNATURE ? "KYSO-SIGNATURE" : nullptr;
}

// ---- signatures

struct Signing {
    SigningReference* reference = nullptr;
    Bytes message;
};

Signing* signing_of(void* data) {
    return static_cast<Signing*>(data);
}

void* new_signing(void*, const char*) {
    return new Signing;
}
void free_signing(void* data) {
    delete signing_of(data);
}
void* copy_signing(void* data) {
    return new Signing(*signing_of(data));
}

int begin(void* data, const char*, void* provider_key, const OSSL_PARAM[]) {
    if (provider_key != nullptr) {
        signing_of(data)->reference = key_of(provider_key)->reference;
    }
    signing_of(data)->message.clear();
    return signing_of(data)->reference != nullptr;
}

int update(void* data, const unsigned char* piece, std::size_t size) {
    auto& message = signing_of(data)->message;
    message.insert(message.end(), piece, piece + size);
    return 1;
}

int finish(void* data, unsigned char* signature, std::size_t* size, std::size_t room) {
    auto& signing = *signing_of(data);
    if (signature == nullptr) {
        *size = signing.reference->signature_size_max;
        return 1;
    }
    const auto made = signing.reference->signer->sign(signing.message);
    if (!made) {
        signing.reference->error = made.error();
        return 0;
    }
    if (made->size() > room) {
        return 0;
    }
    std::ranges::copy(*made, signature);
    *size = made->size();
    return 1;
}

// What stands in the signed object beside the signature.
int get_signing_params(void* data, OSSL_PARAM params[]) {
    OSSL_PARAM* place = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
    if (place == nullptr) {
        return 1;
    }
    const openssl::X509AlgorPtr algorithm(X509_ALGOR_new());
    if (!set_signature_algorithm(algorithm.get(),
                                 signing_of(data)->reference->signer->algorithm())) {
        return 0;
    }
    const auto der = openssl::to_der(algorithm.get(), i2d_X509_ALGOR);
    return OSSL_PARAM_set_octet_string(place, der.data(), der.size());
}

const OSSL_PARAM* gettable_signing_params(void*, void*) {
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, nullptr, 0), OSSL_PARAM_END};
    return types;
}

// The signer's algorithm is what it is, whatever a caller would set.
int set_signing_params(void*, const OSSL_PARAM[]) {
    return 1;
}
const OSSL_PARAM* settable_signing_params(void*, void*) {
    static const OSSL_PARAM types[] = {OSSL_PARAM_END};
    return types;
}

// ---- tables

template <class Function>
OSSL_DISPATCH entry(int number, Function* function) {
    return {number, reinterpret_cast<void (*)()>(function)};
}

const OSSL_DISPATCH* key_functions(void* (*make)(void*), OSSL_DISPATCH (&table)[13]) {
    const OSSL_DISPATCH all[] = {
        entry(OSSL_FUNC_KEYMGMT_NEW, make),
        entry(OSSL_FUNC_KEYMGMT_FREE, free_key),
        entry(OSSL_FUNC_KEYMGMT_HAS, has),
        entry(OSSL_FUNC_KEYMGMT_MATCH, match),
        entry(OSSL_FUNC_KEYMGMT_IMPORT, import),
        entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, import_types),
        entry(OSSL_FUNC_KEYMGMT_EXPORT, export_key),
        entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, import_types),
        entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),
        entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_params),
        entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, operation_name),
        {0, nullptr},
    };
    std::ranges::copy(all, table);
    return table;
}

const OSSL_DISPATCH* signature_functions() {
    static const OSSL_DISPATCH table[] = {
        entry(OSSL_FUNC_SIGNATURE_NEWCTX, new_signing),
        entry(OSSL_FUNC_SIGNATURE_FREECTX, free_signing),
        entry(OSSL_FUNC_SIGNATURE_DUPCTX, copy_signing),
        entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin),
        entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, update),
        entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, finish),
        entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_signing_params),
        entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable_signing_params),
        entry(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_signing_params),
        entry(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable_signing_params),
        {0, nullptr},
    };
    return table;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    static OSSL_DISPATCH ec[13];
    static OSSL_DISPATCH rsa[13];
    static const OSSL_ALGORITHM keys[] = {
        {"EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=kyso", key_functions(new_ec, ec), ""},
        {"RSA:rsaEncryption:1.2.840.113549.1.1.1",
         "provider=kyso",
         key_functions(new_rsa, rsa),
         ""},
        {nullptr, nullptr, nullptr, nullptr}};
    static const OSSL_ALGORITHM signatures[] = {
        {"KYSO-SIGNATURE", "provider=kyso", signature_functions(), ""},
        {nullptr, nullptr, nullptr, nullptr}};
    *no_cache = 0;
    switch (operation) {
        case OSSL_OP_KEYMGMT:
            return keys;
        case OSSL_OP_SIGNATURE:
            return signatures;
        default:
            return nullptr;
    }
}

}  // namespace

extern "C" int kyso_provider_init(const OSSL_CORE_HANDLE* handle,
                                  const OSSL_DISPATCH*,
                                  const OSSL_DISPATCH** out,
                                  void** provider_context) {
    static const OSSL_DISPATCH table[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
                                          {0, nullptr}};
    *out = table;
    // Nothing of ours to keep; OpenSSL wants it not to be null.
    *provider_context = const_cast<OSSL_CORE_HANDLE*>(handle);
    return 1;
}

}  // namespace cloudsign::pki
