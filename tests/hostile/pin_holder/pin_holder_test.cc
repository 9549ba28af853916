#include <fstream>
#include <functional>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

#include "board/host/softhsm/library.h"
#include "board/host/softhsm/mechanisms.h"
#include "board/host/softhsm/session.h"
#include "firmware/engine/spki.h"
#include "tests/support/generated_key.h"
#include "tests/unit/firmware/engine/engine_site.h"
#include "tests/unit/firmware/engine/openssl_check.h"

// Somebody holds the token's PIN and speaks PKCS#11. What SoftHSM answers is written here as it is,
// refusals and weaknesses alike; firmware/engine/SOFTHSM_FINDINGS.md has one row for each, and each
// row is looked for there.
namespace {

using board::host::softhsm::Attributes;
using board::host::softhsm::Library;
using board::host::softhsm::mechanism_aes_key_wrap_pad;
using board::host::softhsm::Session;
using board::host::softhsm::SessionObject;
using firmware::engine::SealedKey;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;
using tests::engine::Bytes;

std::string rv_name(CK_RV rv) {
    switch (rv) {
        case CKR_OK:
            return "CKR_OK";
        case CKR_GENERAL_ERROR:
            return "CKR_GENERAL_ERROR";
        case CKR_ATTRIBUTE_READ_ONLY:
            return "CKR_ATTRIBUTE_READ_ONLY";
        case CKR_ATTRIBUTE_SENSITIVE:
            return "CKR_ATTRIBUTE_SENSITIVE";
        case CKR_ATTRIBUTE_VALUE_INVALID:
            return "CKR_ATTRIBUTE_VALUE_INVALID";
        case CKR_ACTION_PROHIBITED:
            return "CKR_ACTION_PROHIBITED";
        case CKR_KEY_FUNCTION_NOT_PERMITTED:
            return "CKR_KEY_FUNCTION_NOT_PERMITTED";
        case CKR_KEY_TYPE_INCONSISTENT:
            return "CKR_KEY_TYPE_INCONSISTENT";
        case CKR_KEY_NOT_WRAPPABLE:
            return "CKR_KEY_NOT_WRAPPABLE";
        case CKR_KEY_UNEXTRACTABLE:
            return "CKR_KEY_UNEXTRACTABLE";
        case CKR_KEY_SIZE_RANGE:
            return "CKR_KEY_SIZE_RANGE";
        case CKR_MECHANISM_INVALID:
            return "CKR_MECHANISM_INVALID";
        case CKR_TEMPLATE_INCONSISTENT:
            return "CKR_TEMPLATE_INCONSISTENT";
        case CKR_WRAPPED_KEY_INVALID:
            return "CKR_WRAPPED_KEY_INVALID";
        case CKR_WRAPPING_KEY_HANDLE_INVALID:
            return "CKR_WRAPPING_KEY_HANDLE_INVALID";
        case CKR_WRAPPING_KEY_TYPE_INCONSISTENT:
            return "CKR_WRAPPING_KEY_TYPE_INCONSISTENT";
        case CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT:
            return "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT";
        default: {
            std::ostringstream hex;
            hex << "0x" << std::hex << rv;
            return hex.str();
        }
    }
}

class PinHolder : public testing::Test {
protected:
    void SetUp() override {
        {
            const auto engine = site_->open("module-1");
            ASSERT_TRUE(engine->unlock(site_->secret()) && engine->make_epoch(1));
            ASSERT_TRUE(engine->generate_sealed(1, KeyType::p256, ec_));
            ASSERT_TRUE(tests::support::generate_key(*engine, 1, KeyType::rsa2048, rsa_));
        }
        library_.emplace(*Library::load("/usr/lib/softhsm/libsofthsm2.so", ""));
        ASSERT_TRUE(library_->initialize());
        session_.emplace(*Session::open(library_->functions(), *library_->slot_of("group")));
        ASSERT_TRUE(session_->login(CKU_USER, site_->secret()));
        kek_ = labelled(CKO_SECRET_KEY, "kek-1");
        mac_key_ = labelled(CKO_SECRET_KEY, "mac-1");
        identity_ = labelled(CKO_PRIVATE_KEY, "identity-module-1");

        Attributes own;
        own.number(CKA_CLASS, CKO_SECRET_KEY)
            .number(CKA_KEY_TYPE, CKK_AES)
            .flag(CKA_TOKEN, false)
            .flag(CKA_WRAP, true)
            .flag(CKA_UNWRAP, true)
            .flag(CKA_SENSITIVE, false)
            .flag(CKA_EXTRACTABLE, true)
            .bytes(CKA_VALUE, own_value_);
        own_ = *session_->create(own);
        std::ifstream stream(std::string(std::getenv("KYSO_SOURCE")) +
                             "/firmware/engine/SOFTHSM_FINDINGS.md");
        findings_.assign(std::istreambuf_iterator<char>(stream), {});
    }

