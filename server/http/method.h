#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace server::http {

// One bit each, so that a row of the route table can name several.
enum class Method : std::uint8_t {
    other = 0,  // a method that no row can name
    get = 1,
    head = 2,
    post = 4,
    put = 8,
    patch = 16,
    delete_ = 32,
    options = 64,
};

class MethodSet {
public:
    constexpr MethodSet() = default;
    constexpr MethodSet(Method method)  // NOLINT(google-explicit-constructor)
        : bits_(static_cast<std::uint8_t>(method)) {}

    constexpr bool contains(Method method) const {
        return (bits_ & static_cast<std::uint8_t>(method)) != 0;
    }
    constexpr bool intersects(MethodSet other) const { return (bits_ & other.bits_) != 0; }
    constexpr bool empty() const { return bits_ == 0; }

    friend constexpr MethodSet operator|(MethodSet a, MethodSet b) {
        MethodSet both;
        both.bits_ = static_cast<std::uint8_t>(a.bits_ | b.bits_);
        return both;
    }

private:
    std::uint8_t bits_ = 0;
};

constexpr MethodSet operator|(Method a, Method b) {
    return MethodSet(a) | MethodSet(b);
}

std::string_view method_name(Method method);

// The value of an `Allow` header: "GET, HEAD, POST".
std::string allow_text(MethodSet methods);

}  // namespace server::http
