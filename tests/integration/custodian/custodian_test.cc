#include <boost/json.hpp>

#include "hsm/cli/device_certificate.h"
#include "hsm/custodian/ceremony_file.h"
#include "hsm/openssl/p256.h"
#include "tests/support/ceremony_site.h"
#include "tests/support/run_program.h"

// kyso-custodian as a custodian uses it, and the real core in this process as the module.
namespace {

namespace custodian = hsm::custodian;
namespace wire = hsm::protocol;
using custodian::FileKind;
using hsm::Status;
using namespace tests::support;

class CustodianProgram : public testing::Test {
protected:
    CustodianProgram() : maker_(site_.add_module("maker")), other_(site_.add_module("other")) {
        for (std::size_t i = 0; i < site_.people.custodians.size(); ++i) {
            write_key(key_file(i), site_.people.custodians[i].get());
        }
        write_pem(path("root.pem"), site_.expectation().roots[0]);
        const std::vector<hsm::Digest> members{maker_.id(), other_.id()};
        CHECK(site_.provision(maker_, members).has_value());
        CHECK(site_.provision(other_, members).has_value());
        made_ = site_.make_whole(maker_);
        for (std::size_t i = 0; i < made_.shares.size(); ++i) {
            write_file(share_file(i),
                       write_ceremony_file(FileKind::outward_share,
                                           {{"device_certificate", maker_.certificate},
                                            {"ceremony", made_.papers.ceremony},
                                            {"share_set", made_.papers.share_set},
                                            {"share", made_.shares[i]}}));
        }
        ask(other_, path("asks.json"));
    }

    std::filesystem::path path(const std::string& name) const { return site_.folder() / name; }
    std::filesystem::path key_file(std::size_t i) const {
        return path("key-" + std::to_string(i) + ".pem");
    }
    std::filesystem::path share_file(std::size_t i) const {
        return path("share-" + std::to_string(i) + ".json");
    }
    static void write_key(const std::filesystem::path& file, EVP_PKEY* key) {
        write_file(file, hsm::openssl::private_key_pem(key));
        std::filesystem::permissions(file, std::filesystem::perms(0600));
    }
    static void write_pem(const std::filesystem::path& file, const Bytes& der) {
        std::string text(2 * der.size() + 64, '\0');
        const auto size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                            der.data(),
                                            static_cast<int>(der.size()));
        text.resize(static_cast<std::size_t>(size));
        for (std::size_t at = 64; at < text.size(); at += 65) {
            text.insert(at, "\n");
        }
        write_file(file, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    }
    void ask(const CeremonyModule& module, const std::filesystem::path& file) {
        const auto papers = site_.restore(module, made_.papers.share_set);
        CHECK(papers.has_value());
        write_file(file,
                   write_ceremony_file(FileKind::ceremony,
                                       {{"device_certificate", papers->device_certificate},
                                        {"ceremony", papers->ceremony},
                                        {"share_set", papers->share_set}}));
    }

    Finished run(const std::vector<std::string>& arguments, const std::string& input = "") const {
        return run_program(site_.folder(), "kyso-custodian", arguments, input);
    }
    std::string firmware() const {
        std::string text;
        const auto expectation = site_.expectation();
        for (const auto byte : expectation.firmware_hashes[0]) {
            text += "0123456789abcdef"[byte >> 4];
            text += "0123456789abcdef"[byte & 15];
        }
        return text;
    }
    // What every command that moves a share is told.
    std::vector<std::string> with_expectation(std::vector<std::string> arguments) const {
        for (const auto& word : {std::string("--root"),
                                 path("root.pem").string(),
                                 std::string("--class"),
                                 std::string("software"),
                                 std::string("--firmware"),
                                 firmware()}) {
            arguments.push_back(word);
        }
        return arguments;
    }
    std::vector<std::string> reseal(std::size_t i,
                                    const std::string& out,
                                    const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"reseal",
                                           "--key",
                                           key_file(i).string(),
                                           "--share",
                                           share_file(i).string(),
                                           "--for",
                                           path("asks.json").string(),
                                           "--out",
                                           path(out).string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return with_expectation(arguments);
    }
    Bytes inward(const std::string& file) const {
        const auto fields =
            custodian::read_ceremony_file(FileKind::inward_share, read_file(path(file)));
        CHECK(fields.has_value());
        return fields->at("share");
    }

    CeremonySite site_;
    CeremonyModule maker_;
    CeremonyModule other_;
    MadeShares made_;
};

TEST_F(CustodianProgram, CarriesSharesFromOneModuleIntoAnother) {
    for (const std::size_t i : {0u, 2u}) {
        const auto out = "in-" + std::to_string(i) + ".json";
        const auto done = run(reseal(i, out, {"--no-live-member"}));
        ASSERT_EQ(done.code, 0) << done.err;
        ASSERT_EQ(status(site_.give(other_, inward(out))), Status::ok);
    }
    const auto finished = site_.finish(other_);
    ASSERT_EQ(status(finished), Status::ok);
    EXPECT_EQ(*finished, wire::State::operational);
}

TEST_F(CustodianProgram, CarriesAShareFromPaper) {
    const auto words = run(with_expectation(
        {"words", "--key", key_file(1).string(), "--share", share_file(1).string()}));
    ASSERT_EQ(words.code, 0) << words.err;

    const auto done = run(with_expectation({"reseal",
                                            "--key",
                                            key_file(1).string(),
                                            "--words",
                                            "-",
                                            "--for",
                                            path("asks.json").string(),
                                            "--out",
                                            path("in.json").string(),
                                            "--json"}),
                          words.out);

    ASSERT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(boost::json::parse(done.out).at("out").as_string(), path("in.json").string());
    EXPECT_EQ(status(site_.give(other_, inward("in.json"))), Status::ok);

    auto slip = words.out;
    slip[4] = slip[4] == 'b' ? 'd' : 'b';
    const auto refused = run(with_expectation({"reseal",
                                               "--key",
                                               key_file(1).string(),
                                               "--words",
                                               "-",
                                               "--for",
                                               path("asks.json").string(),
                                               "--out",
                                               path("slip.json").string()}),
                             slip);
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("mistyped"), std::string::npos) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(path("slip.json")));
}

