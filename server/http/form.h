#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace server::http {

// `application/x-www-form-urlencoded`: a query, or the body of an OAuth request.
class Form {
public:
    static constexpr std::size_t fields_max = 64;

    // None when an escape is malformed or decodes to NUL, a name comes twice (RFC 6749 §3.1:
    // "parameters MUST NOT be included more than once"), or there are too many fields.
    static std::optional<Form> parse(std::string_view text);

    std::optional<std::string_view> find(std::string_view name) const;

    const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace server::http
