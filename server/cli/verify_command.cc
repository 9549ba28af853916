#include <chrono>
#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/verify/report_json.h"
#include "cloudsign/verify/report_lines.h"
#include "cloudsign/verify/report_pdf.h"
#include "cloudsign/verify/verifier.h"
#include "hsm/softphone/printable.h"
#include "server/cli/commands.h"
#include "server/cli/data_folder.h"
#include "server/cli/files.h"
#include "server/cli/mapped_file.h"
#include "server/cli/output_place.h"
#include "server/cli/signing_authorities.h"
#include "server/cli/word_choice.h"
#include "server/push/authority_fetch.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace verify = cloudsign::verify;
using verify::Language;
using verify::LineStyle;

struct Options {
    std::string file;
    std::string signature;
    std::string data;
    std::vector<std::string> trust;
    std::vector<std::string> organisations;
    std::string report;
    Language language = Language::vietnamese;
    std::string ca_file;
    bool is_online = false;
    unsigned time_max_s = 60;
    Form form = Form::text;
};

constexpr std::chrono::seconds answer_deadline{5};
constexpr int questions_max = 64;

// Of a signature beside its document, in the order in which they are looked for.
constexpr std::string_view signature_endings[] = {".p7s", ".jws", ".xades"};

Outcome<verify::Options> settings_of(const Options& options) {
    auto files = options.trust;
    if (files.empty() && options.data.empty()) {
        return usage_failure("say whom you trust: --trust FILE (PEM), or --data DIR");
    }
    if (!options.data.empty()) {
        const DataFolder folder(options.data);
        TRY_ASSIGN(const auto own, signing_authorities(folder));
        files.insert(files.end(), own.begin(), own.end());
        if (own.empty()) {  // which says that it is missing
            files.push_back(folder.signing_authority().string());
        }
    }
    verify::Options settings;
    TRY_ASSIGN(settings.anchors, read_certificates(files));
    settings.now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
    settings.of_organisation.insert(options.organisations.begin(), options.organisations.end());
    settings.time_max = std::chrono::seconds(options.time_max_s);
    return settings;
}

// No answer is waited for longer than that, and no more are asked for than a path may have.
cloudsign::evidence::Fetch bounded(cloudsign::evidence::Fetch fetch) {
    const auto left = std::make_shared<int>(questions_max);
    return [fetch = std::move(fetch), left](
               cloudsign::evidence::FetchRequest request) -> cloudsign::Result<cloudsign::Bytes> {
        if (*left == 0) {
            return cloudsign::Error{cloudsign::ErrorKind::unavailable, "too much was asked"};
        }
        --*left;
        request.deadline = answer_deadline;
        return fetch(request);
    };
}

// The document and the signature beside it, whichever of the two was named; no signature: the
// document carries its own.
struct Named {
    std::string document;
    std::string signature;
};

Named named_by(const Options& options) {
    if (!options.signature.empty()) {
        return {options.file, options.signature};
    }
    for (const auto ending : signature_endings) {
        if (options.file.ends_with(ending)) {
            return {options.file.substr(0, options.file.size() - ending.size()), options.file};
        }
    }
    return {options.file, ""};
}

// Empty when there is none.
std::string beside(const std::string& document) {
    for (const auto ending : signature_endings) {
        auto file = document + std::string(ending);
        std::error_code error;
        if (fs::exists(file, error)) {
            return file;
        }
    }
    return "";
}

Outcome<verify::Report> judge(const Named& named, const verify::Options& settings) {
    TRY_ASSIGN(const auto document, MappedFile::open(named.document));
    if (!named.signature.empty()) {
        TRY_ASSIGN(const auto signature, MappedFile::open(named.signature));
        return verify::verify_beside(document.bytes(), signature.bytes(), settings);
    }
    if (verify::is_pdf(document.bytes())) {
        return verify::verify_pdf(document.bytes(), settings);
    }
    const auto found = beside(named.document);
    if (found.empty() && verify::is_xml(document.bytes())) {
        return verify::verify_xml(document.bytes(), settings);
    }
    if (found.empty()) {
        return usage_failure(named.document + ": is no PDF and no XML, and there is no " +
                             named.document +
                             ".p7s, .jws or .xades; name its signature with --signature FILE");
    }
    TRY_ASSIGN(const auto signature, MappedFile::open(found));
    return verify::verify_beside(document.bytes(), signature.bytes(), settings);
}

std::string_view mark_of(const verify::ReportLine& line) {
    if (!line.verdict) {
        return "   ";
    }
    if (line.is_noted) {
        return "[!]";
    }
    constexpr std::string_view marks[] = {"[+]", "[?]", "[-]"};
    return marks[static_cast<std::size_t>(*line.verdict)];
}

