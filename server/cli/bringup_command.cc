#include <ctime>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "hsm/cli/firmware_package.h"
#include "hsm/openssl/digest.h"
#include "server/cli/bringup/bench.h"
#include "server/cli/bringup/emulator.h"
#include "server/cli/bringup/person.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace bringup;  // NOLINT: this file composes its parts
using hsm::client::Endpoint;
using hsm::client::FramedUnixPath;
using hsm::client::SerialPath;

struct Options {
    std::string port;
    std::string board;  // an emulated one
    std::string folder;
    std::string psk;
    std::string image;
    std::string out;
    bool hands = false;
    bool rehearse = false;
    unsigned wait_s = 15;
    Form form = Form::text;
};

// What is there decides: a device is a serial port, a socket an emulator's.
Outcome<Endpoint> line_of(const std::string& port) {
    const auto named = hsm::client::parse_endpoint(port);
    if (named && (std::holds_alternative<SerialPath>(*named) ||
                  std::holds_alternative<FramedUnixPath>(*named))) {
        return *named;
    }
    if (port.find('/') == std::string::npos) {
        return usage_failure("--port " + port + ": names no port, as /dev/ttyACM0");
    }
    struct stat found {};
    const bool is_device =
        ::stat(port.c_str(), &found) == 0 ? S_ISCHR(found.st_mode) : port.starts_with("/dev/");
    return is_device ? Endpoint(SerialPath{port}) : Endpoint(FramedUnixPath{port});
}

// The hash by which a module names what was flashed: a release's, or a build's own.
Outcome<hsm::Digest> firmware_hash_of(const std::string& file) {
    constexpr std::size_t size_max = 64 << 20;
    TRY_ASSIGN(const auto content, read_file(file, size_max));
    const auto bytes = hsm::view_of(content);
    if (const auto package = hsm::cli::decode_package(bytes)) {
        return package->firmware_hash();
    }
    const auto image = hsm::cli::read_elf_image(bytes);
    if (!image) {
        return usage_failure(file + " is neither a release nor an image: " + image.error());
    }
    return hsm::sha256(hsm::ByteView(image->bytes));
}

Outcome<std::optional<hsm::client::Psk>> psk_of(const std::string& file) {
    if (file.empty()) {
        return std::optional<hsm::client::Psk>();
    }
    auto psk = hsm::client::load_psk(file);
    if (!psk || psk->role != hsm::protocol::Role::operating) {
        return usage_failure(file + ": is no operator's PSK file");
    }
    return std::optional(*std::move(psk));
}

// The tree that this program was built in: the emulator's script and the images lie there.
Outcome<fs::path> find_tree() {
    std::error_code error;
    const auto program = fs::read_symlink("/proc/self/exe", error);
    for (auto folder = program.parent_path(); !error && folder != folder.root_path();
         folder = folder.parent_path()) {
        if (fs::exists(folder / "board/run-qemu", error)) {
            return folder;
        }
    }
    return usage_failure("--qemu: board/run-qemu is in no folder above this program");
}

// For the emulators' flash; gone with its object unless somebody named it.
class WorkFolder {
public:
    static Outcome<WorkFolder> open(const std::string& named) {
        if (!named.empty()) {
            TRY(make_folder(named));
            return WorkFolder(fs::absolute(named), Kept::yes);
        }
        auto name = (fs::temp_directory_path() / "kyso-bringup-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            return Failure{name + " cannot be made"};
        }
        return WorkFolder(name, Kept::no);
    }
    WorkFolder(WorkFolder&& other) noexcept
        : path_(std::exchange(other.path_, {})), kept_(other.kept_) {}
    WorkFolder& operator=(WorkFolder&&) = delete;
    ~WorkFolder() {
        if (kept_ == Kept::no && !path_.empty()) {
            std::error_code none;
            fs::remove_all(path_, none);
        }
    }

