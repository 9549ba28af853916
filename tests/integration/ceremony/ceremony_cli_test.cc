#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cloudsign/hex.h"
#include "hsm/custodian/ceremony_file.h"
#include "hsm/openssl/digest.h"
#include "hsm/softphone/phone_store.h"
#include "tests/support/module_process.h"
#include "tests/support/run_program.h"
#include "tests/support/status.h"

// From two blank modules to a group whose KEK was made in one and restored into the other, with the
// programs alone: kyso, kyso-custodian, kyso-module.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;
using Words = std::vector<std::string>;

class CeremonyPrograms : public testing::Test {
protected:
    CeremonyPrograms() {
        people_.rp_id = "approve.test";
        people_.origin = "https://approve.test";
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
    // Two officers, either of whom is enough: a phone in a file, and a passkey in this test.
    void make_people() {
        const auto phone = hsm::softphone::PhoneStore::create(
            path("officer.json"),
            {hsm::softphone::PhoneRole::officer, "officer", people_.rp_id, people_.origin});
        CHECK(phone.has_value());
        officers_ = officer_lines(1, phone->passkey().point()) +
                    officer_lines(2, people_.officers[0].point());
        for (const std::string i : {"0", "1", "2", "3"}) {
            does("kyso-custodian",
                 {"keygen",
                  "--key",
                  path("custodian-" + i + ".pem"),
                  "--out",
                  path("custodian-" + i + ".json")});
        }
    }
    static std::string officer_lines(int person, const wire::Point& point) {
        return "[[officers]]\nperson = " + std::to_string(person) +
               "\nbackup_eligible = false\npoint = \"" + cloudsign::hex(point) + "\"\n";
    }
    void write_plan(const std::string& name,
                    const std::string& custodians,
                    const std::string& members) const {
        write_file(path(name),
                   "class = \"software\"\nrp_id = \"approve.test\"\n"
                   "origin = \"https://approve.test\"\nofficers_needed = 1\n"
                   "custodians_needed = 2\ncustodians = [" +
                       custodians + "]\nmembers = [" + members + "]\n" + officers_);
    }
    void describe_group() {
        make_people();
        write_plan("plan.toml", first_custodians, both_members);
        does("kyso",
             {"ceremony", "configure", "--plan", path("plan.toml"), "--out", path("group.json")});
    }
    void approve(const std::string& papers, const std::string& out) const {
        does("kyso",
             {"ceremony",
              "approve",
              "--in",
              path(papers),
              "--phone",
              path("officer.json"),
              "--out",
              path(out)});
    }
    // As another tool would for an officer with a real phone.
    void approve_as_second(const std::string& papers, const std::string& out) const {
        using namespace hsm::custodian;
        const auto read = read_ceremony_file(FileKind::provision, read_text(path(papers)));
        CHECK(read.has_value());
        const auto challenge = hsm::sha256(read->at("statement"));
        write_file(path(out),
                   write_ceremony_file(FileKind::assertion,
                                       {{"assertion", people_.officer_approves(challenge)}}));
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
                  path("signature-" + (i + custodian) + ".json")});
        }
        approve("provision-" + i + ".json", "approval-" + i + ".json");
        approve_as_second("provision-" + i + ".json", "second-" + i + ".json");
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
                 path("approval-" + i + ".json"),
                 "--approval",
                 path("second-" + i + ".json")}));
        ASSERT_EQ(state(module), wire::State::provisioned);
    }
    void reseal(int custodian,
                const std::string& made,
                const std::string& to,
                const std::string& out,
                wire::LiveMember live = wire::LiveMember::exists) {
        Words words = {"reseal",
                       "--key",
                       path("custodian-" + std::to_string(custodian) + ".pem"),
                       "--share",
                       path(made + "/share-" + std::to_string(custodian + 1) + ".json"),
                       "--for",
                       path(to),
                       "--out",
                       path(out),
                       "--root",
                       path("root.pem"),
                       "--class",
                       "software",
                       "--firmware",
                       firmware_};
        if (live == wire::LiveMember::none) {
            words.emplace_back("--no-live-member");
        }
        does("kyso-custodian", words);
    }
    // Two custodians bring their shares, and the module keeps the KEK.
    void bring_shares(std::size_t module,
                      const std::string& made,
                      const std::string& asks,
                      wire::LiveMember live = wire::LiveMember::exists) {
        Words give = {"give"};
        for (const int custodian : {0, 1}) {
            const auto out = asks + "-" + std::to_string(custodian) + ".json";
            reseal(custodian, made, asks, out, live);
            give.push_back(path(out));
        }
        does("kyso", on(module, give));
        does("kyso", on(module, {"finish"}));
    }
    void make_kek(std::size_t module, const std::string& epoch, const std::string& made) {
        does("kyso", on(module, {"make", "--epoch", epoch, "--out", path(made)}));
        bring_shares(module, made, made + "/ceremony.json");
    }
    void restore_kek(std::size_t module, const std::string& made) {
        const auto asks = "asks-" + made + ".json";
        does("kyso",
             on(module, {"restore", "--of", path(made + "/ceremony.json"), "--out", path(asks)}));
        bring_shares(module, made, asks);
    }
    Words from(std::size_t live) const {
        return {"table",
                "--from",
                modules_[live]->socket().string(),
                "--from-psk",
                modules_[live]->psk_file(wire::Role::operating).string()};
    }

    wire::State both_restored(const std::string& made) {
        provision(1);
        restore_kek(1, made);
        return state(1);
    }
    Status signs(std::size_t module, const Holder& holder) const {
        const auto target = modules_[module]->target();
        const auto signing = approved_signing(target, people_, holder);
        return signing ? status(call(target, signing->request())) : signing.error();
    }
    hsm::Result<Bytes> sealed_anew(std::size_t module, const Bytes& blob) const {
        TRY_ASSIGN(const auto reply, call(modules_[module]->target(), wire::ResealRequest{blob}));
        return copy_of(reply->blob);
    }
    // A holder whose first phone is revoked in this module's table.
    Holder moved_away(std::size_t module) const {
        const auto target = modules_[module]->target();
        auto holder = *enrol(target, people_);
        const Passkey new_phone;
        const auto policy = policy_of(people_, {{new_phone}, holder.subject_hash});
        const auto activation = open_activation(
            target, holder.blob, wire::Purpose::rebind, {}, 1, rebind_root(holder.blob, policy));
        CHECK(activation.has_value());
        const auto form = people_.form(activation->challenge);
        const auto by_old = holder.keys[0].assertion(form);
        const auto by_new = new_phone.assertion(form);
        wire::RebindPrepareRequest request{
            holder.blob, activation->preimage, activation->mac, {}, policy, 0};
        CHECK(request.assertions.push_back(by_old) && request.assertions.push_back(by_new));
        CHECK(call(target, request).has_value());
        return holder;
    }
    // What module 0 tells module 1 to refuse.
    std::size_t revoked() const {
        const auto info = call(modules_[1]->target(), wire::GetInfoRequest{});
        const auto reply =
            call(modules_[0]->target(), wire::TableExportRequest{(*info)->module_id, {}, 0});
        CHECK(reply.has_value());
        const auto page = wire::decode_signed((*reply)->page);
        return wire::decode_tagged<wire::TableStatement>(page->statement)->key_ids.size();
    }
    // The next revision of the group, written down for approval by the phone in a file.
    void prepare_change(const std::string& revision) {
        const auto before = revision == "2" ? "group.json" : "group-2.json";
        does("kyso",
             {"ceremony",
              "configure",
              "--plan",
              path("plan-" + revision + ".toml"),
              "--after",
              path(before),
              "--out",
              path("group-" + revision + ".json")});
        does("kyso",
             on(0,
                {"prepare-change",
                 "--configuration",
                 path("group-" + revision + ".json"),
                 "--out",
                 path("change-" + revision + ".json")}));
        approve("change-" + revision + ".json", "approval-of-" + revision + ".json");
    }
    Words change(std::size_t module, const std::string& revision, const Words& more) const {
        Words words = {"change",
                       "--in",
                       path("change-" + revision + ".json"),
                       "--approval",
                       path("approval-of-" + revision + ".json")};
        words.insert(words.end(), more.begin(), more.end());
        return on(module, words);
    }

    static constexpr const char* first_custodians =
        "\"custodian-0.json\", \"custodian-1.json\", \"custodian-2.json\"";
    static constexpr const char* both_members = "\"identity-0.json\", \"identity-1.json\"";

    People people_;
    std::string officers_;
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
    bring_shares(0, "made", "made/ceremony.json");
    ASSERT_EQ(state(0), wire::State::operational);

    provision(1);
    does("kyso",
         on(1, {"restore", "--of", path("made/ceremony.json"), "--out", path("asks.json")}));
    // Shares that were sealed to the first module's ceremony.
    EXPECT_EQ(run("kyso", on(1, {"give", path("made/ceremony.json-0.json")})).code, 1);
    bring_shares(1, "made", "asks.json", wire::LiveMember::none);

    EXPECT_EQ(state(1), wire::State::operational);
    EXPECT_EQ(modules_[1]->stop(), 0);
    modules_[1]->start();
    EXPECT_EQ(state(1), wire::State::operational);
}

