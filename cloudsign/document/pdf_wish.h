#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/document/appearance_preset.h"
#include "cloudsign/document/pdf_signature.h"

namespace cloudsign::document {

// What somebody says of a signature inside a PDF, in the words of `kyso sign` and of
// documents/prepare.
struct PdfWish {
    std::string field;
    std::string reason;
    std::string location;
    bool certify = false;
    FieldTexts fill;                            // of empty text fields
    std::string preset;                         // a name of appearance_presets(), or empty
    Bytes picture;                              // PNG
    std::map<std::string, std::string> values;  // of the preset's {places}
    std::vector<std::string> lines;             // without a preset
    std::size_t page = 1;
    std::optional<PdfBox> box;
    std::string over;  // a field, for a seal over what it shows
};

// `invalid`, in words, for what does not go together.
Result<PdfSignature> signature_wished(PdfWish wish, std::int64_t time_ms);

// The preset of this name; nullptr without a name. `invalid` for a name that none has.
Result<const AppearancePreset*> preset_wished(const std::string& name);

}  // namespace cloudsign::document
