#include "cloudsign/store/folded_text.h"

#include <cstdlib>
#include <memory>
#include <utf8proc.h>

namespace cloudsign::store {
namespace {

struct Freed {
    void operator()(utf8proc_uint8_t* text) const {
        std::free(text);  // NOLINT: utf8proc's own allocation
    }
};

// The one Vietnamese letter whose stroke Unicode does not take for a mark.
std::string with_plain_d(std::string_view text) {
    constexpr std::string_view d_with_stroke = "đ";
    std::string plain;
    while (true) {
        const auto found = text.find(d_with_stroke);
        plain += text.substr(0, found);
        if (found == std::string_view::npos) {
            return plain;
        }
        plain += 'd';
        text.remove_prefix(found + d_with_stroke.size());
    }
}

}  // namespace

std::string fold(std::string_view text) {
    constexpr auto how =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK |
                                       UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()),
                                   &mapped,
                                   how);
    const std::unique_ptr<utf8proc_uint8_t, Freed> owned(mapped);
    if (size < 0) {
        return std::string(text);
    }
    return with_plain_d(
        {reinterpret_cast<const char*>(owned.get()), static_cast<std::size_t>(size)});
}

}  // namespace cloudsign::store