TEST_F(CeremonyPrograms, BringARestoredMemberWhatWasRevokedAndItSigns) {
    certify();
    describe_group();
    provision(0);
    make_kek(0, "1", "made");
    const auto holder = enrol(modules_[0]->target(), people_);
    ASSERT_TRUE(holder);
    const auto moved = moved_away(0);
    ASSERT_EQ(both_restored("made"), wire::State::provisioned);
    EXPECT_EQ(signs(1, *holder), Status::wrong_state);

    const auto taken = does("kyso", on(1, from(0)));

    EXPECT_EQ(taken.at("state").as_string(), "operational");
    EXPECT_EQ(signs(1, *holder), Status::ok);
    EXPECT_EQ(signs(1, moved), Status::blob_revoked);
    EXPECT_EQ(run("kyso", on(1, from(0))).code, 1);
}

TEST_F(CeremonyPrograms, ChangeTheEpochAndEmptyTheTable) {
    certify();
    describe_group();
    provision(0);
    make_kek(0, "1", "made");
    const auto holder = enrol(modules_[0]->target(), people_);
    ASSERT_TRUE(holder);
    const auto moved = moved_away(0);
    both_restored("made");
    does("kyso", on(1, from(0)));
    ASSERT_EQ(revoked(), 1u);

    make_kek(0, "2", "again");
    const auto blob = sealed_anew(0, holder->blob);
    ASSERT_TRUE(blob);
    EXPECT_EQ(sealed_anew(0, moved.blob).error(), Status::blob_revoked);
    restore_kek(1, "again");
    for (const std::size_t module : {0u, 1u}) {
        does("kyso", on(module, {"close-epoch", "--no-server"}));
        EXPECT_EQ(modules_[module]->stop(), 0);
        modules_[module]->start();
    }

    EXPECT_EQ(revoked(), 0u);
    auto renewed = *holder;
    renewed.blob = *blob;
    for (const std::size_t module : {0u, 1u}) {
        EXPECT_EQ(signs(module, renewed), Status::ok);
        EXPECT_EQ(signs(module, *holder), Status::blob_epoch_unknown);
        EXPECT_EQ(signs(module, moved), Status::blob_epoch_unknown);
        EXPECT_EQ(sealed_anew(module, moved.blob).error(), Status::blob_epoch_unknown);
    }
}

