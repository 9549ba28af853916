#include <map>

#include <gtest/gtest.h>

#include "firmware/engine/digest.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/kwp.h"
#include "firmware/engine/psa/pkcs8.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/engine/spki.h"
#include "tests/support/ceremony_vectors.h"
#include "tests/support/sim_flash.h"
#include "tests/unit/firmware/engine/wycheproof.h"

namespace {

using firmware::engine::psa::Creation;
using firmware::engine::psa::enclose_pkcs8;
using firmware::engine::psa::FlashSecret;
using firmware::engine::psa::kwp_size;
using firmware::engine::psa::kwp_unwrap;
using firmware::engine::psa::kwp_wrap;
using firmware::engine::psa::private_key_in;
using firmware::engine::psa::PrivateKey;
using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using hsm::protocol::KeyType;
using tests::engine::from_hex;
using tests::support::SimFlash;
using tests::support::Tear;
using Bytes = std::vector<Byte>;

TEST(Kwp, RoundsTripAtEveryLength) {
    const Bytes kek(32, 7);
    for (std::size_t size = 1; size <= 100; ++size) {
        const Bytes plain(size, static_cast<Byte>(size));
        Bytes wrapped(kwp_size(size));
        Bytes opened(wrapped.size());

        const auto written = kwp_wrap(kek, plain, wrapped);
        ASSERT_TRUE(written);
        EXPECT_EQ(*written, wrapped.size());
        const auto read = kwp_unwrap(kek, wrapped, opened);

        ASSERT_TRUE(read);
        opened.resize(*read);
        EXPECT_EQ(opened, plain);
    }
}

TEST(Kwp, AgreesWithWycheproofOnKeysOf256Bits) {
    const auto vectors = tests::engine::wycheproof("aes_kwp_test.json");
    if (!vectors) {
        GTEST_SKIP() << "skipped: no vectors";
    }
    std::size_t count = 0;
    for (const auto& group : (*vectors)["testGroups"]) {
        if (group["keySize"] != 256) {
            continue;
        }
        for (const auto& test : group["tests"]) {
            const auto wrapped = from_hex(test["ct"]);
            const auto plain = from_hex(test["msg"]);
            Bytes opened(std::max<std::size_t>(wrapped.size(), 16));

            const auto size = kwp_unwrap(from_hex(test["key"]), wrapped, opened);

            // "acceptable" are plaintexts shorter than 128 bits.
            EXPECT_EQ(size.has_value(), test["result"] != "invalid") << test.dump();
            if (size) {
                opened.resize(*size);
                EXPECT_EQ(opened, plain);
            } else {
                EXPECT_EQ(opened, Bytes(opened.size()));
            }
            ++count;
        }
    }
    EXPECT_GT(count, 50u);
}

TEST(Kwp, RefusesAKeyOfAnotherSize) {
    Bytes wrapped(24);
    EXPECT_FALSE(kwp_wrap(Bytes(16, 1), Bytes(16, 1), wrapped));
    EXPECT_FALSE(kwp_wrap(Bytes(32, 1), {}, wrapped));
    EXPECT_FALSE(kwp_wrap(Bytes(32, 1), Bytes(17, 1), wrapped));
}

TEST(Pkcs8, EnclosesAScalarAsSoftHsmDoes) {
    PrivateKey key;
    ASSERT_TRUE(key.assign(Bytes(32, 0x11)));

    ASSERT_TRUE(enclose_pkcs8(KeyType::p256, key));

    auto expected = from_hex(
        "3041020100301306072a8648ce3d020106082a8648ce3d0301070427302502010104"
        "20");
    expected.insert(expected.end(), 32, 0x11);
    expected.resize(72);
    EXPECT_TRUE(hsm::equal(key.reveal(), expected));
    const auto scalar = private_key_in(KeyType::p256, key.reveal());
    ASSERT_TRUE(scalar);
    EXPECT_TRUE(hsm::equal(*scalar, Bytes(32, 0x11)));
}

TEST(Pkcs8, RefusesAnyByteOfTheEnvelopeChanged) {
    PrivateKey key;
    ASSERT_TRUE(key.assign(Bytes(48, 0x11)));
    ASSERT_TRUE(enclose_pkcs8(KeyType::p384, key));
    const Bytes encoded(key.reveal().begin(), key.reveal().end());

    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] == 0x11) {
            continue;
        }
        auto changed = encoded;
        changed[i] ^= 1;
        EXPECT_FALSE(private_key_in(KeyType::p384, changed)) << i;
    }
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        EXPECT_FALSE(private_key_in(KeyType::p384, ByteView(encoded).first(size))) << size;
    }
    auto longer = encoded;
    longer.resize(longer.size() + 8);
    EXPECT_FALSE(private_key_in(KeyType::p384, longer));
    EXPECT_FALSE(private_key_in(KeyType::p256, encoded));
    EXPECT_FALSE(private_key_in(KeyType::rsa2048, encoded));
}

