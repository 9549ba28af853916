#include "cloudsign/fault_text.h"

#include "hsm/protocol/utf8.h"

namespace cloudsign {

std::string fault_text(std::string_view said, std::size_t size_max) {
    std::string text;
    while (!said.empty()) {
        auto rest = said;
        const auto character = hsm::protocol::take_character(rest);
        auto shown = said.substr(0, said.size() - rest.size());
        if (!character) {
            rest.remove_prefix(1);
        }
        if (!character || hsm::protocol::changes_display(*character)) {
            shown = "?";
        }
        if (text.size() + shown.size() > size_max) {
            break;
        }
        text += shown;
        said = rest;
    }
    return text;
}

}  // namespace cloudsign