TEST_F(CeremonyPrograms, ChangeTheGroupAndLetAMemberGo) {
    certify();
    describe_group();
    provision(0);
    make_kek(0, "1", "made");
    both_restored("made");
    does("kyso", on(1, from(0)));

    // Another custodian comes for the third.
    write_plan("plan-2.toml",
               "\"custodian-0.json\", \"custodian-1.json\", \"custodian-3.json\"",
               both_members);
    prepare_change("2");
    Words signatures;
    for (const std::string custodian : {"1", "2", "3"}) {
        const auto out = path("signature-of-2-" + custodian + ".json");
        const Words words = {"sign-change",
                             "--key",
                             path("custodian-" + custodian + ".pem"),
                             "--in",
                             path("change-2.json"),
                             "--class",
                             "software",
                             "--out",
                             out};
        if (custodian == "3") {
            EXPECT_EQ(run("kyso-custodian", words).code, 1);
        } else {
            const auto said = does("kyso-custodian", words);
            EXPECT_EQ(said.at("custodians_new").as_array().size(), 1u);
            EXPECT_EQ(said.at("members_gone").as_array().size(), 0u);
            signatures.insert(signatures.end(), {"--signature", out});
        }
    }
    EXPECT_EQ(run("kyso", change(0, "2", {})).code, 1);
    does("kyso", change(0, "2", signatures));
    does("kyso", change(1, "2", signatures));

    write_plan("plan-3.toml",
               "\"custodian-0.json\", \"custodian-1.json\", \"custodian-3.json\"",
               "\"identity-0.json\"");
    prepare_change("3");
    EXPECT_EQ(run("kyso", change(0, "3", {})).code, 1);
    does("kyso", on(1, {"prepare-zeroise", "--out", path("zeroise.json")}));
    approve("zeroise.json", "zeroise-approval.json");
    const Words zeroise = {
        "zeroise", "--approval", path("zeroise-approval.json"), "--out", path("receipt.json")};
    EXPECT_EQ(run("kyso", on(0, zeroise)).code, 1);
    does("kyso", on(1, zeroise));
    EXPECT_EQ(state(1), wire::State::tampered);
    does("kyso", change(0, "3", {"--receipt", path("receipt.json")}));
    const auto holder = enrol(modules_[0]->target(), people_);
    ASSERT_TRUE(holder);
    EXPECT_EQ(signs(0, *holder), Status::ok);
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
    EXPECT_EQ(run("kyso", on(0, {"close-epoch", "--no-server"})).code, 1);
    EXPECT_EQ(run("kyso", on(0, {"table"})).code, 2);
    EXPECT_EQ(run("kyso", on(0, {"zeroise", "--approval", path("plan.toml")})).code, 2);
    EXPECT_EQ(run("kyso", on(0, {"change", "--in", path("plan.toml")})).code, 2);
}

}  // namespace