    Outcome<fs::path> folder(std::string_view name) const {
        const auto folder = path_ / name;
        TRY(make_folder(folder));
        return folder;
    }

private:
    enum class Kept { no, yes };
    WorkFolder(fs::path path, Kept kept) : path_(std::move(path)), kept_(kept) {}

    fs::path path_;
    Kept kept_;
};

Bench bench_of(const Options& options, Report& report, Endpoint line, Hands& hands) {
    return {report, std::move(line), options.board, hands, std::chrono::seconds(options.wait_s)};
}

// kyso-<board>.elf and its like, as the build names them; empty for a name of somebody's own.
std::string board_in_name(const std::string& image) {
    constexpr std::string_view before = "kyso-";
    const auto name = fs::path(image).stem().string();
    return name.starts_with(before)
               ? name.substr(before.size(), name.find('-', before.size()) - before.size())
               : std::string();
}

bool names_port_image(const Options& options) {
    return fs::path(options.image).stem().string().ends_with("-port");
}

// What was asked for is a module, and what runs only proves a board.
void compare_with_port_image(const Options& options, const Bench& bench) {
    const bool wants_module = options.rehearse || !options.psk.empty() ||
                              (!options.image.empty() && !names_port_image(options));
    if (wants_module) {
        bench.report.add(failed("module.firmware",
                                "the port image runs, which is no module",
                                "flash the release image, and run this again\n" + flashing(bench)));
    }
}

Outcome<void> walk_port_line(const Options& options, Report& report) {
    TRY_ASSIGN(auto line, line_of(options.port));
    Person person(options.hands ? &std::cerr : nullptr);
    auto bench = bench_of(options, report, std::move(line), person);
    TRY_ASSIGN(bench.psk, psk_of(options.psk));
    if (!options.image.empty()) {
        TRY_ASSIGN(bench.firmware_hash, firmware_hash_of(options.image));
    }
    bench.board = board_in_name(options.image);
    bench.rehearsing = options.rehearse ? Rehearsing::yes : Rehearsing::no;
    report.set("line", options.port);
    const auto image = walk_line(bench);
    if (image == Image::port) {
        static_cast<void>(walk_port(bench));
        compare_with_port_image(options, bench);
        report.conclude(
            "The port image finds the board as it should be. Next the release image, and this "
            "again:\n" +
            flashing(bench));
    } else if (image == Image::release) {
        static_cast<void>(walk_module(bench));
        report.conclude(
            options.rehearse ? "The board signs. Erase it before its first use:\n" + erasing(bench)
            : bench.psk      ? "The board is as it should be."
                             : "The board is as it should be. Its first use: board/README.md");
    }
    return {};
}

Outcome<bool> start(Report& report,
                    const fs::path& tree,
                    const std::string& board,
                    std::string_view suffix,
                    const fs::path& folder,
                    std::optional<Emulator>& emulator) {
    auto started = Emulator::start(tree, board, suffix, folder);
    if (!started) {
        return report.add(failed("emulator.start",
                                 started.error().text,
                                 "ci/setup installs qemu-system-arm; cmake --preset fw-" + board +
                                     " && cmake --build build/fw-" + board));
    }
    emulator.emplace(*std::move(started));
    return report.add(
        passed("emulator.start", "QEMU with kyso-" + board + std::string(suffix) + ".elf"));
}

Outcome<void> prove_emulated_port(const Options& options,
                                  Report& report,
                                  const fs::path& tree,
                                  const fs::path& folder) {
    // What board/cortex_m builds a port image by.
    if (!fs::exists(tree / "board" / options.board / "counter.cc")) {
        report.add(skipped("port.board", options.board + " has no port image"));
        return {};
    }
    std::optional<Emulator> emulator;
    TRY_ASSIGN(const auto runs, start(report, tree, options.board, "-port", folder, emulator));
    if (!runs) {
        return {};
    }
    auto bench = bench_of(options, report, emulator->line(), *emulator);
    if (walk_line(bench) == Image::port) {
        static_cast<void>(walk_port(bench));
    }
    return {};
}