TEST(Spki, RefusesAnotherExponentOrLength) {
    Bytes modulus(256, 0xab);
    const auto spki = firmware::engine::rsa_spki(KeyType::rsa2048, modulus);
    ASSERT_TRUE(spki);
    Bytes other_exponent(spki->begin(), spki->end());
    other_exponent.back() = 3;

    EXPECT_TRUE(hsm::equal(*firmware::engine::rsa_modulus(KeyType::rsa2048, *spki), modulus));
    EXPECT_FALSE(firmware::engine::rsa_modulus(KeyType::rsa2048, other_exponent));
    EXPECT_FALSE(firmware::engine::rsa_modulus(KeyType::rsa3072, *spki));
    EXPECT_FALSE(firmware::engine::ec_point(KeyType::p256, *spki));
    modulus[0] = 0x7f;
    EXPECT_FALSE(firmware::engine::rsa_spki(KeyType::rsa2048, modulus));
}

// The port in memory: what a hostile file could do to the engine.
class MemoryVault final : public firmware::engine::psa::KeyVault {
public:
    hsm::Result<std::size_t> load(std::string_view name, hsm::MutableBytes out) override {
        const auto found = records.find(std::string(name));
        if (found == records.end()) {
            return Status::key_missing;
        }
        if (found->second.size() > out.size()) {
            return Status::storage_corrupt;
        }
        std::ranges::copy(found->second, out.begin());
        return found->second.size();
    }
    hsm::Result<Creation> create(std::string_view name, ByteView record) override {
        if (full) {
            return Status::storage_full;
        }
        return records.try_emplace(std::string(name), record.begin(), record.end()).second
                   ? Creation::created
                   : Creation::existed;
    }

    hsm::Result<void> remove(std::string_view name) override {
        records.erase(std::string(name));
        return {};
    }

    std::map<std::string, Bytes> records;
    bool full = false;
};

const auto secret = hsm::view_of("0123456789abcdef0123456789abcdef");

class PsaVault : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(firmware::engine::psa::initialize());
        firmware::engine::psa::PsaEngine engine(vault, flash_secret, "one");
        ASSERT_TRUE(engine.unlock(secret));
        ASSERT_TRUE(engine.make_epoch(1));
        ASSERT_TRUE(engine.make_epoch(2));
    }

    MemoryVault vault;
    SimFlash flash{{.sector_size = 4096, .sector_count = 2, .program_unit = 16}};
    FlashSecret flash_secret{flash, 1};
};

TEST_F(PsaVault, TellsRecordsThatWereSwapped) {
    std::swap(vault.records["epoch-1"], vault.records["epoch-2"]);
    firmware::engine::psa::PsaEngine engine(vault, flash_secret, "one");
    ASSERT_TRUE(engine.unlock(secret));

    const auto joined = engine.join_epoch(1);

    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error(), Status::storage_corrupt);
}

