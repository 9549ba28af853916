#include <chrono>
#include <cstdint>
#include <iostream>

#include <boost/json.hpp>

#include "hsm/protocol/utf8.h"
#include "hsm/softphone/printable.h"
#include "server/cli/cms_level.h"
#include "server/cli/commands.h"
#include "server/cli/data_folder.h"
#include "server/cli/files.h"
#include "server/cli/mapped_file.h"
#include "server/cli/secret_input.h"
#include "server/cli/sign_formats.h"
#include "server/cli/word_choice.h"
#include "server/config/config.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::evidence::Raised;
using hsm::softphone::printable;

Outcome<PortalAccess> access_of(const SignOptions& options) {
    PortalAccess access{options.url, options.ca_file, options.client_id, {}};
    if (!options.data.empty()) {
        const DataFolder folder(options.data);
        const auto config = config::load_config(folder.root());
        if (!config) {
            return usage_failure(config.error());
        }
        access.url = config->url_of(config->api_host);
        if (access.ca_file.empty()) {
            access.ca_file = folder.tls_authority().string();
        }
    }
    while (access.url.ends_with('/')) {
        access.url.pop_back();
    }
    TRY_ASSIGN(access.client_secret, read_client_secret(options.secret_file));
    return access;
}

Outcome<LevelSources> sources_of(const PortalAccess& access,
                                 const PortalCredential& credential,
                                 const SignOptions& options) {
    TRY_ASSIGN(auto sources,
               options.data.empty()
                   ? level_sources(options.level, access.url, credential.chain.back())
                   : level_sources(options.level, options.data));
    sources.ca_file = access.ca_file;
    return sources;
}

// Without --level the best that the server has: one without a time-stamping authority leaves it at
// B-B, and nothing is missed.
Raised raise_signed(const LevelSources& sources, const fs::path& file, const SignOptions& options) {
    if (target_of(options) == Level::b) {
        return {};
    }
    auto made = options.format == SignFormat::cades
                    ? stamp_file(file, sources)
                    : raise_file(file, target_of(options), AtTop::stay, sources);
    if (!made) {
        return {Level::b, Error{ErrorKind::internal, made.error().text}, {}, 0};
    }
    if (!options.level.level && made->missed && made->missed->kind == ErrorKind::not_found) {
        made->missed.reset();
    }
    return *std::move(made);
}

std::string default_out(const SignOptions& options) {
    const fs::path file(options.file);
    const auto inside = [&](std::string_view ending) {
        return (file.parent_path() / (file.stem().string() + "-signed" + std::string(ending)))
            .string();
    };
    switch (options.format) {
        case SignFormat::cades:
            return options.file + ".p7s";
        case SignFormat::pades:
            return inside(".pdf");
        case SignFormat::jades:
            return options.file + ".jws";
        case SignFormat::xades:
            return options.is_detached ? options.file + ".xades" : inside(".xml");
    }
    return {};
}

// Of two options that say what is signed one would be passed over unsaid.
Outcome<void> check_xml_options(const SignOptions& options) {
    const auto& wish = options.xml;
    const bool is_placed = !wish.slot.empty() || !wish.into.empty() || !wish.reference.empty();
    if (options.is_detached && is_placed) {
        return usage_failure(
            "--detached signs the whole file: without --slot, --into, --reference");
    }
    if (!wish.into.empty() && wish.slot.empty()) {
        return usage_failure("--into says which of several slots is meant: name it with --slot");
    }
    return {};
}

Outcome<void> check_level_options(const SignOptions& options) {
    const auto& level = options.level;
    if (options.format == SignFormat::pades) {
        return {};
    }
    const auto wanted = level.level.value_or(Level::b);
    const bool is_stamped = options.format == SignFormat::cades && wanted == Level::t;
    if (wanted != Level::b && !is_stamped) {
        return usage_failure("--level " + std::string(cloudsign::evidence::level_name(wanted)) +
                             " needs --format pades" + (wanted == Level::t ? " or cades" : ""));
    }
    if (!is_stamped && (!level.tsa_urls.empty() || !level.authorities.empty())) {
        return usage_failure(
            "--tsa and --authority need --format pades, or cades with --level B-T");
    }
    return {};
}

// What the signer is to read on the phone goes there in JSON, which is UTF-8.
Outcome<void> check_texts(const SignOptions& options) {
    if (!hsm::protocol::is_utf8(fs::path(options.file).filename().string())) {
        return usage_failure(options.file +
                             ": its name is not UTF-8, and the signer is to read it; rename it");
    }
    if (!hsm::protocol::is_utf8(options.description)) {
        return usage_failure("--description is not UTF-8: " + options.description);
    }
    return {};
}

// Before anybody is asked to approve what could then not be kept.
Outcome<void> choose_place(SignOptions& options) {
    if (options.out.empty()) {
        options.out = default_out(options);
        if (std::error_code error; fs::exists(options.out, error)) {
            return usage_failure(options.out +
                                 ": is there already. For one more signature in it, sign that "
                                 "file; or say --out FILE, which is replaced if it is there");
        }
    }
    if (const auto given = MappedFile::open(options.file); !given) {
        return given.error();
    }
    auto inputs = options.level.authorities;
    inputs.insert(inputs.end(), {options.file, options.secret_file, options.ca_file});
    TRY(check_output(options.out, inputs, "--out"));
    auto place = OutputPlace::choose(options.out, options.file);
    if (!place) {
        return usage_failure(place.error().text + "; name another place with --out FILE");
    }
    options.place = *std::move(place);
    return {};
}

