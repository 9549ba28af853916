#include "cloudsign/verify/organisation_place.h"

#include <algorithm>

namespace cloudsign::verify {
namespace {

constexpr double corner_margin = 90;          // points, from the upper and the right edge
constexpr double corner_height_share = 0.25;  // of the page: what is higher is no corner text

bool is_in_corner(const ShownSignature& own) {
    return own.page == 1 && own.box.x > own.page_width / 2 &&
           own.page_width - (own.box.x + own.box.width) < corner_margin &&
           own.page_height - (own.box.y + own.box.height) < corner_margin &&
           own.box.height < own.page_height * corner_height_share;
}

// About a third of the person's signature is covered, from its left.
bool is_seal_over(const ShownSignature& own, const ShownSignature& person) {
    const auto& seal = own.box;
    const auto& under = person.box;
    const double covered = seal.x + seal.width - under.x;
    const double shared =
        std::min(seal.y + seal.height, under.y + under.height) - std::max(seal.y, under.y);
    return own.page == person.page && seal.x < under.x && covered > under.width * 0.1 &&
           covered < under.width * 0.6 && shared > std::min(seal.height, under.height) / 2;
}

}  // namespace

bool is_organisation_place(const ShownSignature& own, std::span<const ShownSignature> earlier) {
    if (own.page == 0) {
        return false;
    }
    return is_in_corner(own) || std::ranges::any_of(earlier, [&](const ShownSignature& person) {
               return person.page != 0 && is_seal_over(own, person);
           });
}

}  // namespace cloudsign::verify
