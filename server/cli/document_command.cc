#include <chrono>
#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/revision/standing.h"
#include "hsm/softphone/printable.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"
#include "server/cli/mapped_file.h"
#include "server/cli/output_place.h"
#include "server/cli/pdf_level.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using cloudsign::evidence::Raised;

struct Options {
    std::string file;
    std::string data;
    std::string ca_file;
    std::string out;
    std::optional<unsigned> within_days;
    LevelOptions level;
    Form form = Form::text;
};

Outcome<LevelSources> sources_of(const Options& options) {
    if (options.data.empty() && options.level.authorities.empty()) {
        return usage_failure("say whose signatures these are: --data DIR or --authority FILE");
    }
    TRY_ASSIGN(auto sources,
               options.data.empty() ? level_sources(options.level, std::string(), {})
                                    : level_sources(options.level, options.data));
    if (!options.ca_file.empty()) {
        sources.ca_file = options.ca_file;
    }
    return sources;
}

bool is_due(const Raised& now, unsigned within_days) {
    const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
    return now.renew_before_ms - now_ms < within_days * day_ms;
}

Outcome<Raised> extend_file(const Options& options,
                            const std::string& file,
                            const LevelSources& sources) {
    const auto target = options.level.level.value_or(Level::lta);
    if (target != Level::lta) {
        return raise_file(file, target, AtTop::stay, sources);
    }
    if (options.within_days) {
        TRY_ASSIGN(auto now, look_at_file(file, sources));
        if (now.level == Level::lta && !is_due(now, *options.within_days)) {
            return now;
        }
    }
    return raise_file(file, target, AtTop::renew, sources);
}

Outcome<OutputPlace> choose_place(const fs::path& file, const fs::path& source) {
    auto place = OutputPlace::choose(file, source);
    if (!place) {
        return usage_failure(place.error().text + "; name another place with --out FILE");
    }
    return place;
}

Outcome<int> extend(const Options& options) {
    TRY_ASSIGN(const auto sources, sources_of(options));
    auto file = options.file;
    if (!options.out.empty()) {
        TRY_ASSIGN(const auto given, MappedFile::open(file));
        auto inputs = options.level.authorities;
        inputs.insert(inputs.end(), {options.file, options.ca_file});
        TRY(check_output(options.out, inputs, "--out"));
        const auto stands = cloudsign::revision::check_standing(given.bytes());
        if (!stands) {
            return usage_failure(file + ": " + stands.error().detail);
        }
        TRY_ASSIGN(const auto place, choose_place(options.out, file));
        TRY(place.replace(hsm::text_of(given.bytes())));
        file = options.out;
    } else {
        TRY(choose_place(file, {}));
    }
    TRY_ASSIGN(const auto raised, extend_file(options, file, sources));
    // Nothing can be made of the file, now or later.
    if (raised.missed && raised.missed->kind == cloudsign::ErrorKind::invalid) {
        return usage_failure(file + ": " + raised.missed->detail);
    }
    if (options.form == Form::json) {
        json::object out{{"document", file}};
        put_level(out, raised);
        std::cout << json::serialize(out) << "\n";
    } else {
        std::cout << hsm::softphone::printable(file) << ": "
                  << cloudsign::evidence::level_name(raised.level) << "\n";
        if (raised.renew_before_ms != 0) {
            std::cout << "renew it before " << utc_text(raised.renew_before_ms / 1000) << "\n";
        }
    }
    return tell_missed(raised);
}

}  // namespace

void add_document(CLI::App& app, Action& chosen) {
    auto* document = app.add_subcommand("document", "Signed documents");
    document->require_subcommand(1);
    add_raising(*document, chosen);
    add_reserve(*document, chosen);
    auto* command = document->add_subcommand(
        "extend",
        "Raise the signatures of a PDF to a level, from whatever it has reached; one at B-LTA is "
        "renewed");
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "The signed PDF")->type_name("")->required();
    command
        ->add_option("--data",
                     options->data,
                     "The installation whose people signed, and whose authority stamps")
        ->type_name("DIR");
    command->add_option("--ca", options->ca_file, "Believe this authority too (PEM) in HTTPS")
        ->type_name("FILE");
    command->add_option("--out", options->out, "Where to write (default: FILE itself)")
        ->type_name("FILE")
        ->check(output_name());
    command
        ->add_option_function<unsigned>(
            "--within",
            [options](const unsigned& days) { options->within_days = days; },
            "Renew only when the last time-stamp's certificate ends within so many days")
        ->type_name("DAYS");
    add_level_options(*command, options->level);
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return extend(*options); }; });
}

}  // namespace server::cli