    void TearDown() override {
        unwrapped_ = {};
        own_ = {};
        session_.reset();
    }

    CK_OBJECT_HANDLE labelled(CK_OBJECT_CLASS object_class, std::string_view label) {
        Attributes wanted;
        wanted.number(CKA_CLASS, object_class).text(CKA_LABEL, label);
        return *session_->find(wanted);
    }

    CK_FUNCTION_LIST& pkcs11() { return library_->functions(); }
    CK_SESSION_HANDLE handle() const { return session_->handle(); }

    void expect(const std::string& attempt, CK_RV answer, CK_RV expected) {
        EXPECT_EQ(rv_name(answer), rv_name(expected)) << attempt;
        const auto row = "| " + attempt + " | `" + rv_name(expected) + "` |";
        EXPECT_NE(findings_.find(row), std::string::npos) << "SOFTHSM_FINDINGS.md lacks " << row;
    }

    CK_RV read_value(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type = CKA_VALUE) {
        Bytes value(3000);
        CK_ATTRIBUTE wanted = {type, value.data(), value.size()};
        return pkcs11().C_GetAttributeValue(handle(), key, &wanted, 1);
    }

    CK_RV wrap(CK_OBJECT_HANDLE wrapping_key,
               CK_OBJECT_HANDLE key,
               CK_MECHANISM_TYPE type = mechanism_aes_key_wrap_pad) {
        Bytes wrapped(3000);
        CK_MECHANISM mechanism = {type, nullptr, 0};
        CK_ULONG size = wrapped.size();
        return pkcs11().C_WrapKey(handle(), &mechanism, wrapping_key, key, wrapped.data(), &size);
    }

    CK_RV set(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type, bool value) {
        Attributes attributes;
        attributes.flag(type, value);
        return pkcs11().C_SetAttributeValue(handle(), key, attributes.list(), 1);
    }

    CK_RV copy(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type, bool value) {
        Attributes attributes;
        attributes.flag(type, value);
        CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
        return pkcs11().C_CopyObject(handle(), key, attributes.list(), 1, &made);
    }

    CK_RV decrypt_init(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type) {
        CK_MECHANISM mechanism = {type, nullptr, 0};
        return pkcs11().C_DecryptInit(handle(), &mechanism, key);
    }

    CK_RV derive(CK_OBJECT_HANDLE key) {
        Bytes input(32, 1);
        CK_KEY_DERIVATION_STRING_DATA parameters = {input.data(), input.size()};
        CK_MECHANISM mechanism = {CKM_AES_ECB_ENCRYPT_DATA, &parameters, sizeof(parameters)};
        Attributes made;
        made.number(CKA_CLASS, CKO_SECRET_KEY)
            .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
            .flag(CKA_TOKEN, false)
            .flag(CKA_SENSITIVE, false)
            .flag(CKA_EXTRACTABLE, true)
            .number(CKA_VALUE_LEN, 32);
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        return pkcs11().C_DeriveKey(handle(), &mechanism, key, made.list(), made.count(), &object);
    }

    // What an unwrap is to leave behind; std::nullopt leaves the attribute out.
    struct Wish {
        std::optional<bool> token;
        std::optional<bool> sensitive;
        std::optional<bool> extractable;
    };
    static constexpr Wish as_forced{false, true, false};