TEST_F(PsaVault, OpensNothingWithAnyByteChanged) {
    for (const auto& [name, record] : vault.records) {
        for (std::size_t i = 0; i < record.size(); ++i) {
            MemoryVault changed;
            changed.records = vault.records;
            changed.records[name][i] ^= 1;
            firmware::engine::psa::PsaEngine engine(changed, flash_secret, "one");

            EXPECT_FALSE(engine.unlock(secret) && engine.join_epoch(1) && engine.join_epoch(2))
                << name << " " << i;
        }
    }
}

TEST_F(PsaVault, KeepsNothingInClear) {
    for (const auto& [name, record] : vault.records) {
        EXPECT_FALSE(name.empty());
        EXPECT_LE(record.size(), kwp_size(64));
    }
    const std::vector<std::string> names = {"epoch-1", "epoch-2", "identity-one", "probe", "salt"};
    std::vector<std::string> found;
    for (const auto& [name, record] : vault.records) {
        found.push_back(name);
    }
    EXPECT_EQ(found, names);
}

TEST_F(PsaVault, ReportsAFullPlaceAndStaysLocked) {
    vault.full = true;
    firmware::engine::psa::PsaEngine fresh(vault, flash_secret, "two");

    const auto unlocked = fresh.unlock(secret);

    ASSERT_FALSE(unlocked);
    EXPECT_EQ(unlocked.error(), Status::storage_full);
    EXPECT_FALSE(fresh.epoch_mac(1, {}));
}

TEST_F(PsaVault, HoldsFourEpochsOpen) {
    firmware::engine::psa::PsaEngine engine(vault, flash_secret, "one");
    ASSERT_TRUE(engine.unlock(secret));
    ASSERT_TRUE(engine.join_epoch(1) && engine.join_epoch(2));
    ASSERT_TRUE(engine.make_epoch(3) && engine.make_epoch(4));

    const auto fifth = engine.make_epoch(5);

    ASSERT_FALSE(fifth);
    EXPECT_EQ(fifth.error(), Status::table_full);
    EXPECT_TRUE(engine.epoch_mac(4, {}));
}

TEST_F(PsaVault, OpensNothingWithoutTheFlashSecret) {
    firmware::engine::psa::PsaEngine engine(vault, flash_secret, "one");
    ASSERT_TRUE(engine.unlock(secret) && engine.join_epoch(1));
    EXPECT_TRUE(engine.check_at_rest());

    ASSERT_TRUE(engine.wipe());

    EXPECT_EQ(engine.epoch_mac(1, {}).error(), Status::key_locked);
    EXPECT_EQ(engine.check_at_rest().error(), Status::key_wiped);
    EXPECT_EQ(engine.unlock(secret).error(), Status::key_wiped);
    ASSERT_TRUE(flash_secret.draw(Bytes(32, 9)));
    EXPECT_EQ(engine.unlock(secret).error(), Status::secret_wrong);
}

// A flash secret that is not there while there are records was wiped, whatever the power did.
TEST_F(PsaVault, TakesALostFlashSecretForAWipedOne) {
    for (const auto tear : tests::support::all_tears) {
        for (std::uint64_t cut = 1; cut <= 6; ++cut) {
            SimFlash torn({.sector_size = 4096, .sector_count = 1, .program_unit = 16});
            FlashSecret own(torn);
            MemoryVault fresh;
            firmware::engine::psa::PsaEngine engine(fresh, own, "one");
            ASSERT_TRUE(engine.unlock(secret) && engine.make_epoch(1));
            torn.cut_at(cut, tear, 7);
            (void)engine.wipe();
            torn.power_on();

            firmware::engine::psa::PsaEngine next(fresh, own, "one");
            const auto unlocked = next.unlock(secret);

            EXPECT_EQ(unlocked.has_value(), next.check_at_rest().has_value());
            EXPECT_TRUE(unlocked || unlocked.error() == Status::key_wiped);
            EXPECT_EQ(unlocked.has_value(), next.epoch_mac(1, {}).has_value());
        }
    }
}

