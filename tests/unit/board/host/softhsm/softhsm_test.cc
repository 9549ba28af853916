#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "board/host/softhsm/mechanisms.h"
#include "board/host/softhsm/softhsm_engine.h"
#include "board/host/vault/file_vault.h"
#include "board/host/vault/shared_flash.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/kwp.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/engine/spki.h"
#include "tests/support/generated_key.h"
#include "tests/unit/firmware/engine/engine_site.h"
#include "tests/unit/firmware/engine/openssl_check.h"

namespace {

using board::host::softhsm::Attributes;
using board::host::softhsm::EngineConfig;
using board::host::softhsm::Library;
using board::host::softhsm::Session;
using board::host::softhsm::SoftHsmEngine;
using firmware::engine::DerSignature;
using firmware::engine::Engine;
using firmware::engine::SealedKey;
using firmware::engine::Signature;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Status;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;
using tests::engine::Bytes;

constexpr Algorithm es256{Scheme::ecdsa, DigestAlgorithm::sha256, 0};
constexpr Algorithm rs256{Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0};
const Digest digest = {1, 2, 3};

const Algorithm& algorithm_of(KeyType type) {
    return type == KeyType::rsa2048 ? rs256 : es256;
}

// A logged-in session beside the engine: only while no engine lives in this process.
class RawToken {
public:
    explicit RawToken(const tests::engine::Site& site)
        : library_(
              *Library::load("/usr/lib/softhsm/libsofthsm2.so", site.folder() / "softhsm2.conf")) {
        EXPECT_TRUE(library_.initialize());
        session_.emplace(*Session::open(library_.functions(), *library_.slot_of("group")));
        EXPECT_TRUE(session_->login(CKU_USER, site.secret()));
    }

    Session& session() { return *session_; }
    // As a token object, which stays.
    void create(Attributes& attributes) {
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        EXPECT_EQ(library_.functions().C_CreateObject(
                      session_->handle(), attributes.list(), attributes.count(), &object),
                  CKR_OK);
    }

private:
    Library library_;
    std::optional<Session> session_;
};

Attributes& secret_key(Attributes& attributes,
                       CK_KEY_TYPE type,
                       std::string_view label,
                       ByteView value) {
    return attributes.number(CKA_CLASS, CKO_SECRET_KEY)
        .number(CKA_KEY_TYPE, type)
        .flag(CKA_TOKEN, true)
        .flag(CKA_PRIVATE, true)
        .text(CKA_LABEL, label)
        .bytes(CKA_VALUE, value);
}

// One KEK of a known value: what SoftHSM wraps, Mbed TLS opens and uses, and the other way round.
TEST(WrappedKeyFormat, IsTheSameInBothEngines) {
    const Bytes kek(32, 0x42);
    const auto softhsm = tests::engine::make_softhsm_site();
    RawToken token(*softhsm);
    Attributes attributes;
    secret_key(attributes, CKK_AES, "known", kek).flag(CKA_WRAP, true).flag(CKA_UNWRAP, true);
    token.create(attributes);
    Attributes wanted;
    wanted.text(CKA_LABEL, "known");
    const auto known = *token.session().find(wanted);

    const auto psa = tests::engine::make_psa_site();
    auto engine = psa->open("module-1");
    ASSERT_TRUE(engine->unlock(psa->secret()));
    {
        Bytes keys(64, 0x42);
        board::host::vault::FileVault file(psa->folder() / "vault.bin");
        board::host::vault::SharedFlash flash(psa->folder() / "vault.bin.secret");
        firmware::engine::psa::FlashSecret flash_secret(flash);
        firmware::engine::psa::SealedVault vault(file, flash_secret);
        ASSERT_TRUE(vault.open(psa->secret()));
        ASSERT_TRUE(vault.create("epoch-1", keys));
    }
    ASSERT_TRUE(engine->join_epoch(1));

    for (auto type : {KeyType::p256, KeyType::rsa2048}) {
        SealedKey sealed;
        ASSERT_TRUE(tests::support::generate_key(*engine, 1, type, sealed));
        Attributes key;
        key.number(CKA_CLASS, CKO_PRIVATE_KEY)
            .number(CKA_KEY_TYPE, type == KeyType::p256 ? CKK_EC : CKK_RSA)
            .flag(CKA_TOKEN, false)
            .flag(CKA_SENSITIVE, true)
            .flag(CKA_EXTRACTABLE, true)
            .flag(CKA_SIGN, true);
        auto opened = token.session().unwrap(
            board::host::softhsm::mechanism_aes_key_wrap_pad, known, sealed.wrapped, key);
        ASSERT_TRUE(opened) << status_name(opened.error());

        SealedKey again;
        again.spki = sealed.spki;
        const auto size = token.session().wrap(board::host::softhsm::mechanism_aes_key_wrap_pad,
                                               known,
                                               opened->handle(),
                                               again.wrapped.spare());
        ASSERT_TRUE(size);
        again.wrapped.grow(*size);
        // AES-KWP is deterministic: the same PrivateKeyInfo byte for byte gives the same bytes.
        EXPECT_TRUE(again.wrapped == sealed.wrapped);

        Signature signature;
        ASSERT_TRUE(engine->sign_sealed(
            1, type, again.wrapped, again.spki, algorithm_of(type), digest, signature));
        EXPECT_TRUE(
            tests::engine::openssl_verifies(sealed.spki, algorithm_of(type), digest, signature));
    }
}

TEST(WrappedKeyFormat, OfAKeyMadeInSoftHsmOpensInMbedTls) {
    const Bytes kek(32, 0x42);
    const auto softhsm = tests::engine::make_softhsm_site();
    RawToken token(*softhsm);
    Attributes attributes;
    secret_key(attributes, CKK_AES, "known", kek).flag(CKA_WRAP, true);
    token.create(attributes);
    Attributes wanted;
    wanted.text(CKA_LABEL, "known");
    const auto known = *token.session().find(wanted);

    for (auto type : {KeyType::p256, KeyType::p384}) {
        Attributes public_key;
        Attributes private_key;
        public_key.flag(CKA_TOKEN, false).bytes(CKA_EC_PARAMS, firmware::engine::curve_oid(type));
        private_key.flag(CKA_TOKEN, false).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, true);
        auto pair = token.session().generate_key_pair(CKM_EC_KEY_PAIR_GEN, public_key, private_key);
        ASSERT_TRUE(pair);
        Bytes wrapped(200);
        const auto size = token.session().wrap(board::host::softhsm::mechanism_aes_key_wrap_pad,
                                               known,
                                               pair->private_key.handle(),
                                               wrapped);
        ASSERT_TRUE(size);
        Bytes opened(200);

        const auto plain =
            firmware::engine::psa::kwp_unwrap(kek, ByteView(wrapped).first(*size), opened);

        ASSERT_TRUE(plain);
        const auto scalar =
            firmware::engine::psa::private_key_in(type, ByteView(opened).first(*plain));
        ASSERT_TRUE(scalar);
    }
}