    CK_RV unwrap(ByteView wrapped,
                 CK_OBJECT_CLASS object_class,
                 CK_KEY_TYPE type,
                 const Wish& wish,
                 CK_MECHANISM_TYPE mechanism_type = mechanism_aes_key_wrap_pad) {
        Attributes key;
        key.number(CKA_CLASS, object_class).number(CKA_KEY_TYPE, type);
        if (wish.token) {
            key.flag(CKA_TOKEN, *wish.token);
        }
        if (wish.sensitive) {
            key.flag(CKA_SENSITIVE, *wish.sensitive);
        }
        if (wish.extractable) {
            key.flag(CKA_EXTRACTABLE, *wish.extractable);
        }
        CK_MECHANISM mechanism = {mechanism_type, nullptr, 0};
        if (mechanism_type == CKM_AES_CBC || mechanism_type == CKM_AES_CBC_PAD) {
            mechanism.pParameter = iv_.data();
            mechanism.ulParameterLen = iv_.size();
        }
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        const auto answer = pkcs11().C_UnwrapKey(handle(),
                                                 &mechanism,
                                                 kek_,
                                                 const_cast<Byte*>(wrapped.data()),
                                                 wrapped.size(),
                                                 key.list(),
                                                 key.count(),
                                                 &object);
        if (answer == CKR_OK) {
            unwrapped_ = SessionObject(pkcs11(), handle(), object);
        }
        return answer;
    }

