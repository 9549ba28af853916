#include "cloudsign/document/pdf_wish.h"

namespace cloudsign::document {
namespace {

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Result<PdfAppearance> shown_by(PdfWish& wish,
                               const AppearancePreset* preset,
                               std::int64_t time_ms) {
    if (preset != nullptr) {
        if (!wish.lines.empty()) {
            return invalid("The preset " + wish.preset +
                           " has a text of its own: name a preset or a text, not both.");
        }
        return appearance_of(*preset, wish.values, wish.picture, time_ms);
    }
    if (!wish.values.empty()) {
        return invalid("Only a preset has places for values: name one.");
    }
    PdfAppearance appearance;
    appearance.picture = std::move(wish.picture);
    appearance.lines = std::move(wish.lines);
    return appearance;
}

}  // namespace

Result<const AppearancePreset*> preset_wished(const std::string& name) {
    const auto* preset = name.empty() ? nullptr : preset_named(name);
    if (preset != nullptr || name.empty()) {
        return preset;
    }
    std::string names;
    for (const auto& one : appearance_presets()) {
        names += (names.empty() ? "" : "|") + std::string(one.name);
    }
    return invalid("The preset " + name + " is none of " + names + ".");
}

Result<PdfSignature> signature_wished(PdfWish wish, std::int64_t time_ms) {
    TRY_ASSIGN(const auto* preset, preset_wished(wish.preset));
    PdfSignature signature;
    TRY_ASSIGN(signature.appearance, shown_by(wish, preset, time_ms));
    signature.appearance.box = wish.box;
    signature.field = std::move(wish.field);
    signature.fill = std::move(wish.fill);
    signature.reason = std::move(wish.reason);
    signature.location = std::move(wish.location);
    signature.page = wish.page;
    signature.time_ms = time_ms;
    signature.certification = wish.certify ? Certification::fields_only : Certification::none;
    const bool is_placed = wish.box || !signature.field.empty();
    if (preset != nullptr && preset->place == PresetPlace::over_third && !is_placed) {
        if (wish.over.empty()) {
            return invalid("The preset " + wish.preset +
                           " stands over another signature: say over which field, or give a box.");
        }
        signature.appearance.seal_over = std::move(wish.over);
    } else if (!wish.over.empty()) {
        return invalid(preset != nullptr && preset->place == PresetPlace::over_third
                           ? "over and a field or a box say two places: give one of them."
                           : "Only a preset that is a seal stands over another signature: leave "
                             "over out, or name such a preset.");
    }
    return signature;
}

}  // namespace cloudsign::document
