#include "cloudsign/document/xml_file.h"

#include <algorithm>
#include <libxml/SAX2.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/uri.h>
#include <libxml/xmlerror.h>

#include "hsm/protocol/utf8.h"

namespace cloudsign::document {
namespace {

constexpr std::string_view id_names[] = {"Id", "ID", "id"};
const std::string utf8 = "UTF-8";
constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view mark = "\xef\xbb\xbf";  // UTF-8's byte order mark

constexpr const char* too_much = "The XML has too many elements or attributes, or too deep ones.";

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

const xmlChar* xml_text(const std::string& text) {
    return reinterpret_cast<const xmlChar*>(text.c_str());
}

struct FreeText {
    void operator()(xmlChar* text) const { xmlFree(text); }
};
using TextPtr = std::unique_ptr<xmlChar, FreeText>;

// What is wrong with a file is said by us; libxml2 would print it.
void say_nothing(void*, xmlErrorPtr) {}
class Silence {
public:
    Silence() {
        xmlInitParser();
        xmlSetStructuredErrorFunc(nullptr, say_nothing);
    }
    ~Silence() { xmlSetStructuredErrorFunc(nullptr, nullptr); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
};

// What the parser has met so far, and why it was stopped.
struct Watch {
    std::size_t elements = 0;
    std::size_t attributes = 0;
    std::vector<std::size_t> namespaces;  // declared at each open element
    std::size_t in_scope = 0;
    const char* refused = nullptr;
};

void refuse(void* context, const char* why) {
    auto* parser = static_cast<xmlParserCtxtPtr>(context);
    static_cast<Watch*>(parser->_private)->refused = why;
    xmlStopParser(parser);
}

// Before an entity of it could be read.
void on_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    refuse(context, "The XML has a document type (DOCTYPE), which is not taken.");
}

void on_start(void* context,
              const xmlChar* name,
              const xmlChar* prefix,
              const xmlChar* uri,
              int namespace_count,
              const xmlChar** namespaces,
              int attribute_count,
              int defaulted_count,
              const xmlChar** attributes) {
    auto& watch = *static_cast<Watch*>(static_cast<xmlParserCtxtPtr>(context)->_private);
    ++watch.elements;
    watch.attributes += static_cast<std::size_t>(attribute_count);
    watch.namespaces.push_back(static_cast<std::size_t>(namespace_count));
    watch.in_scope += watch.namespaces.back();
    if (watch.elements > xml_elements_max || watch.attributes > xml_attributes_max ||
        watch.in_scope > xml_namespaces_in_scope_max || watch.namespaces.size() > xml_depth_max) {
        return refuse(context, too_much);
    }
    xmlSAX2StartElementNs(context,
                          name,
                          prefix,
                          uri,
                          namespace_count,
                          namespaces,
                          attribute_count,
                          defaulted_count,
                          attributes);
}

void on_end(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri) {
    auto& watch = *static_cast<Watch*>(static_cast<xmlParserCtxtPtr>(context)->_private);
    watch.in_scope -= watch.namespaces.back();
    watch.namespaces.pop_back();
    xmlSAX2EndElementNs(context, name, prefix, uri);
}

// libxml2 compares each attribute of an element with all others of it before we hear of any.
bool has_crowded_element(std::string_view text) {
    std::size_t count = 0;
    bool is_inside = false;
    char quote = '\0';
    for (const char letter : text) {
        if (!is_inside || (letter == '<' && quote == '\0')) {
            is_inside = letter == '<';
            count = 0;
        } else if (quote != '\0') {
            quote = letter == quote ? '\0' : quote;
        } else if (letter == '"' || letter == '\'') {
            quote = letter;
        } else if (letter == '=' && ++count > xml_attributes_of_one_max) {
            return true;
        } else {
            is_inside = letter != '>';
        }
    }
    return false;
}

template <class Visit>
void walk(xmlNodePtr node, const Visit& visit) {
    for (; node != nullptr; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            visit(node);
            walk(node->children, visit);  // xml_depth_max
        }
    }
}

struct Shown {
    const xmlNode* apex;
    const xmlNode* excluded;
};

int is_shown(void* data, xmlNodePtr node, xmlNodePtr parent) {
    const auto& shown = *static_cast<const Shown*>(data);
    const xmlNode* at = node != nullptr && node->type != XML_NAMESPACE_DECL ? node : parent;
    for (; at != nullptr; at = at->parent) {
        if (at == shown.excluded) {
            return 0;
        }
        if (at == shown.apex) {
            return 1;
        }
    }
    return shown.apex == nullptr ? 1 : 0;
}

int mode_of(Canonical method) {
    switch (method) {
        case Canonical::exclusive:
            return XML_C14N_EXCLUSIVE_1_0;
        case Canonical::inclusive:
            return XML_C14N_1_0;
        case Canonical::inclusive_1_1:
            return XML_C14N_1_1;
    }
    return XML_C14N_EXCLUSIVE_1_0;
}

}  // namespace