Outcome<void> walk_emulated(const Options& options, Report& report) {
    TRY_ASSIGN(const auto tree, find_tree());
    TRY_ASSIGN(const auto work, WorkFolder::open(options.folder));
    TRY_ASSIGN(const auto port_folder, work.folder("port"));
    TRY_ASSIGN(const auto folder, work.folder("board"));
    report.set("line", "qemu:" + options.board);
    TRY(prove_emulated_port(options, report, tree, port_folder));
    std::optional<Emulator> emulator;
    TRY_ASSIGN(const auto runs, start(report, tree, options.board, "", folder, emulator));
    if (!runs) {
        return {};
    }
    auto bench = bench_of(options, report, emulator->line(), *emulator);
    TRY_ASSIGN(bench.firmware_hash,
               firmware_hash_of(Emulator::image(tree, options.board, "").string()));
    // Without a file for its flash a board keeps all of it in RAM.
    bench.rehearsing = emulator->present() ? Rehearsing::yes : Rehearsing::no_room;
    if (walk_line(bench) == Image::release) {
        static_cast<void>(walk_module(bench));
    }
    report.conclude(emulator->present() ? "The board signs." : "The board is as it should be.");
    return {};
}

Outcome<int> run(const Options& options) {
    if (!options.out.empty()) {
        TRY(make_folder(options.out, 0755));
    }
    Report report(options.form == Form::json ? nullptr : &std::cout);
    report.set("report", "kyso module bringup");
    report.set("begun", utc_text(std::time(nullptr)));
    TRY(options.board.empty() ? walk_port_line(options, report) : walk_emulated(options, report));
    report.set("ended", utc_text(std::time(nullptr)));
    const auto record = json::serialize(report.json()) + "\n";
    if (options.form == Form::json) {
        std::cout << record;
    } else {
        std::cout << "\n" << report.conclusion() << "\n";
    }
    if (!options.out.empty()) {
        TRY(write_file(fs::path(options.out) / "bringup.json", record));
        TRY(write_file(fs::path(options.out) / "bringup.txt", report.text()));
    }
    return report.all_passed() ? exit_done : exit_failed;
}

}  // namespace

void add_bringup(CLI::App& module, Action& chosen) {
    auto* command = module.add_subcommand(
        "bringup",
        "Walk a board from its box to a signature: what holds, and what to do about what "
        "does not");
    const auto options = std::make_shared<Options>();
    auto* where = command->add_option_group("Where the board is");
    auto* port =
        where
            ->add_option(
                "--port", options->port, "Its serial port, or an emulated board's line.sock")
            ->type_name("PATH");
    auto* qemu =
        where
            ->add_option(
                "--qemu", options->board, "Start an emulated one: mps2_an505, mps2_an386, …")
            ->check(CLI::IsMember({"mps2_an505", "mps2_an386", "netduinoplus2"}));
    where->require_option(1);
    command
        ->add_option(
            "--folder", options->folder, "Keep the emulated board's flash there (default: nowhere)")
        ->type_name("DIR")
        ->needs(qemu);
    command->add_option("--psk", options->psk, "Operator's PSK file, of a board that has its hosts")
        ->type_name("FILE")
        ->needs(port);
    command
        ->add_option("--image", options->image, "ELF or release that was flashed: is it what runs?")
        ->type_name("FILE")
        ->needs(port);
    command->add_flag("--hands", options->hands, "Somebody is beside the board, and will be asked")
        ->needs(port);
    command
        ->add_flag("--rehearse",
                   options->rehearse,
                   "Make a signature with people of its own; the board must be erased after it")
        ->needs(port);
    command->add_option("--wait", options->wait_s, "How long a line may be silent (default: 15)")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 600));
    command->add_option("--out", options->out, "Write bringup.txt and bringup.json there, too")
        ->type_name("DIR");
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace server::cli
