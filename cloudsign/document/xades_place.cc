#include "cloudsign/document/xades_place.h"

#include <algorithm>
#include <iterator>

namespace cloudsign::document {
namespace {

constexpr XmlSlot slots[] = {
    {"GVBM", "", "DIEM_TONG_KET"},  // who teaches a subject: one pupil's results in it
    {"GVCN", "thongtinhocba", ""},  // the class teacher
    {"CBQL", "data", ""},           // the school's management
    {"KY_PHAT_HANH", "data", ""},   // who issues it
    {"CHUKYDONVI", "", ""},         // the school's seal
};

constexpr std::string_view id_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

std::string slot_names() {
    std::string names;
    for (const auto& slot : slots) {
        names += (names.empty() ? "" : ", ") + std::string(slot.name);
    }
    return names;
}

// The only element of this Id.
Result<_xmlNode*> element_of_id(const XmlFile& file, const std::string& id) {
    if (id.find_first_not_of(id_letters) != id.npos) {
        return invalid("An Id that is signed has letters, digits, \"-\", \".\" and \"_\" only: " +
                       id);
    }
    const auto found = file.with_id(id);
    if (found.empty()) {
        return Error{ErrorKind::not_found, "The XML has no element with the Id " + id + "."};
    }
    if (found.size() > 1) {
        return invalid("The XML has " + std::to_string(found.size()) + " elements with the Id " +
                       id + ": nobody could tell which of them was signed.");
    }
    return found.front();
}

Result<_xmlNode*> slot_element(const XmlFile& file, const XmlWish& wish) {
    auto found = file.elements(wish.slot);
    if (!wish.into.empty()) {
        std::erase_if(found, [&](const auto* one) { return id_of(one) != wish.into; });
    }
    if (found.empty()) {
        return Error{ErrorKind::not_found,
                     "The XML has no element " + wish.slot + " to sign in" +
                         (wish.into.empty() ? "." : " with the Id " + wish.into + ".")};
    }
    if (found.size() > 1) {
        return invalid("The XML has " + std::to_string(found.size()) + " elements " + wish.slot +
                       ": name the Id of the one to sign in (--into).");
    }
    return found.front();
}

}  // namespace

std::span<const XmlSlot> xml_slots() {
    return slots;
}

const XmlSlot* xml_slot_named(std::string_view name) {
    const auto* found = std::ranges::find(slots, name, &XmlSlot::name);
    return found == std::end(slots) ? nullptr : found;
}

Result<XmlPlace> place_of(const XmlFile& file, const XmlWish& wish) {
    const auto* slot = xml_slot_named(wish.slot);
    if (slot == nullptr && !wish.slot.empty()) {
        return invalid("There is no slot " + wish.slot + "; there are " + slot_names() + ".");
    }
    XmlPlace place;
    place.reference = wish.reference;
    if (slot != nullptr) {
        if (!slot->reference.empty() && !wish.reference.empty() &&
            wish.reference != slot->reference) {
            return invalid("In the slot " + wish.slot + " the element " +
                           std::string(slot->reference) + " is signed and no other.");
        }
        if (!slot->reference.empty()) {
            place.reference = slot->reference;
        } else if (wish.reference.empty()) {
            return invalid("Name the Id of what is signed in the slot " + wish.slot +
                           " (--reference).");
        }
    }
    if (!place.reference.empty()) {
        TRY_ASSIGN(place.element, element_of_id(file, place.reference));
    }
    if (slot != nullptr) {
        if (!slot->element.empty() && local_name(place.element) != slot->element) {
            return invalid("In the slot " + wish.slot + " an element " +
                           std::string(slot->element) + " is signed, and " + place.reference +
                           " is none.");
        }
        TRY_ASSIGN(place.parent, slot_element(file, wish));
    } else {
        place.parent = place.element != nullptr ? place.element : file.root();
    }
    place.is_enveloped = place.element == nullptr || is_within(place.parent, place.element);
    return place;
}

}  // namespace cloudsign::document