void XmlFile::Free::operator()(_xmlDoc* document) const {
    xmlFreeDoc(document);
}

Result<XmlFile> XmlFile::parse(hsm::ByteView text) {
    if (text.size() > xml_size_max) {
        return invalid("The XML is larger than 16 MB.");
    }
    if (has_crowded_element(hsm::text_of(text))) {
        return invalid(too_much);
    }
    // Otherwise the parser would look for UTF-16, UTF-32 and EBCDIC by itself.
    if (!hsm::protocol::is_utf8(hsm::text_of(text)) ||
        hsm::text_of(text).find('\0') != std::string_view::npos) {
        return invalid("The XML is not in UTF-8.");
    }
    const Silence silence;
    const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(xmlNewParserCtxt(),
                                                                              xmlFreeParserCtxt);
    CHECK(parser != nullptr);
    Watch watch;
    parser->_private = &watch;
    parser->sax->internalSubset = on_document_type;
    parser->sax->externalSubset = on_document_type;
    parser->sax->startElementNs = on_start;
    parser->sax->endElementNs = on_end;
    auto* document = xmlCtxtReadMemory(parser.get(),
                                       reinterpret_cast<const char*>(text.data()),
                                       static_cast<int>(text.size()),
                                       nullptr,
                                       nullptr,
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    XmlFile file(document);
    if (watch.refused != nullptr) {
        return invalid(watch.refused);
    }
    // As other readers take it: what it declares decides which characters its bytes are.
    if (document != nullptr && document->encoding != nullptr &&
        xmlStrcasecmp(document->encoding, xml_text(utf8)) != 0) {
        return invalid("The XML declares another encoding than UTF-8.");
    }
    if (document == nullptr || file.root() == nullptr) {
        return invalid("The file is no well-formed XML in UTF-8.");
    }
    file.read_ids();
    return file;
}

bool XmlFile::looks_like(hsm::ByteView file) {
    auto text = hsm::text_of(file);
    if (text.starts_with(mark)) {
        text.remove_prefix(mark.size());
    }
    if (text.starts_with("\xfe\xff") || text.starts_with("\xff\xfe")) {
        return true;  // UTF-16, which parse() then refuses by its name
    }
    const auto first = text.find_first_not_of(white_space);
    return first != text.npos && text[first] == '<';
}

xmlNodePtr XmlFile::root() const {
    return xmlDocGetRootElement(document_.get());
}

void XmlFile::read_ids() {
    walk(root(), [&](xmlNodePtr node) {
        for (const auto* one = node->properties; one != nullptr; one = one->next) {
            const bool is_xml_id =
                one->ns != nullptr && view(one->ns->prefix) == "xml" && view(one->name) == "id";
            const bool is_id = one->ns == nullptr &&
                               std::ranges::find(id_names, view(one->name)) != std::end(id_names);
            const TextPtr value(is_xml_id || is_id
                                    ? xmlNodeListGetString(document_.get(), one->children, 1)
                                    : nullptr);
            if (value) {
                ids_.emplace(view(value.get()), node);
            }
        }
    });
}

bool XmlFile::has_instruction() const {
    for (const auto* node = document_->children; node != nullptr; node = node->next) {
        if (node->type == XML_PI_NODE) {
            return true;
        }
    }
    return false;
}

std::vector<xmlNodePtr> XmlFile::with_id(const std::string& id) const {
    std::vector<xmlNodePtr> found;
    const auto [begin, end] = ids_.equal_range(id);
    for (auto at = begin; at != end; ++at) {
        // One element may say the same under two names.
        if (std::ranges::find(found, at->second) == found.end()) {
            found.push_back(at->second);
        }
    }
    return found;
}

std::vector<xmlNodePtr> XmlFile::elements(std::string_view name,
                                          std::string_view name_space) const {
    std::vector<xmlNodePtr> found;
    walk(root(), [&](xmlNodePtr node) {
        if (is_element(node, name, name_space)) {
            found.push_back(node);
        }
    });
    return found;
}

std::vector<xmlNodePtr> XmlFile::elements(std::string_view name) const {
    std::vector<xmlNodePtr> found;
    walk(root(), [&](xmlNodePtr node) {
        if (local_name(node) == name) {
            found.push_back(node);
        }
    });
    return found;
}

std::string XmlFile::text() const {
    xmlChar* written = nullptr;
    int size = 0;
    xmlDocDumpMemoryEnc(document_.get(), &written, &size, "UTF-8");
    const TextPtr owned(written);
    return {reinterpret_cast<const char*>(written), static_cast<std::size_t>(size)};
}

std::vector<xmlNodePtr> children_of(const xmlNode* node) {
    std::vector<xmlNodePtr> found;
    for (auto* child = node->children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            found.push_back(child);
        }
    }
    return found;
}

xmlNodePtr parent_of(const xmlNode* node) {
    return node->parent != nullptr && node->parent->type == XML_ELEMENT_NODE ? node->parent
                                                                             : nullptr;
}

