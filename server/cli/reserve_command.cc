#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/document/pdf_text_field.h"
#include "hsm/softphone/printable.h"
#include "server/cli/commands.h"
#include "server/cli/mapped_file.h"
#include "server/cli/output_place.h"
#include "server/cli/text_place.h"

namespace server::cli {
namespace {

namespace document = cloudsign::document;
namespace json = boost::json;
using hsm::softphone::printable;

struct Options {
    std::string file;
    std::string name;
    std::size_t page = 1;
    std::vector<double> box;
    std::string after;
    std::size_t hit = 0;  // which of several; 0: there must be one
    double width = 60;
    double font_size = document::TextPlace().font_size;
    std::string out;
    Form form = Form::text;
};

Outcome<document::TextPlace> place_of(const Options& options, hsm::ByteView pdf) {
    document::TextPlace place;
    place.name = options.name;
    place.page = options.page;
    place.font_size = options.font_size;
    if (!options.box.empty()) {
        place.box = {options.box[0], options.box[1], options.box[2], options.box[3]};
        return place;
    }
    if (options.after.empty()) {
        return usage_failure("say where: --after TEXT of the page, or --box X,Y,WIDTH,HEIGHT");
    }
    TRY_ASSIGN(const auto hit, find_hit(options.file, pdf, options.after, options.hit));
    place.page = hit.page;
    place.box = document::box_after(hit.box, options.width, options.font_size);
    return place;
}

Outcome<int> reserve(const Options& options) {
    const auto& out = options.out.empty() ? options.file : options.out;
    TRY_ASSIGN(const auto file, MappedFile::open(options.file));
    const auto intake = document::take_in_pdf(file.bytes());
    if (!intake) {
        return usage_failure(options.file + ": " + intake.error().detail);
    }
    if (!intake->note.empty()) {
        std::cerr << printable(options.file) << ": " << intake->note << "\n";
    }
    const auto base = intake->rewritten.empty() ? file.bytes() : hsm::ByteView(intake->rewritten);
    TRY_ASSIGN(const auto place, place_of(options, file.bytes()));
    const auto increment = document::reserve_text(base, place);
    if (!increment) {
        return usage_failure(options.file + ": " + increment.error().detail);
    }
    TRY_ASSIGN(const auto written, OutputPlace::choose(out, options.file));
    const std::string_view parts[] = {hsm::text_of(base), *increment};
    TRY(written.replace(parts));
    if (options.form == Form::json) {
        const auto& box = place.box;
        std::cout << json::serialize(
                         json::object{{"document", out},
                                      {"field", options.name},
                                      {"page", place.page},
                                      {"box", json::array{box.x, box.y, box.width, box.height}}})
                  << "\n";
    } else {
        std::cout << printable(out) << ": has a place for \"" << printable(options.name)
                  << "\" on page " << place.page << "\n";
    }
    return 0;
}

}  // namespace

void add_reserve(CLI::App& document, Action& chosen) {
    auto* command = document.add_subcommand(
        "reserve",
        "Keep a place for a text in a PDF that nobody has signed yet, a number or a date, which a "
        "later signature fills in (kyso sign --fill)");
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "The PDF")->type_name("")->required();
    command->add_option("NAME", options->name, "How --fill calls it")->type_name("")->required();
    auto* box =
        command
            ->add_option("--box", options->box, "Here: points from the lower left of what is shown")
            ->type_name("X,Y,WIDTH,HEIGHT")
            ->delimiter(',')
            ->expected(4);
    auto* after = command
                      ->add_option("--after",
                                   options->after,
                                   "Behind this text of the PDF, on its line; leave room there")
                      ->type_name("TEXT")
                      ->excludes(box);
    command->add_option("--page", options->page, "With --box: on this page")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::PositiveNumber)
        ->excludes(after);
    command->add_option("--hit", options->hit, "Where the text is there several times, this one")
        ->type_name("N")
        ->needs(after);
    command->add_option("--width", options->width, "Points, behind the text")
        ->type_name("POINTS")
        ->capture_default_str()
        ->excludes(box);
    command->add_option("--size", options->font_size, "Of the letters that go there")
        ->type_name("POINTS")
        ->capture_default_str();
    command->add_option("--out", options->out, "Where to write (default: FILE itself)")
        ->type_name("FILE")
        ->check(output_name());
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return reserve(*options); }; });
}

}  // namespace server::cli
