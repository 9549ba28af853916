#include "cloudsign/hex.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"
#include "server/cli/firmware_module.h"
#include "server/cli/firmware_release.h"
#include "server/cli/output_place.h"

namespace server::cli {
namespace {

using hsm::cli::FirmwarePackage;

constexpr std::size_t elf_size_max = 64 << 20;  // with its symbols
constexpr std::size_t key_size_max = 16384;

struct Options {
    std::string board;
    std::string version;
    std::uint32_t security_version = 0;
    std::string key;
    std::string out;
    std::string package;
    std::vector<std::string> elfs;
    Form form = Form::text;
};

hsm::ByteView bytes_of(const std::string& content) {
    return hsm::view_of(content);
}

Outcome<std::vector<hsm::cli::ElfImage>> read_elfs(const std::vector<std::string>& files) {
    std::vector<hsm::cli::ElfImage> images;
    for (const auto& file : files) {
        TRY_ASSIGN(const auto content, read_file(file, elf_size_max));
        auto image = hsm::cli::read_elf_image(bytes_of(content));
        if (!image) {
            return usage_failure(file + ": " + image.error());
        }
        images.push_back(*std::move(image));
    }
    return images;
}

Outcome<int> sign(const Options& options) {
    const auto version = hsm::cli::parse_firmware_version(options.version);
    if (!version) {
        return usage_failure("--version must be three numbers, as 1.2.3");
    }
    TRY_ASSIGN(const auto pem, read_file(options.key, key_size_max));
    const auto maker = hsm::openssl::read_private_key_pem(pem);
    if (!maker || !hsm::openssl::p256_point(maker.get())) {
        return usage_failure(options.key + " is no private P-256 key in PEM");
    }
    TRY_ASSIGN(auto images, read_elfs(options.elfs));
    auto package = hsm::cli::make_package({options.board, *version, options.security_version},
                                          std::move(images));
    if (!package) {
        return usage_failure(package.error());
    }
    hsm::cli::sign_package(*package, maker.get());
    const auto bytes = hsm::cli::encode_package(*package);
    TRY(write_result(options.out, hsm::text_of(bytes)));
    show(*package, options.form);
    return exit_done;
}

Outcome<int> inspect(const Options& options) {
    TRY_ASSIGN(const auto package, read_package(options.package));
    show(package, options.form);
    return exit_done;
}

// Is what somebody has built again what the package holds?
Outcome<void> compare(const FirmwarePackage& package, const std::vector<std::string>& elfs) {
    TRY_ASSIGN(auto images, read_elfs(elfs));
    const hsm::cli::FirmwareRelease release{std::string(package.header.board_name()),
                                            package.header.version,
                                            package.header.security_version};
    const auto rebuilt = hsm::cli::make_package(release, std::move(images));
    if (!rebuilt) {
        return Failure{rebuilt.error()};
    }
    if (rebuilt->firmware_hash() != package.firmware_hash()) {
        return Failure{"built again, its firmware hash is " +
                       cloudsign::hex(rebuilt->firmware_hash()) + ", not " +
                       cloudsign::hex(package.firmware_hash())};
    }
    return {};
}

Outcome<int> verify(const Options& options) {
    TRY_ASSIGN(const auto pem, read_file(options.key, key_size_max));
    const auto key = hsm::openssl::read_public_key_pem(pem);
    const auto maker = key ? hsm::openssl::p256_point(key.get()) : std::nullopt;
    if (!maker) {
        return usage_failure(options.key + " is no public P-256 key in PEM");
    }
    TRY_ASSIGN(const auto package, read_package(options.package));
    if (!hsm::cli::is_signed_by(package, *maker)) {
        return Failure{options.package + " is not signed by this maker"};
    }
    if (!options.elfs.empty()) {
        TRY(compare(package, options.elfs));
    }
    show(package, options.form);
    return exit_done;
}

void add_package_argument(CLI::App& command, Options& options) {
    command.add_option("PACKAGE", options.package, "A release, as the maker gives it out")
        ->type_name("")
        ->required();
}

// An operator's way to a board's module.
void add_on_module(CLI::App& firmware, Action& chosen) {
    const auto options = std::make_shared<FirmwareModuleOptions>();
    const auto add = [&](const char* name,
                         const char* what,
                         Outcome<int> (*action)(const FirmwareModuleOptions&)) {
        auto* command = firmware.add_subcommand(name, what);
        command->add_option("--module", options->module, "Its socket, or HOST:PORT")
            ->type_name("ADDRESS")
            ->required();
        command->add_option("--psk", options->psk, "Its operator's PSK file")
            ->type_name("FILE")
            ->required();
        add_json_option(*command, options->form);
        command->callback(
            [options, action, &chosen] { chosen = [=] { return action(*options); }; });
        return command;
    };
    const auto add_package = [&](CLI::App* command) {
        command->add_option("PACKAGE", options->package, "A release, as the maker gives it out")
            ->type_name("")
            ->required();
    };

    auto* command =
        add("prepare", "Write down what officers approve before an install", prepare_update);
    add_package(command);
    command->add_option("--out", options->out, "For officers: kyso ceremony approve")
        ->type_name("FILE")
        ->required();

    command = add(
        "install", "Give a release to a module, which starts it at its next start", install_update);
    add_package(command);
    command->add_option("--approval", options->approvals, "An officer's; may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);

    add("status", "Which release a module runs, and which comes", show_update);
}

}  // namespace

void add_firmware(CLI::App& app, Action& chosen) {
    auto* firmware = app.add_subcommand("firmware", "Releases of the modules' firmware");
    firmware->require_subcommand(1);
    const auto options = std::make_shared<Options>();

    auto* make = firmware->add_subcommand("sign", "Make a signed release of what was built");
    make->add_option("--board", options->board, "The board that it is for")->required();
    make->add_option("--version", options->version, "As 1.2.3; above that of every release before")
        ->type_name("VERSION")
        ->required();
    make->add_option("--security-version",
                     options->security_version,
                     "Raised when what came before must not start any more; modules never go back")
        ->type_name("NUMBER")
        ->required();
    make->add_option("--key", options->key, "The maker's private key (PEM)")
        ->type_name("FILE")
        ->required();
    make->add_option("--out", options->out, "The package to write")->type_name("FILE")->required();
    make->add_option("ELF", options->elfs, "One for each address that the board runs images at")
        ->type_name("")
        ->required()
        ->expected(1, 2);
    add_json_option(*make, options->form);
    make->callback([options, &chosen] { chosen = [options] { return sign(*options); }; });

    auto* check = firmware->add_subcommand(
        "verify", "Check the maker's signature, and that what you have built is what was signed");
    check->add_option("--maker", options->key, "The maker's public key (PEM), from where you trust")
        ->type_name("FILE")
        ->required();
    add_package_argument(*check, *options);
    check->add_option("ELF", options->elfs, "Built by you from the release's source")
        ->type_name("")
        ->expected(1, 2);
    add_json_option(*check, options->form);
    check->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });

    auto* look = firmware->add_subcommand(
        "inspect", "What a release says of itself; its firmware hash is what attestations name");
    add_package_argument(*look, *options);
    add_json_option(*look, options->form);
    look->callback([options, &chosen] { chosen = [options] { return inspect(*options); }; });

    add_on_module(*firmware, chosen);
}

}  // namespace server::cli
