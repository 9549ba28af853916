#include "firmware/engine/hpke.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "firmware/engine/psa/initialize.h"
#include "hsm/openssl/hpke.h"
#include "hsm/openssl/p256.h"
#include "tests/support/ceremony_vectors.h"

namespace {

using firmware::engine::HpkeKeyPair;
using hsm::Byte;
using hsm::Bytes;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using hsm::protocol::Point;
using tests::support::hex_array;
using tests::support::hex_bytes;

class Hpke : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(firmware::engine::psa::initialize()); }
};

struct Row {
    explicit Row(const boost::json::value& row)
        : point(hex_array<65>(row.at("point"))),
          scalar(hex_bytes(row.at("scalar"))),
          info(hex_bytes(row.at("info"))),
          plain(hex_bytes(row.at("plain"))),
          encapsulated(hex_array<65>(row.at("encapsulated"))),
          ciphertext(hex_bytes(row.at("ciphertext"))) {}

    HpkeKeyPair key() const {
        HpkeKeyPair pair;
        pair.point = point;
        CHECK(pair.scalar.assign(scalar));
        return pair;
    }

    Point point;
    Bytes scalar, info, plain;
    Point encapsulated;
    Bytes ciphertext;
};

std::vector<Row> rows() {
    std::vector<Row> all;
    for (const auto& row : tests::support::ceremony_vectors().at("sealed").as_array()) {
        all.emplace_back(row);
    }
    return all;
}

hsm::openssl::EvpKeyPtr openssl_key(const Row& row) {
    const hsm::openssl::BignumPtr scalar(
        ::BN_bin2bn(row.scalar.data(), static_cast<int>(row.scalar.size()), nullptr));
    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&::OSSL_PARAM_BLD_free)> builder(
        ::OSSL_PARAM_BLD_new(), ::OSSL_PARAM_BLD_free);
    ::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    ::OSSL_PARAM_BLD_push_octet_string(
        builder.get(), OSSL_PKEY_PARAM_PUB_KEY, row.point.data(), row.point.size());
    ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
    const std::unique_ptr<OSSL_PARAM, decltype(&::OSSL_PARAM_free)> parameters(
        ::OSSL_PARAM_BLD_to_param(builder.get()), ::OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&::EVP_PKEY_CTX_free)> context(
        ::EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), ::EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    CHECK(::EVP_PKEY_fromdata_init(context.get()) == 1);
    CHECK(::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
    return hsm::openssl::EvpKeyPtr(key);
}

TEST_F(Hpke, OpensWhatAnotherImplementationSealed) {
    for (const auto& row : rows()) {
        Bytes plain(row.plain.size());
        ASSERT_TRUE(firmware::engine::hpke_open(
            row.key(), row.info, row.encapsulated, row.ciphertext, plain));
        EXPECT_EQ(plain, row.plain);

        Bytes on_host(row.plain.size());
        ASSERT_TRUE(hsm::openssl::hpke_open(
            openssl_key(row).get(), row.info, row.encapsulated, row.ciphertext, on_host));
        EXPECT_EQ(on_host, row.plain);
    }
}

TEST_F(Hpke, RefusesWhatWasChanged) {
    const auto good = rows()[2];
    const auto expect_refused = [&](const Row& row) {
        Bytes plain(row.plain.size(), 0x55);
        const auto opened = firmware::engine::hpke_open(
            good.key(), row.info, row.encapsulated, row.ciphertext, plain);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error(), Status::share_wrong);
        EXPECT_NE(plain, good.plain);
        const auto on_host = hsm::openssl::hpke_open(
            openssl_key(good).get(), row.info, row.encapsulated, row.ciphertext, plain);
        ASSERT_FALSE(on_host);
        EXPECT_EQ(on_host.error(), Status::share_wrong);
    };
    for (std::size_t i = 0; i < good.ciphertext.size(); ++i) {
        auto row = good;
        row.ciphertext[i] ^= 0x10;
        expect_refused(row);
    }
    auto other_info = good;
    other_info.info[0] ^= 1;
    expect_refused(other_info);
    auto other_key = good;
    other_key.encapsulated = rows()[0].encapsulated;
    expect_refused(other_key);
    auto off_curve = good;
    off_curve.encapsulated[64] ^= 1;
    expect_refused(off_curve);
    auto shorter = good;
    shorter.ciphertext.pop_back();
    expect_refused(shorter);
}

TEST_F(Hpke, ModuleAndHostOpenEachOthers) {
    const Bytes info = {1, 2, 3};
    const Bytes plain(46, 0x77);
    const auto module_key = firmware::engine::make_hpke_key();
    ASSERT_TRUE(module_key);
    const auto inward = hsm::openssl::hpke_seal(module_key->point, info, plain);
    ASSERT_TRUE(inward);
    Bytes opened(plain.size());
    ASSERT_TRUE(firmware::engine::hpke_open(
        *module_key, info, inward->encapsulated, inward->ciphertext, opened));
    EXPECT_EQ(opened, plain);

    const auto host_key = hsm::openssl::make_p256_key();
    Point encapsulated{};
    Bytes outward(plain.size() + hsm::protocol::hpke_tag_size);
    ASSERT_TRUE(firmware::engine::hpke_seal(
        *hsm::openssl::p256_point(host_key.get()), info, plain, encapsulated, outward));
    Bytes there(plain.size());
    ASSERT_TRUE(hsm::openssl::hpke_open(host_key.get(), info, encapsulated, outward, there));
    EXPECT_EQ(there, plain);
}

TEST_F(Hpke, SealsToNoPointOffTheCurve) {
    auto point = rows()[0].point;
    point[64] ^= 1;
    Point encapsulated{};
    Bytes ciphertext(17);
    const Bytes plain(1);
    const auto sealed = firmware::engine::hpke_seal(point, {}, plain, encapsulated, ciphertext);
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error(), Status::configuration_wrong);
    EXPECT_FALSE(hsm::openssl::hpke_seal(point, {}, plain));
}

}  // namespace
