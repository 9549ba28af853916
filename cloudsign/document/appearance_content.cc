#include "cloudsign/document/appearance_content.h"

#include <algorithm>
#include <exception>
#include <string>

#include "cloudsign/document/unpack.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t content_size_max = 64 * 1024;

// ISO 32000-2 annex A.
class Painting final : public QPDFObjectHandle::ParserCallbacks {
public:
    bool is_found() const { return is_found_; }

    void handleObject(QPDFObjectHandle object) override {
        static constexpr const char* painting[] = {"Tj", "TJ", "'", "\"", "Do", "sh", "BI"};
        if (object.isOperator() &&
            std::ranges::find(painting, object.getOperatorValue()) != std::end(painting)) {
            is_found_ = true;
            terminateParsing();
        }
    }
    void handleEOF() override {}

private:
    bool is_found_ = false;
};

}  // namespace

bool paints_content(QPDFObjectHandle widget) {
    auto shown = widget.getKeyIfDict("/AP").getKeyIfDict("/N");
    if (!shown.isStream()) {
        return false;
    }
    try {
        auto left = content_size_max;
        if (!unpack(shown, left)) {
            return true;
        }
        Painting painting;
        QPDFObjectHandle::parseContentStream(shown, &painting);
        return painting.is_found();
    } catch (const std::exception&) {
        return true;
    }
}

}  // namespace cloudsign::document
