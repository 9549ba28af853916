#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "hsm/softphone/phone_store.h"
#include "tests/support/module_process.h"
#include "tests/support/run_program.h"

// From two blank modules to a group whose KEK was made in one and restored into the other, with the
// programs alone: kyso, kyso-custodian, kyso-module.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using Words = std::vector<std::string>;

class CeremonyPrograms : public testing::Test {
protected:
    CeremonyPrograms() {
        for (int i = 0; i < 2; ++i) {
            const auto name = "module-" + std::to_string(i);
            tokens_.push_back(
                std::make_unique<ProcessToken>(folder_.path() / (name + "-token"), TokenKind::psa));
            modules_.push_back(
                std::make_unique<ModuleProcess>(folder_.path() / name, *tokens_.back(), name));
            modules_.back()->start();
        }
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    Finished run(const std::string& program, const Words& arguments) const {
        return run_program(folder_.path(), program, arguments);
    }
    // Must succeed; its JSON.
    boost::json::value does(const std::string& program, Words arguments) const {
        arguments.push_back("--json");
        const auto finished = run(program, arguments);
        EXPECT_EQ(finished.code, 0) << program << " " << arguments[1] << ": " << finished.err;
        return finished.code == 0 ? boost::json::parse(finished.out) : boost::json::value();
    }
    Words on(std::size_t module, Words arguments) const {
        arguments.insert(arguments.begin(), "ceremony");
        for (const auto& word : {std::string("--module"),
                                 modules_[module]->socket().string(),
                                 std::string("--psk"),
                                 modules_[module]->psk_file(wire::Role::operating).string()}) {
            arguments.push_back(word);
        }
        return arguments;
    }
    wire::State state(std::size_t module) const {
        const auto info = call(modules_[module]->target(), wire::GetInfoRequest{});
        CHECK(info.has_value());
        return (*info)->state;
    }

    void certify() {
        does("kyso", {"root", "create", "--key", path("root-key.pem"), "--out", path("root.pem")});
        for (const std::string i : {"0", "1"}) {
            const auto said =
                does("kyso",
                     on(i == "0" ? 0 : 1, {"identity", "--out", path("identity-" + i + ".json")}));
            firmware_ = said.at("firmware").as_string().c_str();
            does("kyso",
                 {"root",
                  "certify",
                  "--key",
                  path("root-key.pem"),
                  "--identity",
                  path("identity-" + i + ".json"),
                  "--class",
                  "software",
                  "--out",
                  path("device-" + i + ".pem")});
        }
    }
    void describe_group() {
        auto phone = hsm::softphone::PhoneStore::create(path("officer.json"),
                                                        {hsm::softphone::PhoneRole::officer,
                                                         "officer",
                                                         "approve.test",
                                                         "https://approve.test"});
        CHECK(phone.has_value());
        std::string point;
        for (const auto byte : phone->passkey().point()) {
            point += "0123456789abcdef"[byte >> 4];
            point += "0123456789abcdef"[byte & 15];
        }
        for (const std::string i : {"0", "1", "2"}) {
            does("kyso-custodian",
                 {"keygen",
                  "--key",
                  path("custodian-" + i + ".pem"),
                  "--out",
                  path("custodian-" + i + ".json")});
        }
        write_file(
            path("plan.toml"),
            "class = \"software\"\nrp_id = \"approve.test\"\n"
            "origin = \"https://approve.test\"\nofficers_needed = 1\n"
            "custodians_needed = 2\n"
            "custodians = [\"custodian-0.json\", \"custodian-1.json\", \"custodian-2.json\"]\n"
            "members = [\"identity-0.json\", \"identity-1.json\"]\n"
            "[[officers]]\nperson = 1\nbackup_eligible = false\npoint = \"" +
                point + "\"\n");
        does("kyso",
             {"ceremony", "configure", "--plan", path("plan.toml"), "--out", path("group.json")});
    }
    void provision(std::size_t module) {
        const auto i = std::to_string(module);
        does("kyso",
             on(module,
                {"prepare",
                 "--configuration",
                 path("group.json"),
                 "--certificate",
                 path("device-" + i + ".pem"),
                 "--out",
                 path("provision-" + i + ".json")}));
        for (const std::string custodian : {"1", "2"}) {
            does("kyso-custodian",
                 {"sign-provision",
                  "--key",
                  path("custodian-" + custodian + ".pem"),
                  "--in",
                  path("provision-" + i + ".json"),
                  "--root",
                  path("root.pem"),
                  "--class",
                  "software",
                  "--out",
                  path("signature-" + i + custodian + ".json")});
        }
        does("kyso",
             {"ceremony",
              "approve",
              "--in",
              path("provision-" + i + ".json"),
              "--phone",
              path("officer.json"),
              "--out",
              path("approval-" + i + ".json")});
        does("kyso",
             on(module,
                {"provision",
                 "--in",
                 path("provision-" + i + ".json"),
                 "--signature",
                 path("signature-" + i + "1.json"),
                 "--signature",
                 path("signature-" + i + "2.json"),
                 "--approval",
                 path("approval-" + i + ".json")}));
        ASSERT_EQ(state(module), wire::State::provisioned);
    }
    void reseal(int custodian, const std::string& to, const std::string& out) {
        does("kyso-custodian",
             {"reseal",
              "--key",
              path("custodian-" + std::to_string(custodian) + ".pem"),
              "--share",
              path("made/share-" + std::to_string(custodian + 1) + ".json"),
              "--for",
              path(to),
              "--out",
              path(out),
              "--root",
              path("root.pem"),
              "--class",
              "software",
              "--firmware",
              firmware_,
              "--no-live-member"});
    }

    ScratchFolder folder_;
    std::vector<std::unique_ptr<ProcessToken>> tokens_;
    std::vector<std::unique_ptr<ModuleProcess>> modules_;
    std::string firmware_;
};

TEST_F(CeremonyPrograms, MakeAKekInOneModuleAndRestoreItIntoAnother) {
    certify();
    describe_group();
    provision(0);
    does("kyso", on(0, {"make", "--out", path("made")}));
    EXPECT_EQ(run("kyso", on(0, {"finish"})).code, 1);
    for (const int custodian : {0, 1}) {
        reseal(custodian, "made/ceremony.json", "back-" + std::to_string(custodian) + ".json");
    }
    const auto taken = does("kyso", on(0, {"give", path("back-0.json"), path("back-1.json")}));
    EXPECT_EQ(taken.at("taken").as_int64(), 2);
    does("kyso", on(0, {"finish"}));
    EXPECT_EQ(state(0), wire::State::operational);

    provision(1);
    does("kyso",
         on(1, {"restore", "--of", path("made/ceremony.json"), "--out", path("asks.json")}));
    for (const int custodian : {1, 2}) {
        reseal(custodian, "asks.json", "in-" + std::to_string(custodian) + ".json");
    }
    EXPECT_EQ(run("kyso", on(1, {"give", path("back-0.json")})).code, 1);
    does("kyso", on(1, {"give", path("in-1.json"), path("in-2.json")}));
    does("kyso", on(1, {"finish"}));

    EXPECT_EQ(state(1), wire::State::operational);
    EXPECT_EQ(modules_[1]->stop(), 0);
    modules_[1]->start();
    EXPECT_EQ(state(1), wire::State::operational);
}

TEST_F(CeremonyPrograms, SayWhatIsWrongUse) {
    certify();
    EXPECT_EQ(
        run("kyso", {"root", "create", "--key", path("root-key.pem"), "--out", path("new.pem")})
            .code,
        2);
    EXPECT_EQ(run("kyso", on(0, {"identity", "--out", path("identity-0.json")})).code, 2);
    EXPECT_EQ(run("kyso", on(0, {"make", "--out", path("made")})).code, 1);
    EXPECT_EQ(run("kyso", on(0, {"give", path("identity-0.json")})).code, 2);
    write_file(path("plan.toml"), "class = \"software\"\n");
    EXPECT_EQ(
        run("kyso",
            {"ceremony", "configure", "--plan", path("plan.toml"), "--out", path("group.json")})
            .code,
        2);
    EXPECT_EQ(run("kyso", {"root", "certify", "--key", path("root-key.pem")}).code, 2);
}

}  // namespace
