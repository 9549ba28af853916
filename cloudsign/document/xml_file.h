#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

struct _xmlDoc;   // NOLINT: libxml2's own name
struct _xmlNode;  // NOLINT: the same

// XML of anybody's, read by libxml2: nothing outside of it is ever read, no entity is declared in
// it, and sizes, counts and depth are bounded.
namespace cloudsign::document {

constexpr std::size_t xml_size_max = 16 * 1024 * 1024;
constexpr std::size_t xml_elements_max = 200'000;
constexpr std::size_t xml_attributes_max = 400'000;
// Of one element, and in scope at one: canonical XML costs their square.
constexpr std::size_t xml_attributes_of_one_max = 256;
constexpr std::size_t xml_namespaces_in_scope_max = 64;
constexpr std::size_t xml_depth_max = 64;

class XmlFile {
public:
    // `invalid`, with a sentence for the user, unless it is well-formed XML in UTF-8, without a
    // document type and within the limits.
    static Result<XmlFile> parse(hsm::ByteView text);
    // Whether a file could be XML at all: its first letter is "<".
    static bool looks_like(hsm::ByteView file);

    _xmlDoc* document() const { return document_.get(); }
    _xmlNode* root() const;
    // Beside the root element stands a processing instruction, as one that names a style sheet.
    bool has_instruction() const;
    // All elements whose Id (Id, ID, id or xml:id) this is. Two have the same where somebody wants
    // one to be taken for the other.
    std::vector<_xmlNode*> with_id(const std::string& id) const;
    // All elements of this name in this namespace, in document order.
    std::vector<_xmlNode*> elements(std::string_view name, std::string_view name_space) const;
    // Of any namespace.
    std::vector<_xmlNode*> elements(std::string_view name) const;
    // As it now is, in UTF-8.
    std::string text() const;

private:
    struct Free {
        void operator()(_xmlDoc* document) const;
    };
    explicit XmlFile(_xmlDoc* document) : document_(document) {}
    void read_ids();

    std::unique_ptr<_xmlDoc, Free> document_;
    std::unordered_multimap<std::string, _xmlNode*> ids_;  // as they were when it was read
};

// The child elements of a node, in order.
std::vector<_xmlNode*> children_of(const _xmlNode* node);
bool is_element(const _xmlNode* node, std::string_view name, std::string_view name_space);
// nullptr: it is the root.
_xmlNode* parent_of(const _xmlNode* node);
// The child of this name; nullptr: there is none, or more than one.
_xmlNode* only_child(const _xmlNode* node, std::string_view name, std::string_view name_space);
std::string_view local_name(const _xmlNode* node);
// Its namespace; empty: none.
std::string_view space_of(const _xmlNode* node);
// The text inside, without white space around it.
std::string text_in(const _xmlNode* node);
// An attribute without a namespace; empty where it is absent.
std::string attribute_of(const _xmlNode* node, std::string_view name);
// Its Id, under whichever of these names; empty: it has none.
std::string id_of(const _xmlNode* node);
// Whether `node` is `ancestor` or in it.
bool is_within(const _xmlNode* node, const _xmlNode* ancestor);
// Whether an element says something itself: text that is not white space or a processing
// instruction.
bool has_text(const _xmlNode* node);
// The same, or an attribute beside its Id and namespaces.
bool has_content(const _xmlNode* node);
// "/hocba[1]/data[1]": for reports.
std::string path_of(const _xmlNode* node);

// Canonical XML: exclusive (W3C xml-exc-c14n) and inclusive, 1.0 and 1.1.
enum class Canonical { exclusive, inclusive, inclusive_1_1 };
enum class Comments { without, with };
struct Canonicalization {
    Canonical method = Canonical::inclusive;
    Comments comments = Comments::without;
    std::vector<std::string> prefixes;  // InclusiveNamespaces of the exclusive one
};

// The element `apex` with all that is in it, or the whole file (nullptr), without the element
// `excluded`. `internal` where libxml2 cannot.
Result<std::string> canonical(const XmlFile& file,
                              const _xmlNode* apex,
                              const _xmlNode* excluded,
                              const Canonicalization& how);

}  // namespace cloudsign::document
