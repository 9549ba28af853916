#include "server/cli/text_place.h"

#include <cstdio>

namespace server::cli {
namespace {

using cloudsign::document::TextHit;

std::string text_of(const TextHit& hit) {
    char text[96];
    std::snprintf(text,
                  sizeof text,
                  "page %zu at %.0f,%.0f (%.0f x %.0f)",
                  hit.page,
                  hit.box.x,
                  hit.box.y,
                  hit.box.width,
                  hit.box.height);
    return text;
}

}  // namespace

Outcome<TextHit> find_hit(const std::string& file,
                          hsm::ByteView pdf,
                          const std::string& phrase,
                          std::size_t hit) {
    auto found = cloudsign::document::find_text(file, pdf, phrase);
    if (!found) {
        return usage_failure(file + ": " + found.error().detail);
    }
    const auto& hits = *found;
    if (hits.empty()) {
        return usage_failure(file + ": has no text \"" + phrase + "\"");
    }
    if (hit == 0 && hits.size() == 1) {
        return hits.front();
    }
    if (hit >= 1 && hit <= hits.size()) {
        return hits[hit - 1];
    }
    std::string list;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        list += (i == 0 ? " " : "; ") + std::to_string(i + 1) + " on " + text_of(hits[i]);
    }
    return usage_failure(file + ": has \"" + phrase + "\" " + std::to_string(hits.size()) +
                         " times; say which with --hit N:" + list);
}

}  // namespace server::cli
