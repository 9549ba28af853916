#include "server/api/csc/pdf_wish_parameters.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "server/api/csc/document_parameters.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::document::PdfBox;
using cloudsign::document::PdfWish;

constexpr std::size_t text_max = 255;
constexpr std::size_t lines_max = 64;
constexpr std::int64_t page_max = 100'000;

constexpr std::string_view members[] = {
    "preset", "values", "picture", "text", "page", "box", "over"};

// nullptr when it is absent or null.
const json::value* present(const Parameters& parameters, std::string_view name) {
    const auto* value = parameters.find(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

Checked<std::string> read_text(const Parameters& parameters, std::string_view name) {
    TRY_ASSIGN(auto text, parameters.optional_string(name, text_max));
    return text.value_or("");
}

Checked<std::map<std::string, std::string>> read_texts(const Parameters& parameters,
                                                       std::string_view parameter) {
    std::map<std::string, std::string> values;
    const auto* given = present(parameters, parameter);
    if (given == nullptr) {
        return values;
    }
    if (!given->is_object() || given->get_object().size() > lines_max) {
        return wrong_parameter(parameter);
    }
    for (const auto& [name, value] : given->get_object()) {
        if (!value.is_string()) {
            return wrong_parameter(parameter);
        }
        values[std::string(name)] = std::string(value.get_string());
    }
    return values;
}

Checked<std::vector<std::string>> read_lines(const Parameters& appearance) {
    std::vector<std::string> lines;
    const auto* given = present(appearance, "text");
    if (given == nullptr) {
        return lines;
    }
    if (!given->is_array() || given->get_array().size() > lines_max) {
        return wrong_parameter("text");
    }
    for (const auto& line : given->get_array()) {
        if (!line.is_string()) {
            return wrong_parameter("text");
        }
        lines.emplace_back(line.get_string());
    }
    return lines;
}

Checked<std::optional<PdfBox>> read_box(const Parameters& appearance) {
    const auto* given = present(appearance, "box");
    if (given == nullptr) {
        return std::optional<PdfBox>();
    }
    std::array<double, 4> numbers{};
    if (!given->is_array() || given->get_array().size() != numbers.size()) {
        return wrong_parameter("box");
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        json::error_code failed;
        numbers[i] = given->get_array()[i].to_number<double>(failed);
        if (failed) {
            return wrong_parameter("box");
        }
    }
    return std::optional(PdfBox{numbers[0], numbers[1], numbers[2], numbers[3]});
}

Checked<std::size_t> read_page(const Parameters& appearance) {
    if (present(appearance, "page") == nullptr) {
        return std::size_t{1};
    }
    const auto page = appearance.integer("page");
    if (!page || *page < 1 || *page > page_max) {
        return wrong_parameter("page");
    }
    return static_cast<std::size_t>(*page);
}

Checked<void> read_appearance(const json::object& object, PdfWish& wish) {
    for (const auto& member : object) {
        if (std::ranges::find(members, std::string_view(member.key())) == std::end(members)) {
            return wrong_parameter(
                "appearance: it has preset, values, picture, text, page, box, "
                "over");
        }
    }
    const auto appearance = Parameters::of(object);
    TRY_ASSIGN(wish.preset, read_text(appearance, "preset"));
    TRY_ASSIGN(wish.values, read_texts(appearance, "values"));
    TRY_ASSIGN(wish.lines, read_lines(appearance));
    TRY_ASSIGN(wish.page, read_page(appearance));
    TRY_ASSIGN(wish.box, read_box(appearance));
    TRY_ASSIGN(wish.over, read_text(appearance, "over"));
    if (present(appearance, "picture") != nullptr) {
        auto picture = bytes_parameter(appearance, "picture");
        if (!picture) {
            return wrong_parameter("picture");
        }
        wish.picture = *std::move(picture);
    }
    return {};
}

}  // namespace

Checked<PdfWish> read_pdf_wish(const Parameters& parameters) {
    PdfWish wish;
    TRY_ASSIGN(wish.field, read_text(parameters, "field"));
    TRY_ASSIGN(wish.reason, read_text(parameters, "reason"));
    TRY_ASSIGN(wish.location, read_text(parameters, "location"));
    TRY_ASSIGN(wish.certify, parameters.optional_bool("certify"));
    TRY_ASSIGN(wish.fill, read_texts(parameters, "fill"));
    if (const auto* appearance = present(parameters, "appearance")) {
        if (!appearance->is_object()) {
            return wrong_parameter("appearance");
        }
        TRY(read_appearance(appearance->get_object(), wish));
    }
    return wish;
}

}  // namespace server::api::csc
