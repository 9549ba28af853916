#pragma once

#include <string>

#include "cloudsign/document/xml_names.h"
#include "hsm/base/result.h"

// What a ds:Reference is about. Only what can be told for certain: the file, an element by an Id
// that no other has, and the transforms that leave the element as it is.
namespace cloudsign::document {

struct Dereferenced {
    const _xmlNode* element = nullptr;  // nullptr: the whole file
    bool is_enveloped = false;          // the signature itself is left out
    std::string octets;                 // that are digested
};

struct NotDereferenced {
    enum class Why {
        external,    // it names another file
        transform,   // something is done to the element first that is not done here
        unresolved,  // no element has this Id, or several do, or another signature holds it
    };
    Why why = Why::unresolved;
    std::string detail;
};

hsm::Result<Dereferenced, NotDereferenced> dereference(const XmlFile& file,
                                                       const _xmlNode* signature,
                                                       const _xmlNode* reference);

}  // namespace cloudsign::document
