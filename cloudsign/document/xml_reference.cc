#include "cloudsign/document/xml_reference.h"

#include <libxml/tree.h>
#include <optional>

namespace cloudsign::document {
namespace {

using Why = NotDereferenced::Why;

NotDereferenced not_known(Why why, std::string detail) {
    return {why, std::move(detail)};
}

// The Signature that holds this element; nullptr: none.
const xmlNode* signature_around(const xmlNode* node) {
    const xmlNode* found = nullptr;
    for (; node != nullptr; node = node->parent) {
        if (node->type == XML_ELEMENT_NODE && is_element(node, "Signature", dsig_space)) {
            found = node;
        }
    }
    return found;
}

struct Transforms {
    bool is_enveloped = false;
    // xmldsig-core §4.4.3.2: what is left a node-set is brought into the inclusive form.
    Canonicalization how;
};

std::vector<std::string> prefixes_of(const xmlNode* transform) {
    std::vector<std::string> prefixes;
    const auto* list = only_child(transform, "InclusiveNamespaces", exclusive_uri);
    auto text = list != nullptr ? attribute_of(list, "PrefixList") : std::string();
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) {
            prefixes.push_back(text.substr(0, end));
        }
        text.erase(0, end + 1);
    }
    return prefixes;
}

hsm::Result<Transforms, NotDereferenced> read_transforms(const xmlNode* reference) {
    Transforms read;
    const auto* list = only_child(reference, "Transforms", dsig_space);
    if (list == nullptr) {
        return read;
    }
    bool is_canonical = false;
    for (const auto* one : children_of(list)) {
        const auto uri = attribute_of(one, "Algorithm");
        const auto how = canonicalization_named(uri);
        const bool is_first_enveloped =
            uri == enveloped_transform && !read.is_enveloped && !is_canonical;
        if (!is_element(one, "Transform", dsig_space) ||
            (!is_first_enveloped && (!how || is_canonical))) {
            return not_known(Why::transform, uri);
        }
        if (is_first_enveloped) {
            read.is_enveloped = true;
            continue;
        }
        is_canonical = true;
        // §4.4.3.3: a reference within the file leaves comments out.
        read.how = {how->method, Comments::without, prefixes_of(one)};
    }
    return read;
}

}  // namespace

hsm::Result<Dereferenced, NotDereferenced> dereference(const XmlFile& file,
                                                       const xmlNode* signature,
                                                       const xmlNode* reference) {
    const auto uri = attribute_of(reference, "URI");
    const bool is_named = xmlHasProp(reference, reinterpret_cast<const xmlChar*>("URI")) != nullptr;
    if (!is_named || (!uri.empty() && uri.front() != '#')) {
        return not_known(Why::external, uri);
    }
    Dereferenced found;
    if (!uri.empty()) {
        const auto elements = file.with_id(uri.substr(1));
        if (elements.size() != 1) {
            return not_known(Why::unresolved, uri);
        }
        found.element = elements.front();
        const auto* around = signature_around(found.element);
        if (around != nullptr && around != signature_around(signature)) {
            return not_known(Why::unresolved, uri);
        }
    }
    TRY_ASSIGN(const auto transforms, read_transforms(reference));
    found.is_enveloped = transforms.is_enveloped;
    auto octets = canonical(
        file, found.element, transforms.is_enveloped ? signature : nullptr, transforms.how);
    if (!octets) {
        return not_known(Why::unresolved, uri);
    }
    found.octets = *std::move(octets);
    return found;
}

}  // namespace cloudsign::document