Outcome<int> sign(SignOptions options) {
    if (options.data.empty() == options.url.empty()) {
        return usage_failure("say which server: --data DIR or --url URL");
    }
    TRY(check_texts(options));
    TRY(check_level_options(options));
    TRY(check_xml_options(options));
    TRY(choose_place(options));
    TRY_ASSIGN(const auto access, access_of(options));
    TRY_ASSIGN(auto portal, Portal::connect(access));
    TRY_ASSIGN(const auto credential, portal.credential(options.credential_id));
    std::optional<LevelSources> sources;
    if (options.format == SignFormat::pades || target_of(options) != Level::b) {
        TRY_ASSIGN(sources, sources_of(access, credential, options));
    }
    TRY_ASSIGN(const auto signed_file, sign_file(portal, credential, options));
    if (signed_file != options.out) {
        std::cerr << printable(options.out) << ": somebody has written it meanwhile, and it stays; "
                  << "this signature is in " << printable(signed_file.string()) << "\n";
    }
    json::object answer{{"signature", signed_file.string()}};
    Raised raised;
    if (sources) {
        raised = raise_signed(*sources, signed_file, options);
        put_level(answer, raised);
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
    } else {
        const auto* level = answer.if_contains("level");
        std::cout << "signed: " << printable(signed_file.string())
                  << (level == nullptr ? "" : " (" + std::string(level->get_string()) + ")")
                  << "\n";
    }
    return tell_missed(raised);
}

void add_format(CLI::App& command, SignFormat& format) {
    const std::vector<std::pair<std::string, SignFormat>> formats{{"cades", SignFormat::cades},
                                                                  {"pades", SignFormat::pades},
                                                                  {"jades", SignFormat::jades},
                                                                  {"xades", SignFormat::xades}};
    command
        .add_option("--format",
                    format,
                    "cades: a CMS beside the file; pades: inside the PDF; jades: a JWS beside the "
                    "file; xades: inside the XML, or beside any file (--detached)")
        ->type_name("FORMAT")
        ->transform(word_of(formats))
        ->default_str("cades");
}

void add_xml_options(CLI::App& command, SignOptions& options) {
    std::string slots;
    for (const auto& slot : cloudsign::document::xml_slots()) {
        slots += (slots.empty() ? "" : ", ") + std::string(slot.name);
    }
    command
        .add_option(
            "--slot",
            options.xml.slot,
            "xades: the school report's slot to sign in, which says what is signed: " + slots)
        ->type_name("NAME");
    command
        .add_option(
            "--into", options.xml.into, "xades: the slot's own Id, where several have its name")
        ->type_name("ID");
    command
        .add_option("--reference",
                    options.xml.reference,
                    "xades: the Id of the element that is signed (default: the whole document)")
        ->type_name("ID");
    command.add_flag("--detached", options.is_detached, "xades: beside the file and not in it");
}

// With another format they would be passed over unsaid.
void check_format(const CLI::App& options_of_it, bool is_chosen, const std::string& format) {
    for (const auto* option : options_of_it.get_options()) {
        if (!is_chosen && option->count() > 0) {
            throw CLI::ValidationError(option->get_name(), "needs --format " + format);
        }
    }
}

}  // namespace

void add_sign(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand(
        "sign", "Ask for a signature as a portal does (CSC v2); writes a CMS or JWS, a PDF or XML");
    const auto options = std::make_shared<SignOptions>();
    command->add_option("FILE", options->file, "The document")->type_name("")->required();
    auto* data =
        command->add_option("--data", options->data, "The server of this folder")->type_name("DIR");
    command->add_option("--url", options->url, "The API's address, where it is another server")
        ->type_name("URL")
        ->excludes(data);
    command->add_option("--ca", options->ca_file, "Believe only this authority (PEM) in HTTPS")
        ->type_name("FILE");
    command->add_option("--as", options->client_id, "The portal's client id")
        ->type_name("CLIENT")
        ->required();
    command
        ->add_option("--secret-file",
                     options->secret_file,
                     "The portal's secret (default: KYSO_CLIENT_SECRET, else a prompt)")
        ->type_name("FILE");
    command->add_option("--credential", options->credential_id, "Whose signature")
        ->type_name("ID")
        ->required();
    command
        ->add_option("--out",
                     options->out,
                     "Where to write; replaces a regular file there, whose mode and owner "
                     "stay (default: FILE.p7s, .jws or .xades, or "
                     "FILE-signed.pdf or .xml, never replaced)")
        ->type_name("FILE")
        ->check(output_name());
    command->add_option("--description", options->description, "What for, as the signer reads it")
        ->type_name("TEXT");
    command->add_option("--wait", options->wait_seconds, "For the signer's answer, at most")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86400))
        ->capture_default_str();
    add_format(*command, options->format);
    auto* pdf = command->add_option_group("PAdES");
    add_pdf_options(*pdf, options->pdf);
    auto* xml = command->add_option_group("XAdES");
    add_xml_options(*xml, *options);
    add_level_options(*command, options->level);
    add_json_option(*command, options->form);
    command->callback([options, pdf, xml, &chosen] {
        check_format(*pdf, options->format == SignFormat::pades, "pades");
        check_format(*xml, options->format == SignFormat::xades, "xades");
        chosen = [options] { return sign(*options); };
    });
}

}  // namespace server::cli