class SoftHsm : public testing::Test {
protected:
    EngineConfig config(const std::string& module_name, std::size_t recycle_after = 4000) const {
        EngineConfig config;
        config.token.configuration = site_->folder() / "softhsm2.conf";
        config.token.label = "group";
        config.token.lock_file = site_->folder() / "token.lock";
        config.module_name = module_name;
        config.recycle_after = recycle_after;
        return config;
    }

    std::unique_ptr<SoftHsmEngine> open(const EngineConfig& config) const {
        auto engine = SoftHsmEngine::create(config);
        if (!engine || !(*engine)->unlock(site_->secret())) {
            return nullptr;
        }
        return std::move(*engine);
    }

    std::unique_ptr<tests::engine::Site> site_ = tests::engine::make_softhsm_site();
};

TEST_F(SoftHsm, SaysWhatIsMissing) {
    auto no_token = config("module-1");
    no_token.token.label = "nobody";
    auto no_library = config("module-1");
    no_library.token.library = "/nonexistent/libsofthsm2.so";
    auto no_lock = config("module-1");
    no_lock.token.lock_file = "/nonexistent/lock";

    EXPECT_EQ(SoftHsmEngine::create(no_token).error(), Status::key_missing);
    EXPECT_EQ(SoftHsmEngine::create(no_library).error(), Status::engine_failed);
    EXPECT_EQ(SoftHsmEngine::create(no_lock).error(), Status::storage_failed);
    EXPECT_TRUE(SoftHsmEngine::create(config("module-1")));
}

