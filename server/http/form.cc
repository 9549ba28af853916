#include "server/http/form.h"

#include <algorithm>
#include <utility>

#include "server/http/percent.h"

namespace server::http {
namespace {

std::optional<std::string> decode(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return percent_decoded(spaced);
}

}  // namespace

std::optional<Form> Form::parse(std::string_view text) {
    Form form;
    while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        if (field.empty()) {
            continue;
        }
        const std::size_t equals = std::min(field.find('='), field.size());
        auto name = decode(field.substr(0, equals));
        auto value = decode(field.substr(std::min(equals + 1, field.size())));
        if (!name || !value || form.find(*name) || form.fields_.size() == fields_max) {
            return std::nullopt;
        }
        form.fields_.emplace_back(std::move(*name), std::move(*value));
    }
    return form;
}

std::optional<std::string_view> Form::find(std::string_view name) const {
    for (const auto& [candidate, value] : fields_) {
        if (candidate == name) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace server::http
