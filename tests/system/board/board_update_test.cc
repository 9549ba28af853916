#include <atomic>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include "firmware/boot/boot_record.h"
#include "hsm/cli/firmware_package.h"
#include "hsm/custodian/ceremony_file.h"
#include "hsm/protocol/audit_record.h"
#include "tests/support/run_program.h"
#include "tests/system/board/board_test.h"

// The loader as it ships starts the module as it ships; `kyso firmware` updates it over its line.
namespace tests::system {
namespace {

namespace fs = std::filesystem;
namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Status;
using hsm::custodian::FileKind;
using support::Bytes;
using support::Finished;
using wire::Role;

// board/mps2_*/memory_map.h: where they lie in the file, inverted.
constexpr std::size_t secret_offset = 512u << 10;
constexpr std::size_t secret_record_size = 48;
constexpr std::size_t first_slot_offset = 1u << 20;

support::People three_officers() {
    support::People people;
    people.officers = std::vector<support::Passkey>(3);
    people.officers_needed = 2;
    return people;
}

fs::path source(std::string_view name) {
    return fs::path(std::getenv("KYSO_SOURCE")) / name;
}

fs::path test_maker() {
    return source("tests/vectors/firmware/TEST-maker.key.pem");
}

struct Version {
    std::string text;
    int security = 1;
};

class BoardUpdate : public testing::TestWithParam<const char*> {
protected:
    // `kyso firmware sign`, as the maker does it.
    fs::path release(const Version& version,
                     const fs::path& elf,
                     const fs::path& maker = test_maker()) {
        auto file =
            folder_.path() / (version.text + "-" + std::to_string(version.security) + ".kysofw");
        const auto made = kyso({"sign",
                                "--board",
                                GetParam(),
                                "--version",
                                version.text,
                                "--security-version",
                                std::to_string(version.security),
                                "--key",
                                maker.string(),
                                "--out",
                                file.string(),
                                elf.string()});
        CHECK(made.code == 0);
        return file;
    }
    fs::path release(const Version& version) { return release(version, image()); }

    fs::path image() const {
        const std::string board = GetParam();
        return source("build/fw-" + board + "/bin/kyso-" + board + "-a.elf");
    }

    // The group's paper for `package`, approved by the officers named.
    std::vector<fs::path> approvals(const fs::path& package, std::vector<std::size_t> officers) {
        const auto papers = folder_.path() / "update.json";
        fs::remove(papers);
        const auto prepared = on_module({"prepare", "--out", papers.string(), package.string()});
        EXPECT_EQ(0, prepared.code) << prepared.err;
        const auto fields =
            hsm::custodian::read_ceremony_file(FileKind::update, support::read_file(papers));
        CHECK(fields.has_value());
        const auto challenge = support::sha256_of(fields->at("statement"));
        std::vector<fs::path> files;
        for (const auto officer : officers) {
            files.push_back(folder_.path() / ("approval-" + std::to_string(officer) + ".json"));
            support::write_file(files.back(),
                                hsm::custodian::write_ceremony_file(
                                    FileKind::assertion,
                                    {{"assertion", people_.officer_approves(challenge, officer)}}));
        }
        return files;
    }

    Finished install(const fs::path& package, const std::vector<fs::path>& approved) {
        std::vector<std::string> arguments{"install"};
        for (const auto& file : approved) {
            arguments.insert(arguments.end(), {"--approval", file.string()});
        }
        arguments.push_back(package.string());
        return on_module(arguments);
    }
    Finished install(const fs::path& package) {
        return install(package, approvals(package, {0, 2}));
    }

    // Cuts the power once `bytes` of the image have come, or all. True when kyso was done by then.
    bool install_until(const fs::path& package,
                       const std::vector<fs::path>& approved,
                       std::uint32_t bytes) {
        std::atomic<bool> done = false;
        const std::jthread cut([&, server = board_->target(Role::server)] {
            while (!done) {
                const auto state = support::call(server, wire::UpdateStateRequest{});
                if (!state || (*state)->stage == wire::UpdateStage::pending ||
                    ((*state)->stage == wire::UpdateStage::written && (*state)->written >= bytes)) {
                    break;
                }
                std::this_thread::sleep_for(1ms);
            }
            board_->kill();
        });
        done = install(package, approved).code == 0;
        return done.exchange(true);
    }