TEST_F(SoftHsm, MakesATokenOnce) {
    const auto token = config("module-1").token;
    const auto officer_pin = hsm::view_of("another officer");
    {
        const auto engine = open(config("module-1"));
        ASSERT_TRUE(engine && engine->make_epoch(1));
    }

    EXPECT_TRUE(board::host::softhsm::ensure_token(token, officer_pin, site_->secret()));

    const auto engine = open(config("module-1"));
    ASSERT_TRUE(engine);
    EXPECT_TRUE(engine->join_epoch(1));
    auto other = token;
    other.label = "short pin";
    EXPECT_FALSE(board::host::softhsm::ensure_token(other, officer_pin, hsm::view_of("123")));
}

// What a kill in the middle of C_Login leaves: SoftHSM writes token.object in place.
TEST_F(SoftHsm, GetsATokenBackThatWasCutOff) {
    namespace fs = std::filesystem;
    hsm::protocol::Point identity{};
    {
        const auto engine = open(config("module-1"));
        ASSERT_TRUE(engine && engine->make_epoch(1));
        identity = *engine->identity_point();
    }
    fs::path file;
    for (const auto& entry : fs::recursive_directory_iterator(site_->folder())) {
        if (entry.path().filename() == "token.object") {
            file = entry.path();
        }
    }
    ASSERT_FALSE(file.empty());
    const auto whole = fs::file_size(file);

    for (const auto left : {std::uintmax_t{0}, whole / 2, whole - 1}) {
        fs::resize_file(file, left);

        const auto engine = open(config("module-1"));

        ASSERT_TRUE(engine) << left << " of " << whole << " bytes";
        EXPECT_EQ(*engine->identity_point(), identity);
        EXPECT_TRUE(engine->join_epoch(1));
    }
    fs::remove(file);
    EXPECT_TRUE(open(config("module-1")));
}

TEST_F(SoftHsm, CarriesOnOverARecycling) {
    const auto engine = open(config("module-1", 10));
    ASSERT_TRUE(engine && engine->make_epoch(1));
    const auto point = *engine->identity_point();
    const auto mac = *engine->epoch_mac(1, {});
    SealedKey sealed;
    ASSERT_TRUE(engine->generate_sealed(1, KeyType::p256, sealed));

    for (int i = 0; i < 100; ++i) {
        Signature signature;
        DerSignature der;
        ASSERT_TRUE(engine->sign_sealed(
            1, KeyType::p256, sealed.wrapped, sealed.spki, es256, digest, signature));
        ASSERT_TRUE(engine->identity_sign(digest, der));
        ASSERT_TRUE(engine->verify_p256(point, digest, der));
        ASSERT_EQ(*engine->epoch_mac(1, {}), mac);
    }
}