    Bytes own_value_ = Bytes(32, 9);
    Bytes iv_ = Bytes(16);
    std::unique_ptr<tests::engine::Site> site_ = tests::engine::make_softhsm_site();
    SealedKey ec_;
    SealedKey rsa_;
    std::string findings_;
    std::optional<Library> library_;
    std::optional<Session> session_;
    SessionObject own_;
    SessionObject unwrapped_;
    CK_OBJECT_HANDLE kek_ = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE mac_key_ = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE identity_ = CK_INVALID_HANDLE;
};

TEST_F(PinHolder, DoesNotGetTheKekInClear) {
    expect("KEK: read CKA_VALUE", read_value(kek_), CKR_ATTRIBUTE_SENSITIVE);
    expect(
        "KEK: wrap it under a key of one's own", wrap(own_.handle(), kek_), CKR_KEY_UNEXTRACTABLE);
    expect("KEK: set CKA_EXTRACTABLE", set(kek_, CKA_EXTRACTABLE, true), CKR_ACTION_PROHIBITED);
    expect("KEK: clear CKA_SENSITIVE", set(kek_, CKA_SENSITIVE, false), CKR_ACTION_PROHIBITED);
    expect("KEK: set CKA_MODIFIABLE", set(kek_, CKA_MODIFIABLE, true), CKR_ACTION_PROHIBITED);
    expect("KEK: copy with CKA_EXTRACTABLE",
           copy(kek_, CKA_EXTRACTABLE, true),
           CKR_ATTRIBUTE_READ_ONLY);
    expect("KEK: copy without CKA_SENSITIVE",
           copy(kek_, CKA_SENSITIVE, false),
           CKR_ATTRIBUTE_READ_ONLY);
}

TEST_F(PinHolder, DoesNotTurnTheKekIntoADecryptionKey) {
    expect("KEK: set CKA_DECRYPT", set(kek_, CKA_DECRYPT, true), CKR_ACTION_PROHIBITED);
    expect("KEK: copy with CKA_DECRYPT", copy(kek_, CKA_DECRYPT, true), CKR_ATTRIBUTE_READ_ONLY);
    expect("KEK: copy unchanged to a session object",
           copy(kek_, CKA_TOKEN, false),
           CKR_ATTRIBUTE_READ_ONLY);
    expect("KEK: copy with CKA_DERIVE", copy(kek_, CKA_DERIVE, true), CKR_ATTRIBUTE_READ_ONLY);
    expect("KEK: C_DecryptInit, AES-ECB",
           decrypt_init(kek_, CKM_AES_ECB),
           CKR_KEY_FUNCTION_NOT_PERMITTED);
    CK_MECHANISM ecb = {CKM_AES_ECB, nullptr, 0};
    expect("KEK: C_EncryptInit, AES-ECB",
           pkcs11().C_EncryptInit(handle(), &ecb, kek_),
           CKR_KEY_FUNCTION_NOT_PERMITTED);
    CK_MECHANISM cmac = {CKM_AES_CMAC, nullptr, 0};
    expect("KEK: C_SignInit, AES-CMAC",
           pkcs11().C_SignInit(handle(), &cmac, kek_),
           CKR_KEY_FUNCTION_NOT_PERMITTED);
    expect("KEK: C_DeriveKey, AES-ECB-ENCRYPT-DATA", derive(kek_), CKR_KEY_FUNCTION_NOT_PERMITTED);
}

TEST_F(PinHolder, DoesNotUnwrapAKeyThatCouldBeRead) {
    const auto ec = [&](const Wish& wish) {
        return unwrap(ec_.wrapped, CKO_PRIVATE_KEY, CKK_EC, wish);
    };
    expect("Blob: unwrap with CKA_EXTRACTABLE", ec({false, true, true}), CKR_TEMPLATE_INCONSISTENT);
    expect(
        "Blob: unwrap without CKA_SENSITIVE", ec({false, false, false}), CKR_TEMPLATE_INCONSISTENT);
    expect("Blob: unwrap readable and extractable",
           ec({false, false, true}),
           CKR_TEMPLATE_INCONSISTENT);
    expect("Blob: unwrap to a token object", ec({true, true, false}), CKR_TEMPLATE_INCONSISTENT);
    expect("Blob: unwrap with a template that is silent", ec({}), CKR_TEMPLATE_INCONSISTENT);
    expect("Blob: unwrap as readable generic secret",
           unwrap(ec_.wrapped, CKO_SECRET_KEY, CKK_GENERIC_SECRET, {false, false, true}),
           CKR_TEMPLATE_INCONSISTENT);
    expect("Blob: unwrap as readable AES key",
           unwrap(ec_.wrapped, CKO_SECRET_KEY, CKK_AES, {false, false, true}),
           CKR_TEMPLATE_INCONSISTENT);
    EXPECT_NE(unwrap(ec_.wrapped, CKO_DATA, 0, as_forced), CKR_OK);
}

TEST_F(PinHolder, DoesNotReadAKeyThatIsUnwrapped) {
    for (const auto& [name, sealed, type, secret] :
         {std::tuple("P-256", &ec_, CK_KEY_TYPE{CKK_EC}, CK_ATTRIBUTE_TYPE{CKA_VALUE}),
          std::tuple(
              "RSA", &rsa_, CK_KEY_TYPE{CKK_RSA}, CK_ATTRIBUTE_TYPE{CKA_PRIVATE_EXPONENT})}) {
        const std::string prefix = std::string("Unwrapped ") + name + " key: ";
        ASSERT_EQ(unwrap(sealed->wrapped, CKO_PRIVATE_KEY, type, as_forced), CKR_OK);
        const auto key = unwrapped_.handle();

        expect(prefix + "read the private value", read_value(key, secret), CKR_ATTRIBUTE_SENSITIVE);
        expect(prefix + "wrap it under a key of one's own",
               wrap(own_.handle(), key),
               CKR_KEY_UNEXTRACTABLE);
        expect(prefix + "set CKA_EXTRACTABLE",
               set(key, CKA_EXTRACTABLE, true),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "clear CKA_SENSITIVE",
               set(key, CKA_SENSITIVE, false),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "copy with CKA_EXTRACTABLE",
               copy(key, CKA_EXTRACTABLE, true),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "copy to a token object", copy(key, CKA_TOKEN, true), CKR_OK);
    }
}

TEST_F(PinHolder, DoesNotUnwrapByAnotherMechanism) {
    const auto by = [&](CK_MECHANISM_TYPE mechanism) {
        return unwrap(ec_.wrapped, CKO_SECRET_KEY, CKK_GENERIC_SECRET, as_forced, mechanism);
    };
    expect("Blob: unwrap by CKM_AES_CBC", by(CKM_AES_CBC), CKR_MECHANISM_INVALID);
    expect("Blob: unwrap by CKM_AES_CBC_PAD", by(CKM_AES_CBC_PAD), CKR_MECHANISM_INVALID);
    expect("Blob: unwrap by CKM_AES_ECB", by(CKM_AES_ECB), CKR_MECHANISM_INVALID);
    expect("Blob: unwrap by CKM_AES_KEY_WRAP", by(CKM_AES_KEY_WRAP), CKR_GENERAL_ERROR);
}

TEST_F(PinHolder, DoesNotGetTheMacKeyOrTheIdentityInClear) {
    for (const auto& [name, key] :
         {std::pair("MAC key", mac_key_), std::pair("Identity key", identity_)}) {
        const std::string prefix = std::string(name) + ": ";
        expect(prefix + "read CKA_VALUE", read_value(key), CKR_ATTRIBUTE_SENSITIVE);
        expect(prefix + "wrap it under a key of one's own",
               wrap(own_.handle(), key),
               CKR_KEY_UNEXTRACTABLE);
        expect(prefix + "wrap it under the KEK", wrap(kek_, key), CKR_KEY_UNEXTRACTABLE);
        expect(prefix + "set CKA_EXTRACTABLE",
               set(key, CKA_EXTRACTABLE, true),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "clear CKA_SENSITIVE",
               set(key, CKA_SENSITIVE, false),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "copy with CKA_EXTRACTABLE",
               copy(key, CKA_EXTRACTABLE, true),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "copy without CKA_SENSITIVE",
               copy(key, CKA_SENSITIVE, false),
               CKR_ATTRIBUTE_READ_ONLY);
        expect(prefix + "C_DeriveKey, AES-ECB-ENCRYPT-DATA",
               derive(key),
               CKR_KEY_FUNCTION_NOT_PERMITTED);
    }
    const auto copied = session_->copy_to_session(mac_key_);
    ASSERT_TRUE(copied);
    expect(
        "MAC key: read CKA_VALUE of a copy", read_value(copied->handle()), CKR_ATTRIBUTE_SENSITIVE);
}

TEST_F(PinHolder, DoesNotMakeItsOwnKeyTrusted) {
    expect(
        "Own key: set CKA_TRUSTED", set(own_.handle(), CKA_TRUSTED, true), CKR_ATTRIBUTE_READ_ONLY);
}

// The limit, stated as a fact: the PIN uses every key, though it reads none. Whoever has the PIN
// and the token's files is the operator of the module's uid.
TEST_F(PinHolder, UsesEveryKey) {
    const Digest digest = {7};
    Attributes key;
    key.number(CKA_CLASS, CKO_PRIVATE_KEY)
        .number(CKA_KEY_TYPE, CKK_EC)
        .flag(CKA_TOKEN, false)
        .flag(CKA_SENSITIVE, true)
        .flag(CKA_EXTRACTABLE, false)
        .flag(CKA_SIGN, true);
    auto signer = session_->unwrap(mechanism_aes_key_wrap_pad, kek_, ec_.wrapped, key);
    expect("Use: unwrap a blob with the forced attributes",
           signer ? CKR_OK : CKR_GENERAL_ERROR,
           CKR_OK);
    CK_MECHANISM ecdsa = {CKM_ECDSA, nullptr, 0};
    const std::array<ByteView, 1> parts = {digest};
    Bytes raw(64);
    expect("Use: sign with that signer's key, nobody asked",
           session_->sign(&ecdsa, signer->handle(), parts, raw) ? CKR_OK : CKR_GENERAL_ERROR,
           CKR_OK);

    Bytes mac(32);
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, nullptr, 0};
    expect("Use: compute a blob's MAC",
           session_->sign(&hmac, mac_key_, parts, mac) ? CKR_OK : CKR_GENERAL_ERROR,
           CKR_OK);
    expect("Use: sign as the device",
           session_->sign(&ecdsa, identity_, parts, raw) ? CKR_OK : CKR_GENERAL_ERROR,
           CKR_OK);
    expect("Use: wrap a key of one's own under the KEK", wrap(kek_, own_.handle()), CKR_OK);
    expect("Use: unwrap a blob as generic secret with the forced attributes",
           unwrap(ec_.wrapped, CKO_SECRET_KEY, CKK_GENERIC_SECRET, as_forced),
           CKR_OK);
    expect("Use: destroy the KEK", pkcs11().C_DestroyObject(handle(), kek_), CKR_OK);
}

}  // namespace