TEST_F(PsaVault, DerivesEpochKeysAsAnotherImplementationDoes) {
    for (const auto& row : tests::support::ceremony_vectors().at("epoch_keys").as_array()) {
        const auto epoch = static_cast<std::uint32_t>(row.at("epoch").as_int64());
        MemoryVault fresh;
        SimFlash own({.sector_size = 4096, .sector_count = 1, .program_unit = 16});
        FlashSecret own_secret(own);
        firmware::engine::psa::PsaEngine engine(fresh, own_secret, "one");
        ASSERT_TRUE(engine.unlock(secret));
        hsm::protocol::EpochSecret epoch_secret;
        ASSERT_TRUE(epoch_secret.assign(tests::support::hex_bytes(row.at("secret"))));
        ASSERT_TRUE(engine.try_epoch(epoch, epoch_secret));

        const auto mac = engine.epoch_mac(epoch, {});
        ASSERT_TRUE(mac);
        EXPECT_EQ(*mac,
                  firmware::engine::hmac_sha256(tests::support::hex_bytes(row.at("mac_key")), {}));
        firmware::engine::SealedKey sealed;
        ASSERT_TRUE(engine.generate_sealed(epoch, KeyType::p256, sealed));
        Bytes opened(sealed.wrapped.size());
        EXPECT_TRUE(kwp_unwrap(tests::support::hex_bytes(row.at("kek")), sealed.wrapped, opened));
    }
}

TEST_F(PsaVault, KeepsATriedEpochOnlyWhenToldTo) {
    hsm::protocol::EpochSecret epoch_secret;
    ASSERT_TRUE(epoch_secret.assign(Bytes(32, 5)));
    firmware::engine::psa::PsaEngine engine(vault, flash_secret, "one");
    ASSERT_TRUE(engine.unlock(secret));
    EXPECT_EQ(engine.try_epoch(1, epoch_secret).error(), Status::wrong_state);
    EXPECT_EQ(engine.keep_epoch(3).error(), Status::key_missing);
    ASSERT_TRUE(engine.try_epoch(3, epoch_secret));
    const auto mac = *engine.epoch_mac(3, {});
    EXPECT_FALSE(vault.records.contains("epoch-3"));

    ASSERT_TRUE(engine.unlock(secret));
    EXPECT_EQ(engine.epoch_mac(3, {}).error(), Status::key_missing);
    ASSERT_TRUE(engine.try_epoch(3, epoch_secret) && engine.forget_epoch(3));
    EXPECT_EQ(engine.epoch_mac(3, {}).error(), Status::key_missing);
    ASSERT_TRUE(engine.try_epoch(3, epoch_secret) && engine.keep_epoch(3));
    ASSERT_TRUE(engine.forget_epoch(3));
    ASSERT_TRUE(engine.unlock(secret));

    EXPECT_EQ(*engine.epoch_mac(3, {}), mac);
}

TEST_F(PsaVault, DropsAnEpochForGood) {
    hsm::protocol::EpochSecret epoch_secret;
    ASSERT_TRUE(epoch_secret.assign(Bytes(32, 5)));
    firmware::engine::psa::PsaEngine engine(vault, flash_secret, "one");
    EXPECT_EQ(engine.drop_epoch(1).error(), Status::key_locked);
    ASSERT_TRUE(engine.unlock(secret));
    ASSERT_TRUE(engine.try_epoch(3, epoch_secret) && engine.keep_epoch(3));
    const auto mac = *engine.epoch_mac(3, {});

    ASSERT_TRUE(engine.drop_epoch(1) && engine.drop_epoch(1) && engine.drop_epoch(9));

    for (int start = 0; start < 2; ++start) {
        EXPECT_EQ(engine.epoch_mac(1, {}).error(), Status::key_missing);
        EXPECT_EQ(*engine.epoch_mac(3, {}), mac);
        ASSERT_TRUE(engine.unlock(secret));
    }
    EXPECT_FALSE(vault.records.contains("epoch-1"));
}

}  // namespace