TEST_F(CustodianProgram, RefusesWhatIsNotExpected) {
    auto another_class = reseal(0, "x.json");
    std::ranges::replace(another_class, std::string("software"), std::string("hardware"));
    EXPECT_EQ(run(another_class).code, 1);
    auto another_firmware = reseal(0, "x.json");
    another_firmware.back().assign(64, '0');
    EXPECT_EQ(run(another_firmware).code, 1);
    const auto other_root = hsm::openssl::P256Key::make(path("other-root-key.pem"));
    ASSERT_TRUE(other_root);
    write_pem(path("other-root.pem"), hsm::cli::make_test_root_certificate(*other_root));
    auto another_root = reseal(0, "x.json");
    std::ranges::replace(another_root, path("root.pem").string(), path("other-root.pem").string());
    const auto refused = run(another_root);
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("certificate_wrong"), std::string::npos) << refused.err;
    auto anothers_share = reseal(0, "x.json");
    std::ranges::replace(anothers_share, share_file(0).string(), share_file(1).string());
    EXPECT_EQ(run(anothers_share).code, 1);
    EXPECT_FALSE(std::filesystem::exists(path("x.json")));
}

TEST_F(CustodianProgram, SaysWhatIsWrongUse) {
    EXPECT_EQ(run({}).code, 2);
    EXPECT_EQ(run({"--help"}).code, 0);
    EXPECT_EQ(run({"reseal"}).code, 2);
    auto neither = reseal(0, "x.json");
    neither.erase(neither.begin() + 3, neither.begin() + 5);
    EXPECT_EQ(run(neither).code, 2);
    auto class_wrong = reseal(0, "x.json");
    std::ranges::replace(class_wrong, std::string("software"), std::string("soft"));
    EXPECT_EQ(run(class_wrong).code, 2);
    auto file_wrong = reseal(0, "x.json");
    std::ranges::replace(file_wrong, share_file(0).string(), path("asks.json").string());
    EXPECT_EQ(run(file_wrong).code, 2);
    std::filesystem::permissions(key_file(0), std::filesystem::perms(0644));
    EXPECT_EQ(run(reseal(0, "x.json")).code, 2);
    std::filesystem::permissions(key_file(0), std::filesystem::perms(0600));
    EXPECT_EQ(run(reseal(0, "y.json")).code, 0);
    EXPECT_EQ(run(reseal(0, "y.json")).code, 2) << "writes over a file";
}

TEST_F(CustodianProgram, MakesAKeyOnceAndShowsIt) {
    const auto key = path("new-key.pem").string();
    const auto made =
        run({"keygen", "--key", key, "--out", path("public.json").string(), "--json"});
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(std::filesystem::status(key).permissions(), std::filesystem::perms(0600));
    const auto shown = run({"public", "--key", key, "--json"});
    EXPECT_EQ(shown.out, made.out);
    EXPECT_EQ(made.out.find("PRIVATE"), std::string::npos);
    const auto fields =
        custodian::read_ceremony_file(FileKind::custodian, read_file(path("public.json")));
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->at("point").size(), wire::point_size);
    const auto before = read_file(key);
    EXPECT_EQ(run({"keygen", "--key", key}).code, 2);
    EXPECT_EQ(read_file(key), before);
}

TEST_F(CustodianProgram, SignsThatAModuleBecomesAMember) {
    auto third = site_.add_module("third");
    const std::vector<hsm::Digest> members{third.id()};
    const auto configuration =
        configuration_of(site_.people, wire::AssuranceClass::software, members);
    const auto info = call(third.serving(), wire::GetInfoRequest{});
    ASSERT_TRUE(info);
    Bytes buffer(256);
    const auto statement = copy_of(*wire::encode_tagged(
        wire::ProvisionStatement{
            (*info)->module_id, (*info)->provisioning_nonce, sha256_of(configuration)},
        buffer));
    const auto papers = [&](const Bytes& certificate) {
        return write_ceremony_file(FileKind::provision,
                                   {{"device_certificate", certificate},
                                    {"configuration", configuration},
                                    {"statement", statement}});
    };
    write_file(path("provision.json"), papers(third.certificate));
    write_file(path("forged.json"), papers(maker_.certificate));
    const auto sign = [&](const std::string& in, const std::string& out) {
        return run({"sign-provision",
                    "--key",
                    key_file(0).string(),
                    "--in",
                    path(in).string(),
                    "--out",
                    path(out).string(),
                    "--root",
                    path("root.pem").string(),
                    "--class",
                    "software"});
    };

    const auto done = sign("provision.json", "signature.json");

    ASSERT_EQ(done.code, 0) << done.err;
    const auto fields = custodian::read_ceremony_file(FileKind::provision_signature,
                                                      read_file(path("signature.json")));
    ASSERT_TRUE(fields);
    wire::Point point{};
    std::ranges::copy(fields->at("custodian"), point.begin());
    EXPECT_TRUE(
        hsm::openssl::verify_es256(wire::p256_spki(point), statement, fields->at("signature")));
    EXPECT_EQ(sign("forged.json", "forged-signature.json").code, 1);
}

}  // namespace