bool has_text(const xmlNode* node) {
    for (const auto* child = node->children; child != nullptr; child = child->next) {
        const bool is_text = child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE;
        if (child->type == XML_PI_NODE ||
            (is_text &&
             view(child->content).find_first_not_of(white_space) != std::string_view::npos)) {
            return true;
        }
    }
    return false;
}

bool has_content(const xmlNode* node) {
    if (has_text(node)) {
        return true;
    }
    for (const auto* one = node->properties; one != nullptr; one = one->next) {
        if (one->ns != nullptr ||
            std::ranges::find(id_names, view(one->name)) == std::end(id_names)) {
            return true;
        }
    }
    return false;
}

std::string_view local_name(const xmlNode* node) {
    return view(node->name);
}

std::string_view space_of(const xmlNode* node) {
    return node->ns != nullptr ? view(node->ns->href) : std::string_view();
}

bool is_element(const xmlNode* node, std::string_view name, std::string_view name_space) {
    return node->type == XML_ELEMENT_NODE && view(node->name) == name && node->ns != nullptr &&
           view(node->ns->href) == name_space;
}

xmlNodePtr only_child(const xmlNode* node, std::string_view name, std::string_view name_space) {
    xmlNodePtr found = nullptr;
    for (auto* child : children_of(node)) {
        if (is_element(child, name, name_space)) {
            if (found != nullptr) {
                return nullptr;
            }
            found = child;
        }
    }
    return found;
}

std::string text_in(const xmlNode* node) {
    const TextPtr content(xmlNodeGetContent(node));
    const auto text = view(content.get());
    const auto first = text.find_first_not_of(white_space);
    return first == text.npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(white_space) + 1 - first));
}

std::string attribute_of(const xmlNode* node, std::string_view name) {
    const TextPtr value(xmlGetNoNsProp(node, xml_text(std::string(name))));
    return std::string(view(value.get()));
}

std::string id_of(const xmlNode* node) {
    for (const auto name : id_names) {
        auto id = attribute_of(node, name);
        if (!id.empty()) {
            return id;
        }
    }
    return {};
}

bool is_within(const xmlNode* node, const xmlNode* ancestor) {
    for (; node != nullptr; node = node->parent) {
        if (node == ancestor) {
            return true;
        }
    }
    return false;
}

std::string path_of(const xmlNode* node) {
    std::string path;
    for (; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) {
        std::size_t place = 1;
        for (const auto* before = node->prev; before != nullptr; before = before->prev) {
            place += before->type == XML_ELEMENT_NODE && view(before->name) == view(node->name);
        }
        path = "/" + std::string(view(node->name)) + "[" + std::to_string(place) + "]" + path;
    }
    return path;
}

namespace {

struct FreeUri {
    void operator()(xmlURI* uri) const { xmlFreeURI(uri); }
};

// The first one declared, whose name libxml2 does not say; empty when there is none.
std::string relative_namespace(const XmlFile& file) {
    std::string found;
    walk(file.root(), [&](xmlNodePtr node) {
        for (const auto* one = node->nsDef; one != nullptr && found.empty(); one = one->next) {
            const std::string name(view(one->href));
            const std::unique_ptr<xmlURI, FreeUri> uri(xmlParseURI(name.c_str()));
            found = uri != nullptr && uri->scheme != nullptr ? "" : name;
        }
    });
    return found;
}

// Canonical XML 1.0 §1.3 lets no relative namespace be taken.
Error not_canonical(const XmlFile& file) {
    const auto name = relative_namespace(file);
    if (name.empty()) {
        return {ErrorKind::internal, "the XML cannot be brought into its canonical form"};
    }
    return invalid("The XML has the relative namespace \"" + name +
                   "\", over which no signature can be made: name it by an absolute URI.");
}

}  // namespace

Result<std::string> canonical(const XmlFile& file,
                              const xmlNode* apex,
                              const xmlNode* excluded,
                              const Canonicalization& how) {
    const Silence silence;
    Shown shown{apex, excluded};
    std::vector<xmlChar*> prefixes;
    for (const auto& prefix : how.prefixes) {
        prefixes.push_back(const_cast<xmlChar*>(xml_text(prefix)));
    }
    prefixes.push_back(nullptr);
    auto* out = xmlAllocOutputBuffer(nullptr);
    CHECK(out != nullptr);
    const int done = xmlC14NExecute(file.document(),
                                    is_shown,
                                    &shown,
                                    mode_of(how.method),
                                    how.prefixes.empty() ? nullptr : prefixes.data(),
                                    how.comments == Comments::with ? 1 : 0,
                                    out);
    std::string text;
    if (done >= 0) {
        text.assign(reinterpret_cast<const char*>(xmlOutputBufferGetContent(out)),
                    xmlOutputBufferGetSize(out));
    }
    xmlOutputBufferClose(out);
    if (done < 0) {
        return not_canonical(file);
    }
    return text;
}

}  // namespace cloudsign::document