void print(const verify::Report& report, Language language) {
    for (const auto& line : verify::lines_of(report, language)) {
        const auto label = hsm::softphone::printable(line.label);
        const auto text = hsm::softphone::printable(line.text);
        const auto* between = line.label.empty() || line.text.empty() ? "" : ": ";
        switch (line.style) {
            case LineStyle::title:
            case LineStyle::verdict:
                std::cout << label << between << text << "\n";
                break;
            case LineStyle::heading:
                std::cout << "\n" << label << between << text << "\n";
                break;
            case LineStyle::row:
            case LineStyle::note:
                std::cout << "  " << mark_of(line) << " " << label << between << text << "\n";
        }
    }
}

Outcome<int> run(const Options& options) {
    TRY_ASSIGN(auto settings, settings_of(options));
    push::OutboundHttp http;
    if (options.is_online) {
        // What a folder's certificates name is served under its own authority.
        const auto ca_file = options.ca_file.empty() && !options.data.empty()
                                 ? DataFolder(options.data).tls_authority().string()
                                 : options.ca_file;
        settings.fetch = bounded(push::authority_fetch(http, ca_file));
    }
    const auto named = named_by(options);
    std::optional<OutputPlace> place;
    if (!options.report.empty()) {
        auto inputs = options.trust;
        inputs.insert(inputs.end(), {named.document, named.signature, options.ca_file});
        for (const auto ending : signature_endings) {
            inputs.push_back(named.document + std::string(ending));
        }
        if (!options.data.empty()) {
            TRY_ASSIGN(const auto own, signing_authorities(DataFolder(options.data)));
            inputs.insert(inputs.end(), own.begin(), own.end());
        }
        TRY(check_output(options.report, inputs, "--report"));
        TRY_ASSIGN(place, OutputPlace::choose(options.report, named.document));
    }
    TRY_ASSIGN(auto report, judge(named, settings));
    if (const auto known = verify::check_fields(report, settings.of_organisation); !known) {
        return usage_failure("--organisation " + known.error().detail);
    }
    report.file = fs::path(named.document).filename().string();
    if (place) {
        TRY_ASSIGN(const auto pdf, outcome_of(verify::to_pdf(report, options.language)));
        TRY(place->replace(pdf));
    }
    if (options.form == Form::json) {
        std::cout << boost::json::serialize(verify::to_json(report)) << "\n";
    } else {
        print(report, options.language);
        if (!options.is_online && verify::lacks_status(report)) {
            std::cout << "\n"
                      << (options.language == Language::vietnamese
                              ? "Thêm --online để hỏi trạng thái chứng thư nơi cấp.\n"
                              : "With --online the authorities are asked for what is not known of "
                                "certificates.\n");
        }
    }
    return report.verdict() == verify::Verdict::valid ? exit_done : exit_failed;
}

}  // namespace

void add_verify(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand(
        "verify",
        "Judge the signatures of a PDF or XML, or of a file with FILE.p7s, FILE.jws or FILE.xades "
        "beside it");
    command->footer("Exit status: 0 valid; 1 not valid, or something is not known; 2 wrong use.");
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "The document")->type_name("")->required();
    command
        ->add_option("--signature",
                     options->signature,
                     "Its signature (CMS, JWS or XML), where it is beside it")
        ->type_name("FILE");
    command
        ->add_option(
            "--trust", options->trust, "Authorities that you believe (PEM); may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command->add_option("--data", options->data, "Believe the authorities of this folder's signers")
        ->type_name("DIR");
    command
        ->add_option("--organisation",
                     options->organisations,
                     "This field's signature must be an organisation's (\"*\": every one); may be "
                     "repeated")
        ->type_name("FIELD")
        ->allow_extra_args(false);
    command->add_option("--report", options->report, "Write the report there, as a PDF to print")
        ->check(output_name())
        ->type_name("FILE");
    command->add_flag(
        "--online",
        options->is_online,
        "Ask the authorities that certificates name for what the file does not carry");
    command
        ->add_option("--ca", options->ca_file, "With --online: believe this one too (PEM) in HTTPS")
        ->type_name("FILE");
    const std::vector<std::pair<std::string, Language>> languages{{"vi", Language::vietnamese},
                                                                  {"en", Language::english}};
    command->add_option("--lang", options->language, "Of the report")
        ->type_name("LANGUAGE")
        ->transform(word_of(languages))
        ->default_str("vi");
    command->add_option("--time", options->time_max_s, "To judge the file, at most")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace server::cli
