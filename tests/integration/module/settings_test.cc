#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/module_process.h"

namespace {

namespace fs = std::filesystem;
using tests::support::read_text;
using tests::support::run_command;
using tests::support::ScratchFolder;

struct Case {
    const char* name;
    const char* settings;
    const char* expected;  // in the one line on stderr
};

constexpr const char* good_start =
    "socket = \"s\"\nstore = \"f\"\npsk_folder = \"psk\"\nclass = \"software\"\n";

// The last part follows `good_start` unless it begins with '!'.
const Case cases[] = {
    {"not_toml", "!socket = ", "module.toml:1: "},
    {"nothing", "!", "'socket' is missing"},
    {"no_engine", "", "'engine' is missing"},
    {"strange_engine", "engine = \"tpm\"\n", "'engine' must be"},
    {"engine_table_missing", "engine = \"psa\"\n", "'psa' is missing"},
    {"engine_no_table", "engine = \"psa\"\npsa = 3\n", "'psa' must be a table"},
    {"token_missing", "engine = \"psa\"\n[psa]\n", "'psa.token' is missing"},
    {"token_no_text", "engine = \"psa\"\n[psa]\ntoken = 1\n", "'psa.token' must be a text"},
    {"unknown_key", "engine = \"psa\"\nport = 1\n[psa]\ntoken = \"t\"\n", "'port' is no setting"},
    {"unknown_inner_key",
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\npin = \"1\"\n",
     "'psa.pin' is no setting"},
    {"softhsm_without_token",
     "engine = \"softhsm\"\n[softhsm]\nconfiguration = \"c\"\n",
     "'softhsm.token' is missing"},
    {"hardware",
     "!socket = \"s\"\nstore = \"f\"\npsk_folder = \"psk\"\nclass = \"hardware\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "'class' must be"},
    {"open_socket",
     "socket_mode = \"0666\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "'socket_mode' must be"},
    {"no_group",
     "socket_group = \"no-such-group\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "there is no group no-such-group"},
    {"no_user",
     "user = \"no-such-user\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "there is no user no-such-user"},
    {"negative_uid",
     "server_uid = -1\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "'server_uid' must be"},
    {"bad_name", "name = \"a b\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n", "'name' must be"},
    {"pin_missing",
     "pin_file = \"no-pin\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "no-pin: No such file"},
    {"pin_open",
     "pin_file = \"open-pin\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "open-pin: must be a file that only its owner can read"},
    {"pin_empty",
     "pin_file = \"empty-pin\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "empty-pin: must hold 1 to 64 bytes"},
    {"pin_too_short",
     "pin_file = \"short-pin\"\nengine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "cannot be unlocked with pin_file: secret_wrong"},
    {"no_psk_folder",
     "!socket = \"s\"\nstore = \"f\"\npsk_folder = \"none\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "none: No such file"},
    {"empty_psk_folder",
     "!socket = \"s\"\nstore = \"f\"\npsk_folder = \"empty\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "holds no <identity>.psk"},
    {"bad_psk",
     "!socket = \"s\"\nstore = \"f\"\npsk_folder = \"bad\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "host.psk: needs a line role="},
    {"open_psk",
     "!socket = \"s\"\nstore = \"f\"\npsk_folder = \"open\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "host.psk: must be a file that only its owner can read"},
    {"store_is_a_folder",
     "!socket = \"s\"\nstore = \"psk\"\npsk_folder = \"psk\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "psk: cannot be opened"},
    {"store_of_another_kind",
     "!socket = \"s\"\nstore = \"pin\"\npsk_folder = \"psk\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "pin: is no store"},
    {"socket_is_a_file",
     "!socket = \"pin\"\nstore = \"f\"\npsk_folder = \"psk\"\nclass = \"software\"\n"
     "engine = \"psa\"\n[psa]\ntoken = \"t\"\n",
     "pin: exists and is no socket"},
    {"no_such_token",
     "engine = \"softhsm\"\n[softhsm]\nconfiguration = \"softhsm2.conf\"\ntoken = \"nobody\"\n",
     "there is no token with the label nobody"},
    {"no_such_library",
     "engine = \"softhsm\"\n[softhsm]\nconfiguration = \"softhsm2.conf\"\ntoken = \"nobody\"\n"
     "library = \"/nowhere.so\"\n",
     "/nowhere.so: cannot be started"},
};

class BadSettings : public testing::TestWithParam<Case> {};

void write_private(const fs::path& file, std::string_view text) {
    std::ofstream(file) << text;
    fs::permissions(file, fs::perms(0600));
}

TEST_P(BadSettings, EndsWithTwoAndOneClearLine) {
    ScratchFolder scratch;
    const auto& folder = scratch.path();
    const auto psk = "role=server\n" + std::string(64, 'a') + "\n";
    for (const auto* name : {"psk", "empty", "bad", "open", "tokens"}) {
        fs::create_directory(folder / name);
    }
    write_private(folder / "psk" / "host.psk", psk);
    write_private(folder / "bad" / "host.psk", "role=root\n" + std::string(64, 'a') + "\n");
    std::ofstream(folder / "open" / "host.psk") << psk;
    fs::permissions(folder / "open" / "host.psk", fs::perms(0644));
    write_private(folder / "pin", std::string(64, '1') + "\n");
    write_private(folder / "empty-pin", "\n");
    write_private(folder / "short-pin", "1234\n");
    std::ofstream(folder / "open-pin") << "1234\n";
    fs::permissions(folder / "open-pin", fs::perms(0644));
    std::ofstream(folder / "softhsm2.conf")
        << "directories.tokendir = " << (folder / "tokens").string() << "\n";
    const std::string settings = GetParam().settings;
    const bool whole = settings.starts_with('!');
    std::ofstream(folder / "module.toml") << (whole ? settings.substr(1) : good_start + settings);

    const auto status = run_command({std::string(std::getenv("KYSO_BIN")) + "/kyso-module",
                                     "--config",
                                     (folder / "module.toml").string()},
                                    {},
                                    folder / "log");

    const auto log = read_text(folder / "log");
    EXPECT_EQ(2, status) << log;
    const auto line = log.find("kyso-module: ");
    ASSERT_NE(std::string::npos, line) << log;
    EXPECT_EQ(log.size() - 1, log.find('\n', line)) << log;
    EXPECT_NE(std::string::npos, log.find(GetParam().expected, line)) << log;
    EXPECT_FALSE(fs::exists(folder / "s"));
}

INSTANTIATE_TEST_SUITE_P(Table, BadSettings, testing::ValuesIn(cases), [](const auto& chosen) {
    return chosen.param.name;
});

TEST(ArgumentsTest, AreExplained) {
    ScratchFolder folder;
    const auto program = std::string(std::getenv("KYSO_BIN")) + "/kyso-module";
    const auto output = folder.path() / "log";

    EXPECT_EQ(0, run_command({program, "--help"}, {}, output));
    EXPECT_EQ(0u, read_text(output).find("usage: kyso-module --config FILE"));
    EXPECT_EQ(2, run_command({program}, {}, output));
    EXPECT_EQ(2, run_command({program, "--config"}, {}, output));
    EXPECT_EQ(2, run_command({program, "--port", "1"}, {}, output));
    EXPECT_EQ(2, run_command({program, "--config", "/nowhere/module.toml"}, {}, output));
    EXPECT_NE(std::string::npos, read_text(output).find("/nowhere/module.toml"));
}

}  // namespace
