#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server::http {

// ASCII only: header names, host names and authentication schemes.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// A request's header fields in the order received, in one allocation. Views stay valid until the
// next add() or clear().
class Headers {
public:
    static constexpr std::size_t count_max = 100;

    // False, with nothing changed, beyond `count_max` fields.
    [[nodiscard]] bool add(std::string_view name, std::string_view value);

    // The first value of `name`, whatever its case.
    std::optional<std::string_view> find(std::string_view name) const;

    // All of them, in the order received.
    std::vector<std::string_view> values(std::string_view name) const;

    std::size_t count(std::string_view name) const;

    // Gives the memory back.
    void clear();

private:
    struct Field {
        std::uint32_t offset;
        std::uint32_t name_size;
        std::uint32_t value_size;
    };

    std::string_view name_of(const Field& field) const {
        return std::string_view(text_).substr(field.offset, field.name_size);
    }
    std::string_view value_of(const Field& field) const {
        return std::string_view(text_).substr(field.offset + field.name_size, field.value_size);
    }

    std::string text_;
    std::vector<Field> fields_;
};

}  // namespace server::http
