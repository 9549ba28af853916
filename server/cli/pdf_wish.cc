#include "server/cli/pdf_wish.h"

#include "cloudsign/document/pdf_wish.h"
#include "server/cli/files.h"
#include "server/cli/text_place.h"

namespace server::cli {
namespace {

using cloudsign::document::AppearancePreset;
using cloudsign::document::PdfBox;
using cloudsign::document::PdfSignature;
using cloudsign::document::PdfWish;
using cloudsign::document::PresetPlace;

constexpr std::size_t picture_size_max = 4 * 1024 * 1024;

// A picture or text of one's own, as large as a person's signature.
constexpr AppearancePreset own{"", "", PresetPlace::given, true, 120, 60, ""};

Outcome<cloudsign::Bytes> read_picture(const std::string& file) {
    if (file.empty()) {
        return cloudsign::Bytes();
    }
    TRY_ASSIGN(const auto text, read_file(file, picture_size_max));
    return cloudsign::Bytes(text.begin(), text.end());
}

Outcome<std::map<std::string, std::string>> read_pairs(const std::string& option,
                                                       const std::vector<std::string>& given) {
    const auto wrong = [&](const std::string& pair, const char* why) {
        return usage_failure(option + " " + pair + why);
    };
    std::map<std::string, std::string> values;
    for (const auto& pair : given) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos) {
            return wrong(pair, ": needs NAME=VALUE");
        }
        const auto [_, is_new] = values.emplace(pair.substr(0, equals), pair.substr(equals + 1));
        if (!is_new) {
            return wrong(pair, ": says the same name twice");
        }
    }
    return values;
}

std::string preset_names() {
    std::string names;
    for (const auto& preset : cloudsign::document::appearance_presets()) {
        names += (names.empty() ? "" : "|") + std::string(preset.name);
    }
    return names;
}

}  // namespace

Outcome<PdfSignature> pdf_wish(const PdfOptions& options,
                               const std::string& file,
                               hsm::ByteView pdf,
                               std::int64_t time_ms) {
    PdfWish wish;
    wish.field = options.field;
    wish.reason = options.reason;
    wish.location = options.location;
    wish.certify = options.certify;
    wish.preset = options.preset;
    wish.lines = options.lines;
    wish.page = options.page;
    wish.over = options.over;
    TRY_ASSIGN(wish.picture, read_picture(options.picture));
    TRY_ASSIGN(wish.values, read_pairs("--set", options.values));
    TRY_ASSIGN(wish.fill, read_pairs("--fill", options.fill));
    if (!options.box.empty()) {
        wish.box = PdfBox{options.box[0], options.box[1], options.box[2], options.box[3]};
    }
    if (!options.above.empty()) {
        const auto preset = cloudsign::document::preset_wished(options.preset);
        if (!preset) {
            return usage_failure(preset.error().detail);
        }
        TRY_ASSIGN(const auto hit, find_hit(file, pdf, options.above, options.hit));
        wish.page = hit.page;
        wish.box = cloudsign::document::box_above(*preset != nullptr ? **preset : own, hit.box);
    }
    auto signature = cloudsign::document::signature_wished(std::move(wish), time_ms);
    if (!signature) {
        return usage_failure(signature.error().detail);
    }
    return *std::move(signature);
}

void add_pdf_options(CLI::App& command, PdfOptions& options) {
    command.add_option("--field", options.field, "pades: this empty signature field of the PDF")
        ->type_name("NAME");
    command.add_option("--reason", options.reason, "pades: why, as readers show it")
        ->type_name("TEXT");
    command.add_option("--location", options.location, "pades: where, as readers show it")
        ->type_name("TEXT");
    command.add_flag(
        "--certify",
        options.certify,
        "pades: as the first signature; after it only fields may be filled and signed");
    command
        .add_option("--fill",
                    options.fill,
                    "pades: this text in an empty field of the PDF, which the signature locks; may "
                    "be repeated (kyso document reserve)")
        ->type_name("NAME=TEXT");
    command
        .add_option("--preset", options.preset, "pades: what is shown and where: " + preset_names())
        ->type_name("NAME");
    command
        .add_option("--set",
                    options.values,
                    "pades: what the preset shows: number=, organisation=, opinion=, name=")
        ->type_name("NAME=VALUE");
    command.add_option("--picture", options.picture, "pades: this handwriting or seal is shown")
        ->type_name("PNG");
    command.add_option("--text", options.lines, "pades: this line is shown; may be repeated")
        ->type_name("LINE");
    command.add_option("--page", options.page, "pades: on this page")
        ->type_name("N")
        ->capture_default_str();
    auto* box = command
                    .add_option("--box",
                                options.box,
                                "pades: in this place: points from the lower left of what is shown")
                    ->type_name("X,Y,WIDTH,HEIGHT")
                    ->delimiter(',')
                    ->expected(4);
    command.add_option("--above", options.above, "pades: in the middle above this text of the PDF")
        ->type_name("TEXT")
        ->excludes(box);
    command
        .add_option("--hit", options.hit, "pades: where the text is there several times, this one")
        ->type_name("N");
    command
        .add_option("--over", options.over, "pades: a seal over the left third of this signature")
        ->type_name("FIELD")
        ->excludes(box);
}

}  // namespace server::cli