    void power_cut() { board_->kill(); }
    // As after a power cut; unlocked, so that a trial is confirmed.
    void restart() {
        power_cut();
        board_->start();
        board_->unlock();
    }

    // Out of a factory with this release, and through its ceremony.
    void bring_up(const fs::path& package) {
        board_.emplace(folder_.path() / "board",
                       GetParam(),
                       std::vector<std::string>{"--release", package.string()});
        operational(*board_, people_, folder_.path());
    }

    hsm::Digest running_hash() {
        const auto info = support::call(board_->target(Role::operating), wire::GetInfoRequest{});
        CHECK(info.has_value());
        return (*info)->firmware_hash;
    }
    static hsm::Digest hash_of(const fs::path& package) {
        const auto content = support::read_file(package);
        const auto decoded = hsm::cli::decode_package(hsm::view_of(content));
        CHECK(decoded.has_value());
        return decoded->firmware_hash();
    }

    void expect_signs(const support::Holder& holder) {
        const auto server = board_->target(Role::server);
        const auto signing = support::approved_signing(server, people_, holder);
        ASSERT_EQ(Status::ok, status(signing));
        EXPECT_EQ(Status::ok, status(support::call(server, signing->request())));
    }

    // What flash holds, with the power off.
    Bytes in_flash(std::size_t offset, std::size_t size) const {
        std::ifstream file(board_->flash(), std::ios::binary);
        Bytes bytes(size);
        file.seekg(static_cast<std::streamoff>(offset));
        file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
        CHECK(file.good());
        for (auto& byte : bytes) {
            byte = static_cast<hsm::Byte>(~byte);
        }
        return bytes;
    }
    void put_into_flash(std::size_t offset, hsm::ByteView content) {
        std::fstream file(board_->flash(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        for (const auto byte : content) {
            file.put(static_cast<char>(~byte));
        }
        CHECK(file.good());
    }
    // firmware/engine/psa/flash_secret.h: zeros after a wipe, and never before.
    bool is_wiped() const { return in_flash(secret_offset, secret_record_size) == Bytes(48, 0); }

    Finished on_module(const std::vector<std::string>& command) {
        std::vector<std::string> arguments{command[0],
                                           "--module",
                                           board_->socket().string(),
                                           "--psk",
                                           board_->psk_file(Role::operating).string()};
        arguments.insert(arguments.end(), command.begin() + 1, command.end());
        return kyso(arguments);
    }
    Finished kyso(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "firmware");
        return support::run_program(folder_.path(), "kyso", arguments);
    }

    support::ScratchFolder folder_;
    const support::People people_ = three_officers();
    std::optional<support::QemuModule> board_;
};

class ReferenceBoardUpdate : public BoardUpdate {};

TEST_P(BoardUpdate, StartsWhatMakerAndOfficersSignedAndKeepsItsKeys) {
    const auto first = release({"1.0.0"});
    const auto second = release({"1.1.0"});
    ASSERT_NO_FATAL_FAILURE(bring_up(first));
    EXPECT_EQ(hash_of(first), running_hash());
    const auto holder = support::enrol(board_->target(Role::server), people_);
    ASSERT_EQ(Status::ok, status(holder));
    ASSERT_NO_FATAL_FAILURE(expect_signs(*holder));

    const auto installed = install(second);

    ASSERT_EQ(0, installed.code) << installed.err << board_->log();
    EXPECT_EQ(hash_of(first), running_hash());
    ASSERT_NO_FATAL_FAILURE(expect_signs(*holder));
    restart();
    EXPECT_EQ(hash_of(second), running_hash());
    ASSERT_NO_FATAL_FAILURE(expect_signs(*holder));
    restart();
    EXPECT_EQ(hash_of(second), running_hash());
    const auto log = support::export_log(board_->target(Role::server));
    expect_whole_chain(log);
    const auto last = wire::decode<wire::AuditRecord>(log.back());
    ASSERT_EQ(wire::RecordType::started, last->type);
    EXPECT_EQ(hash_of(second), wire::decode<wire::StartedDetails>(last->details)->firmware_hash);
    const auto shown = on_module({"status", "--json"});
    EXPECT_NE(std::string::npos, shown.out.find("\"version\":\"1.1.0\"")) << shown.out;
    EXPECT_NE(std::string::npos, shown.out.find("\"next\":\"none\"")) << shown.out;
}

TEST_P(ReferenceBoardUpdate, RefusesWhatOnePartySignedAndWhatIsOlder) {
    const auto first = release({"1.0.0", 3});
    ASSERT_NO_FATAL_FAILURE(bring_up(first));
    const auto second = release({"1.1.0", 3});
    const auto older = release({"1.2.0", 2});
    const auto thief = folder_.path() / "thief.pem";
    ASSERT_TRUE(hsm::cli::P256Key::load_or_make(thief).has_value());
    const auto by_thief = release({"1.3.0", 3}, image(), thief);
    const auto refused = [&](const Finished& answered, Status why) {
        EXPECT_EQ(1, answered.code);
        EXPECT_NE(std::string::npos, answered.err.find(hsm::base::status_name(why)))
            << answered.err;
    };

    refused(install(second, {}), Status::assertion_missing);
    refused(install(second, approvals(second, {1})), Status::assertion_missing);
    refused(install(second, approvals(second, {1, 1})), Status::assertion_repeated);
    refused(install(second, approvals(older, {0, 1})), Status::assertion_client_data_wrong);
    refused(install(by_thief), Status::image_signature_wrong);
    refused(install(older), Status::image_too_old);
    refused(install(first), Status::image_too_old);

    restart();
    EXPECT_EQ(hash_of(first), running_hash());
}

TEST_P(ReferenceBoardUpdate, GoesBackFromWhatDoesNotConfirmItself) {
    const auto first = release({"1.0.0"});
    ASSERT_NO_FATAL_FAILURE(bring_up(first));
    const auto holder = support::enrol(board_->target(Role::server), people_);
    ASSERT_EQ(Status::ok, status(holder));
    const auto second = release({"1.1.0"});
    ASSERT_EQ(0, install(second).code);

    power_cut();
    board_->start();
    EXPECT_EQ(hash_of(second), running_hash());  // and nobody unlocks it
    restart();

    EXPECT_EQ(hash_of(first), running_hash());
    ASSERT_NO_FATAL_FAILURE(expect_signs(*holder));
}

// An image whose reset handler waits for ever, by the maker and approved all the same.
TEST_P(ReferenceBoardUpdate, GoesBackFromWhatHangs) {
    const auto first = release({"1.0.0"});
    ASSERT_NO_FATAL_FAILURE(bring_up(first));
    auto elf = support::read_file(image());
    const auto found = hsm::cli::read_elf_image(hsm::view_of(elf));
    ASSERT_TRUE(found.has_value());
    const auto vectors = elf.find(std::string(hsm::text_of(hsm::ByteView(found->bytes).first(64))));
    ASSERT_NE(std::string::npos, vectors);
    std::uint32_t reset = 0;
    std::memcpy(&reset, found->bytes.data() + 4, sizeof(reset));
    elf.replace(vectors + (reset & ~1u) - found->load_address, 2, "\xfe\xe7");  // b .
    const auto hanging = folder_.path() / "hanging.elf";
    support::write_file(hanging, elf);
    ASSERT_EQ(0, install(release({"1.1.0"}, hanging)).code);
    power_cut();
    board_->start();
    EXPECT_FALSE(hsm::client::Session::connect(
                     board_->endpoint(), board_->psk(Role::operating), hsm::client::after(2s))
                     .has_value());

    restart();

    EXPECT_EQ(hash_of(first), running_hash());
}

// Cut when so many bytes have come, as its server sees it; a little later when all have.
TEST_P(ReferenceBoardUpdate, ComesBackFromEveryCut) {
    const int cuts = std::getenv("KYSO_LONG") != nullptr ? 60 : 4;
    std::mt19937 dice(1);
    auto present = release({"1.0.0"});
    ASSERT_NO_FATAL_FAILURE(bring_up(present));
    const auto holder = support::enrol(board_->target(Role::server), people_);
    ASSERT_EQ(Status::ok, status(holder));
    std::uniform_int_distribution<std::uint32_t> anywhere(
        0, static_cast<std::uint32_t>(fs::file_size(present)));
    int updates = 0;
    int midway = 0;
    for (int i = 0; i < cuts; ++i) {
        const auto next = release({"1.1." + std::to_string(i)});
        const auto approved = approvals(next, {0, 1});
        const auto bytes = i == 0 ? UINT32_MAX : anywhere(dice);

        midway += install_until(next, approved, bytes) ? 0 : 1;
        // Every other time the start is cut as well: the loader's work, or a trial's.
        if (i % 2 == 1) {
            board_->start();
            std::this_thread::sleep_for(
                std::chrono::milliseconds(std::uniform_int_distribution(0, 300)(dice)));
        }
        restart();

        const auto hash = running_hash();
        ASSERT_TRUE(hash == hash_of(present) || hash == hash_of(next)) << "cut " << i;
        if (hash == hash_of(next)) {
            present = next;
            ++updates;
        }
        ASSERT_NO_FATAL_FAILURE(expect_signs(*holder)) << "cut " << i;
    }
    EXPECT_GT(midway, 0);
    EXPECT_GT(updates, 0);
    const auto last = release({"1.2.0"});
    ASSERT_EQ(0, install(last).code);
    restart();
    EXPECT_EQ(hash_of(last), running_hash());
    std::cout << cuts << " cuts, " << midway << " of them midway, " << updates << " updates\n";
}

// A probe puts a right release, of the maker's but nobody's approval, over the one that runs.
TEST_P(BoardUpdate, WipesItsKekBeforeItStartsWhatNobodyApproved) {
    const auto first = release({"1.0.0"});
    ASSERT_NO_FATAL_FAILURE(bring_up(first));
    power_cut();
    ASSERT_FALSE(is_wiped());
    const auto other = support::read_file(release({"1.1.0"}));
    put_into_flash(first_slot_offset, hsm::view_of(other).first(wire::firmware_head_size));

    board_->start();

    const auto info = support::call(board_->target(Role::operating), wire::GetInfoRequest{});
    ASSERT_EQ(Status::ok, status(info));
    EXPECT_EQ(wire::State::tampered, (*info)->state);
    EXPECT_TRUE(is_wiped());
}

TEST_P(ReferenceBoardUpdate, WipesItsKekAndStartsNothingOnceItsImageHasChanged) {
    const auto first = release({"1.0.0"});
    ASSERT_NO_FATAL_FAILURE(bring_up(first));
    power_cut();
    const auto place = first_slot_offset + wire::firmware_body_offset + 5000;
    auto byte = in_flash(place, 1);
    byte[0] ^= 1;
    put_into_flash(place, byte);

    board_->start();

    const auto deadline = hsm::client::after(20s);
    while (!is_wiped() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(is_wiped());
    EXPECT_FALSE(hsm::client::Session::connect(
                     board_->endpoint(), board_->psk(Role::operating), hsm::client::after(1s))
                     .has_value());
}

INSTANTIATE_TEST_SUITE_P(Boards, BoardUpdate, persistent_boards, board_name);
INSTANTIATE_TEST_SUITE_P(Boards, ReferenceBoardUpdate, testing::Values("mps2_an505"), board_name);

}  // namespace
}  // namespace tests::system
