#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cloudsign/document/xml_file.h"

// Where a signature goes in an XML document, and what it is of. A school report (học bạ số) has
// slots: elements of fixed names, each for one signer, who signs what the slot is about
// (VN dialects, NEAC: another element or another Id is not valid).
namespace cloudsign::document {

struct XmlSlot {
    std::string_view name;
    std::string_view reference;  // the Id of what is signed; empty: the caller names it
    std::string_view element;    // that what is signed must be; empty: any
};
std::span<const XmlSlot> xml_slots();
// nullptr for other names.
const XmlSlot* xml_slot_named(std::string_view name);

struct XmlWish {
    std::string slot;       // a name of xml_slots(); empty: at the end of what is signed
    std::string into;       // the Id of the slot's element, where several have its name
    std::string reference;  // the Id of what is signed; empty: the slot's, without one the document
};

struct XmlPlace {
    _xmlNode* parent = nullptr;   // the signature becomes its last child
    _xmlNode* element = nullptr;  // that is signed; nullptr: the whole document
    std::string reference;        // its Id
    bool is_enveloped = false;    // the signature is in what is signed
};

// `invalid` or `not_found`, with a sentence for the user.
Result<XmlPlace> place_of(const XmlFile& file, const XmlWish& wish);

}  // namespace cloudsign::document
