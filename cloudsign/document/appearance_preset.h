#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cloudsign/document/pdf_appearance.h"

namespace cloudsign::document {

// Where a preset stands.
enum class PresetPlace {
    given,       // a box, or above a phrase of the page
    over_third,  // over the left third of a person's signature
    corner       // the upper right corner of the first page
};

// How Nghị định 30/2020 (Phụ lục I) and the signing tool's own functions want a signature to look:
// what it shows and where, as data.
struct AppearancePreset {
    std::string_view name;   // in commands
    std::string_view title;  // Vietnamese
    PresetPlace place = PresetPlace::given;
    bool has_picture = false;
    double width = 0;  // points, of a box that is not given whole
    double height = 0;
    std::string_view text;  // lines, with {places} for what the signer says; {time} is known
};

std::span<const AppearancePreset> appearance_presets();
const AppearancePreset* preset_named(std::string_view name);

// What the preset shows, but for its place. `values`: by the name of a {place}. `invalid`, in
// words, when a value or the picture is missing, or one is given that the preset does not show.
Result<PdfAppearance> appearance_of(const AppearancePreset& preset,
                                    const std::map<std::string, std::string>& values,
                                    const Bytes& picture,
                                    std::int64_t time_ms);

// A box of the preset's size in the middle above `phrase`, where a handwritten signature stands
// over its writer's name.
PdfBox box_above(const AppearancePreset& preset, const PdfBox& phrase);

}  // namespace cloudsign::document
