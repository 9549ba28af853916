#include "cloudsign/document/composed.h"

#include <algorithm>
#include <hb.h>
#include <memory>
#include <vector>

// HarfBuzz knows Unicode's tables; the algorithm over them is UAX #15 §1.3.
namespace cloudsign::document {
namespace {

using CodePoints = std::vector<hb_codepoint_t>;

CodePoints decode(std::string_view utf8) {
    const auto destroy = [](hb_buffer_t* buffer) { hb_buffer_destroy(buffer); };
    const std::unique_ptr<hb_buffer_t, decltype(destroy)> buffer(hb_buffer_create(), destroy);
    hb_buffer_add_utf8(
        buffer.get(), utf8.data(), static_cast<int>(utf8.size()), 0, static_cast<int>(utf8.size()));
    unsigned count = 0;
    const auto* items = hb_buffer_get_glyph_infos(buffer.get(), &count);
    CodePoints points;
    for (unsigned i = 0; i < count; ++i) {
        points.push_back(items[i].codepoint);
    }
    return points;
}

void encode(hb_codepoint_t point, std::string& utf8) {
    const auto tail = [&](int shift) {
        utf8 += static_cast<char>(0x80 | ((point >> shift) & 0x3f));
    };
    if (point < 0x80) {
        utf8 += static_cast<char>(point);
    } else if (point < 0x800) {
        utf8 += static_cast<char>(0xc0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        utf8 += static_cast<char>(0xe0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        utf8 += static_cast<char>(0xf0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

unsigned combining_class(hb_codepoint_t point) {
    return hb_unicode_combining_class(hb_unicode_funcs_get_default(), point);
}

// No mapping of Unicode is deeper than four.
void decompose(hb_codepoint_t point, CodePoints& out, int depth = 0) {
    hb_codepoint_t first = 0;
    hb_codepoint_t second = 0;
    if (depth > 4 ||
        hb_unicode_decompose(hb_unicode_funcs_get_default(), point, &first, &second) == 0) {
        out.push_back(point);
        return;
    }
    decompose(first, out, depth + 1);
    if (second != 0) {
        out.push_back(second);
    }
}

void reorder(CodePoints& points) {
    for (auto begin = points.begin(); begin != points.end();) {
        const auto end = std::find_if(
            begin + 1, points.end(), [](auto point) { return combining_class(point) == 0; });
        std::stable_sort(combining_class(*begin) == 0 ? begin + 1 : begin, end, [](auto a, auto b) {
            return combining_class(a) < combining_class(b);
        });
        begin = end;
    }
}

CodePoints compose(const CodePoints& points) {
    constexpr auto none = static_cast<std::size_t>(-1);
    CodePoints out;
    std::size_t starter = none;
    unsigned last_class = 0;
    for (const auto point : points) {
        const auto its_class = combining_class(point);
        hb_codepoint_t both = 0;
        // Not blocked: nothing of the same or a higher class stands between (D115).
        const bool is_free = starter != none && (out.size() - 1 == starter ||
                                                 (last_class != 0 && last_class < its_class));
        if (is_free &&
            hb_unicode_compose(hb_unicode_funcs_get_default(), out[starter], point, &both) != 0) {
            out[starter] = both;
            continue;
        }
        if (its_class == 0) {
            starter = out.size();
        }
        last_class = its_class;
        out.push_back(point);
    }
    return out;
}

}  // namespace

std::string composed(std::string_view utf8) {
    CodePoints points;
    for (const auto point : decode(utf8)) {
        decompose(point, points);
    }
    reorder(points);
    std::string text;
    for (const auto point : compose(points)) {
        encode(point, text);
    }
    return text;
}

}  // namespace cloudsign::document
