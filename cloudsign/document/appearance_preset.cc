#include "cloudsign/document/appearance_preset.h"

#include <algorithm>
#include <array>

namespace cloudsign::document {
namespace {

constexpr double seal_size = 102;  // points: 36 mm, a seal's real size

constexpr std::array<AppearancePreset, 9> presets = {{
    {"ky-nhay", "Ký nháy", PresetPlace::given, true, 60, 30, ""},
    {"lanh-dao", "Ký của lãnh đạo", PresetPlace::given, true, 120, 60, ""},
    {"y-kien", "Cho ý kiến", PresetPlace::given, false, 200, 40, "{opinion}\n{name}\n{time}"},
    {"to-chuc", "Ký của cơ quan, tổ chức", PresetPlace::over_third, true, seal_size, seal_size, ""},
    {"phu-luc", "Ký phụ lục", PresetPlace::corner, false, 0, 0, "{number}\n{time}"},
    {"sao-y", "Sao y", PresetPlace::corner, false, 0, 0, "SAO Y\n{organisation}\n{time}"},
    {"sao-luc", "Sao lục", PresetPlace::corner, false, 0, 0, "SAO LỤC\n{organisation}\n{time}"},
    {"trich-sao",
     "Trích sao",
     PresetPlace::corner,
     false,
     0,
     0,
     "TRÍCH SAO\n{organisation}\n{time}"},
    {"van-ban", "Số và thời gian ký", PresetPlace::corner, false, 0, 0, "{number}\n{time}"},
}};

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// `text` with each {place} filled in; takes what it uses out of `values`.
Result<std::string> filled(const AppearancePreset& preset,
                           std::map<std::string, std::string>& values) {
    std::string out;
    std::map<std::string, std::string> unused = values;
    for (auto rest = preset.text; !rest.empty();) {
        const auto open = rest.find('{');
        out += rest.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        const auto close = rest.find('}', open);
        const std::string place(rest.substr(open + 1, close - open - 1));
        const auto value = values.find(place);
        if (value == values.end() || value->second.empty()) {
            return invalid("The preset " + std::string(preset.name) + " shows {" + place +
                           "}: say what it is.");
        }
        out += value->second;
        unused.erase(place);
        rest.remove_prefix(close + 1);
    }
    values = std::move(unused);
    return out;
}

}  // namespace

std::span<const AppearancePreset> appearance_presets() {
    return presets;
}

const AppearancePreset* preset_named(std::string_view name) {
    const auto* found = std::ranges::find(presets, name, &AppearancePreset::name);
    return found == presets.end() ? nullptr : found;
}

Result<PdfAppearance> appearance_of(const AppearancePreset& preset,
                                    const std::map<std::string, std::string>& values,
                                    const Bytes& picture,
                                    std::int64_t time_ms) {
    if (preset.has_picture == picture.empty()) {
        return invalid(
            "The preset " + std::string(preset.name) +
            (preset.has_picture ? " shows a picture: name a PNG file." : " shows no picture."));
    }
    if (values.contains("time")) {
        return invalid("{time} is when the signature is made: leave it out of the values.");
    }
    auto left = values;
    left["time"] = iso_time(time_ms);
    TRY_ASSIGN(const auto text, filled(preset, left));
    left.erase("time");
    if (!left.empty()) {
        return invalid("The preset " + std::string(preset.name) + " does not show {" +
                       left.begin()->first + "}.");
    }
    PdfAppearance appearance;
    appearance.picture = picture;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        appearance.lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    if (preset.place == PresetPlace::corner) {
        appearance.alignment = TextAlignment::right;
    }
    if (preset.place == PresetPlace::over_third) {
        appearance.seal_size = preset.width;
    }
    return appearance;
}

PdfBox box_above(const AppearancePreset& preset, const PdfBox& phrase) {
    constexpr double gap = 4;  // points
    return {phrase.x + (phrase.width - preset.width) / 2,
            phrase.y + phrase.height + gap,
            preset.width,
            preset.height};
}

}  // namespace cloudsign::document
