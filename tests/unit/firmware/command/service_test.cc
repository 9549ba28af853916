#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "firmware/command/service_clock.h"
#include "hsm/protocol/audit_record.h"
#include "tests/support/module_fixture.h"
#include "tests/support/service_content.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::ByteView;
using hsm::Status;

constexpr std::uint64_t noon = 1'795'780'800'000;

bool verifies(ByteView blob, ByteView message, ByteView signature) {
    const auto spki = wire::decode_blob(blob)->header.spki;
    const auto* at = spki.data();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(
               context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
               1;
}

class ServiceKeys : public testing::Test {
protected:
    Holder enrolled(wire::KeyKind kind) {
        auto made = enrol(group.target(), group.people, wire::KeyType::p256, kind);
        CHECK(made.has_value());
        return *std::move(made);
    }
    Status stamped(const Holder& tsa, std::uint64_t time_ms) {
        const auto stamp = time_stamp(time_ms);
        return status(sign_service(group.target(), tsa.blob, stamp.content, stamp.attributes));
    }

    ModuleGroup group;
};

TEST_F(ServiceKeys, SignListsInPiecesOfAnySize) {
    const auto issuer = enrolled(wire::KeyKind::issuer);
    for (const std::size_t entries : {std::size_t{0}, std::size_t{1}, std::size_t{2000}}) {
        const auto list = some_list(entries);
        for (const std::size_t piece : {std::size_t{33}, wire::list_piece_size_max}) {
            const auto signature = sign_list(group.target(), issuer.blob, list, piece);
            ASSERT_EQ(Status::ok, status(signature)) << entries << " entries";
            EXPECT_TRUE(verifies(issuer.blob, list, *signature));
        }
    }
}

TEST_F(ServiceKeys, SignAnswersAndTimeStamps) {
    const auto ocsp = enrolled(wire::KeyKind::ocsp);
    const auto tsa = enrolled(wire::KeyKind::tsa);
    const auto answer = some_response_data();
    const auto stamp = time_stamp(noon + 7);

    const auto answered = sign_service(group.target(), ocsp.blob, answer, {});
    const auto stamped = sign_service(group.target(), tsa.blob, stamp.content, stamp.attributes);

    ASSERT_EQ(Status::ok, status(answered));
    ASSERT_EQ(Status::ok, status(stamped));
    EXPECT_TRUE(verifies(ocsp.blob, answer, *answered));
    EXPECT_TRUE(verifies(tsa.blob, stamp.attributes, *stamped));
    const auto log = export_log(group.target());
    const auto record = wire::decode<wire::AuditRecord>(log.back());
    ASSERT_EQ(wire::RecordType::service_signed, record->type);
    const auto details = wire::decode<wire::ServiceSignedDetails>(record->details);
    EXPECT_EQ(wire::KeyKind::tsa, details->kind);
    EXPECT_EQ(sha256_of(stamp.content), details->content_hash);
    EXPECT_EQ(noon + 7, details->stamped_ms);
}

TEST_F(ServiceKeys, TimeGoesWithTheModulesTicks) {
    const auto tsa = enrolled(wire::KeyKind::tsa);
    ASSERT_EQ(Status::ok, stamped(tsa, noon));
    EXPECT_EQ(Status::ok, stamped(tsa, noon + 900));
    EXPECT_EQ(Status::ok, stamped(tsa, noon - 100)) << "overtaken on its way";
    EXPECT_EQ(Status::time_not_trusted, stamped(tsa, noon - 101));
    EXPECT_EQ(Status::time_not_trusted, stamped(tsa, noon + 1'001));

    group.clock.now_ms += 3'600'000;  // in which a clock may be off by 878 ms more

    EXPECT_EQ(Status::time_not_trusted, stamped(tsa, noon + 3'600'000 - 1'879));
    EXPECT_EQ(Status::ok, stamped(tsa, noon + 3'600'000 - 1'878));
    EXPECT_EQ(Status::time_not_trusted, stamped(tsa, noon + 3'600'000 + 1'879));
    EXPECT_EQ(Status::ok, stamped(tsa, noon + 3'600'000 + 1'878));
}

TEST_F(ServiceKeys, TimeNeverGoesBackOverARestart) {
    const auto tsa = enrolled(wire::KeyKind::tsa);
    const auto second = enrolled(wire::KeyKind::tsa);
    ASSERT_EQ(Status::ok, stamped(tsa, noon));

    group[0].restart();

    EXPECT_EQ(Status::time_not_trusted, stamped(tsa, noon - 1001));
    EXPECT_EQ(Status::ok, stamped(second, noon - 1001)) << "a mark is its key's own";
    EXPECT_EQ(Status::time_not_trusted, stamped(tsa, noon)) << "but the module has one clock";
    EXPECT_EQ(Status::ok, stamped(tsa, noon - 1));
}

TEST_F(ServiceKeys, SignNoMoreThanTheRateInASecond) {
    const auto ocsp = enrolled(wire::KeyKind::ocsp);
    const auto answer = some_response_data();
    group.clock.now_ms = 50'000;
    std::size_t made = 0;
    auto last = Status::ok;
    while (last == Status::ok && made < 10'000) {
        last = status(sign_service(group.target(), ocsp.blob, answer, {}));
        made += last == Status::ok ? 1 : 0;
    }
    EXPECT_EQ(Status::busy, last);
    EXPECT_EQ(8192u, made);

    group.clock.now_ms += 1000;

    EXPECT_EQ(Status::ok, status(sign_service(group.target(), ocsp.blob, answer, {})));
}

TEST_F(ServiceKeys, HashWithSha256Only) {
    const auto ocsp = enrolled(wire::KeyKind::ocsp);
    const auto answer = some_response_data();
    const wire::Algorithm longer{wire::Scheme::ecdsa, wire::DigestAlgorithm::sha384, 0};
    EXPECT_EQ(
        Status::algorithm_wrong,
        status(call(group.target(), wire::SignServiceRequest{ocsp.blob, longer, answer, {}, 0})));
}

TEST(GeneralizedTime, IsReadToTheMillisecond) {
    const auto read = [](std::string_view text) {
        return firmware::command::read_generalized_time(hsm::view_of(text));
    };
    EXPECT_EQ(0u, *read("19700101000000Z"));
    EXPECT_EQ(951'782'400'000u, *read("20000229000000Z"));
    EXPECT_EQ(noon, *read("20261127120000Z"));
    EXPECT_EQ(noon + 120, *read("20261127120000.12Z"));
    EXPECT_EQ(noon + 123, *read("20261127120000.123456789Z"));
    EXPECT_EQ(4'102'444'800'000u, *read("21000101000000Z"));
    for (const auto* wrong : {"20261127120000",
                              "202611271200Z",
                              "20261127120000.Z",
                              "20261127120000.10Z",
                              "20261127120000,1Z",
                              "20261127120000+0700",
                              "20261327120000Z",
                              "20261100120000Z",
                              "20261127240000Z",
                              "20261127126000Z",
                              "2026112712000aZ",
                              "19691231235959Z"}) {
        EXPECT_EQ(Status::content_wrong, status(read(wrong))) << wrong;
    }
}

}  // namespace