// While recycling the lock cannot be had: the call fails, and a later one repairs.
TEST_F(SoftHsm, RecoversFromAFailedRecycling) {
    auto settings = config("module-1", 3);
    settings.token.lock_file = site_->folder() / "locks" / "token.lock";
    std::filesystem::create_directory(site_->folder() / "locks");
    const auto engine = open(settings);
    ASSERT_TRUE(engine);
    DerSignature der;
    ASSERT_TRUE(engine->identity_sign(digest, der));
    const auto point = *engine->identity_point();
    std::filesystem::rename(site_->folder() / "locks", site_->folder() / "away");

    Status last = Status::ok;
    for (int i = 0; i < 6; ++i) {
        const auto verified = engine->verify_p256(point, digest, der);
        last = verified ? Status::ok : verified.error();
    }
    EXPECT_EQ(last, Status::storage_failed);

    std::filesystem::rename(site_->folder() / "away", site_->folder() / "locks");
    EXPECT_TRUE(engine->verify_p256(point, digest, der));
    Bytes random(16);
    EXPECT_TRUE(engine->random(random));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    std::size_t resident = 0;
    statm >> pages >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t growth_over(SoftHsmEngine& engine, const SealedKey& sealed, int signatures) {
    const auto point = *engine.identity_point();
    DerSignature der;
    EXPECT_TRUE(engine.identity_sign(digest, der));
    const auto before = resident_bytes();
    for (int i = 0; i < signatures; ++i) {
        Signature signature;
        EXPECT_TRUE(engine.sign_sealed(
            1, KeyType::p256, sealed.wrapped, sealed.spki, es256, digest, signature));
        EXPECT_TRUE(engine.verify_p256(point, digest, der));
    }
    const auto after = resident_bytes();
    return after > before ? after - before : 0;
}

// The leak is real, and recycling brings the memory back: 6,000 signatures with a verification each
// make and destroy 18,000 objects.
TEST_F(SoftHsm, GivesTheMemoryBackByRecycling) {
    SealedKey sealed;
    std::size_t leaked = 0;
    {
        const auto leaking = open(config("module-1", SIZE_MAX));
        ASSERT_TRUE(leaking && leaking->make_epoch(1));
        ASSERT_TRUE(leaking->generate_sealed(1, KeyType::p256, sealed));
        growth_over(*leaking, sealed, 500);
        leaked = growth_over(*leaking, sealed, 2000);
    }
    const auto recycling = open(config("module-1", 1000));
    ASSERT_TRUE(recycling);
    growth_over(*recycling, sealed, 500);

    const auto kept = growth_over(*recycling, sealed, 6000);

    RecordProperty("leaked_bytes", static_cast<int>(leaked));
    RecordProperty("kept_bytes", static_cast<int>(kept));
    EXPECT_GT(leaked, std::size_t{1} << 19);
    EXPECT_LT(kept, leaked / 2);
}
#endif

// Two modules of one group: starts, logins and recyclings of several processes at once.
TEST_F(SoftHsm, SharesATokenAmongProcesses) {
    SealedKey sealed;
    {
        const auto engine = open(config("module-0"));
        ASSERT_TRUE(engine && engine->make_epoch(1));
        ASSERT_TRUE(engine->generate_sealed(1, KeyType::p256, sealed));
    }
    std::vector<pid_t> children;
    for (int child = 1; child <= 4; ++child) {
        const auto pid = fork();
        ASSERT_GE(pid, 0);
        if (pid == 0) {
            const auto settings = config("module-" + std::to_string(child), 10);
            bool good = true;
            for (int start = 0; good && start < 5; ++start) {
                const auto engine = open(settings);
                good = engine && engine->join_epoch(1);
                for (int i = 0; good && i < 20; ++i) {
                    Signature signature;
                    good = engine
                               ->sign_sealed(1,
                                             KeyType::p256,
                                             sealed.wrapped,
                                             sealed.spki,
                                             es256,
                                             digest,
                                             signature)
                               .has_value();
                }
            }
            _exit(good ? 0 : 1);
        }
        children.push_back(pid);
    }
    for (auto pid : children) {
        int status = 0;
        ASSERT_EQ(waitpid(pid, &status, 0), pid);
        EXPECT_EQ(status, 0);
    }
}

// An epoch made in one process is there for one that is already running in another.
TEST_F(SoftHsm, JoinsAnEpochThatAnotherProcessMakes) {
    std::array<int, 2> made{};
    ASSERT_EQ(pipe(made.data()), 0);
    const auto pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
        const auto engine = open(config("module-2"));
        bool good = engine && engine->join_epoch(1).error() == Status::key_missing;
        Byte ready = 1;
        good = good && write(made[1], &ready, 1) == 1;
        // Until the parent has made it.
        while (good && !engine->join_epoch(1)) {
            usleep(1000);
        }
        good = good && engine->epoch_mac(1, {});
        _exit(good ? 0 : 1);
    }
    Byte ready = 0;
    ASSERT_EQ(read(made[0], &ready, 1), 1);
    const auto engine = open(config("module-1"));
    ASSERT_TRUE(engine && engine->make_epoch(1));

    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    close(made[0]);
    close(made[1]);
}

const Bytes planted(32, 1);

TEST_F(SoftHsm, RefusesAKekThatWasPutThere) {
    {
        RawToken token(*site_);
        Attributes kek;
        Attributes mac;
        secret_key(kek, CKK_AES, "kek-1", planted).flag(CKA_WRAP, true).flag(CKA_UNWRAP, true);
        secret_key(mac, CKK_GENERIC_SECRET, "mac-1", planted).flag(CKA_SIGN, true);
        token.create(kek);
        token.create(mac);
    }
    const auto engine = open(config("module-1"));
    ASSERT_TRUE(engine);

    EXPECT_EQ(engine->join_epoch(1).error(), Status::storage_corrupt);
}

TEST_F(SoftHsm, RefusesASecondKekOfTheSameName) {
    {
        const auto engine = open(config("module-1"));
        ASSERT_TRUE(engine && engine->make_epoch(1));
    }
    {
        RawToken token(*site_);
        Attributes kek;
        secret_key(kek, CKK_AES, "kek-1", planted).flag(CKA_WRAP, true);
        token.create(kek);
    }
    const auto engine = open(config("module-1"));
    ASSERT_TRUE(engine);

    EXPECT_EQ(engine->join_epoch(1).error(), Status::storage_corrupt);
}

}  // namespace
