#include <algorithm>

#include "cloudsign/document/xades_place.h"
#include "cloudsign/document/xml_names.h"
#include "cloudsign/verify/signature_parts.h"
#include "cloudsign/verify/verifier.h"
#include "cloudsign/verify/xml_signature.h"

namespace cloudsign::verify {
namespace {

using document::XmlFile;

constexpr std::size_t signatures_max = 64;  // as of a PDF

// Where the first content is that no signature vouches for; empty: there is none. What is signed
// and moved elsewhere (signature wrapping) leaves what stands in its place so.
std::string unsigned_content(const _xmlNode* node, const std::vector<const _xmlNode*>& covered) {
    if (document::is_element(node, "Signature", document::dsig_space) ||
        std::ranges::find(covered, node) != covered.end()) {
        return {};
    }
    const auto children = document::children_of(node);
    const bool is_empty_slot = document::xml_slot_named(document::local_name(node)) != nullptr;
    if (document::has_content(node) || (children.empty() && !is_empty_slot)) {
        return document::path_of(node);
    }
    for (const auto* child : children) {
        auto path = unsigned_content(child, covered);  // xml_depth_max
        if (!path.empty()) {
            return path;
        }
    }
    return {};
}

bool is_of(const _xmlNode* node, std::initializer_list<std::string_view> spaces) {
    return std::ranges::find(spaces, document::space_of(node)) != spaces.end();
}

// The first element within `node` that is of none of these namespaces; empty: there is none.
std::string stranger_in(const _xmlNode* node, std::initializer_list<std::string_view> spaces) {
    for (const auto* child : document::children_of(node)) {
        auto path = is_of(child, spaces) ? stranger_in(child, spaces)  // xml_depth_max
                                         : document::path_of(child);
        if (!path.empty()) {
            return path;
        }
    }
    return {};
}

// xmldsig-core §4.5 and EN 319 132-1 §4.3.1: what of an Object is no part of a signature.
std::string enclosed_in_object(const _xmlNode* object,
                               const std::vector<const _xmlNode*>& covered) {
    if (document::has_text(object)) {
        return document::path_of(object);
    }
    for (const auto* held : document::children_of(object)) {
        if (std::ranges::find(covered, held) != covered.end()) {
            continue;
        }
        if (!document::is_element(held, "QualifyingProperties", document::xades_space)) {
            return document::path_of(held);
        }
        auto path = stranger_in(
            held, {document::xades_space, document::xades141_space, document::dsig_space});
        if (!path.empty()) {
            return path;
        }
    }
    return {};
}

// What a signature holds beside its own parts, which a reader of the document may take for a part
// of that: nothing covers it, since a signature is left out of what it covers itself.
std::string enclosed_content(const _xmlNode* signature,
                             const std::vector<const _xmlNode*>& covered) {
    if (document::has_text(signature)) {
        return document::path_of(signature);
    }
    for (const auto* part : document::children_of(signature)) {
        if (std::ranges::find(covered, part) != covered.end()) {
            continue;
        }
        std::string path;
        const auto name = document::local_name(part);
        if (!is_of(part, {document::dsig_space})) {
            path = document::path_of(part);
        } else if (name == "Object") {
            path = enclosed_in_object(part, covered);
        } else if (name == "KeyInfo") {
            path = document::has_text(part)
                       ? document::path_of(part)
                       : stranger_in(part, {document::dsig_space, document::dsig11_space});
        } else if (name != "SignedInfo" && name != "SignatureValue") {
            path = document::path_of(part);
        }
        if (!path.empty()) {
            return path;
        }
    }
    return {};
}

// The slot's name, the element's around it, or the signature's own Id.
std::string place_name(const _xmlNode* signature) {
    const auto* parent = document::parent_of(signature);
    if (parent != nullptr && document::parent_of(parent) != nullptr) {
        return std::string(document::local_name(parent));
    }
    return document::id_of(signature);
}

// Read whole, and judged together: what one signature carries may serve another.
class XmlJudge {
public:
    XmlJudge(const XmlFile& file, const Options& options)
        : file_(file),
          options_(options),
          anchors_(pki::store_of(options.anchors, std::nullopt)),
          setting_{anchors_.get(), options.now_ms, options.fetch ? &options.fetch : nullptr} {}

    void judge(Report& report, std::optional<hsm::ByteView> beside) {
        auto signatures = file_.elements("Signature", document::dsig_space);
        if (signatures.empty()) {
            return add(report.findings, Code::no_signature);
        }
        if (signatures.size() > signatures_max) {
            add(report.findings, Code::too_many_signatures);
            signatures.resize(signatures_max);
        }
        for (const auto* signature : signatures) {
            collect_from(signature, material_.pool);
        }
        for (const auto* signature : signatures) {
            judge_one(report, signature, beside);
        }
        if (!beside) {
            judge_coverage(report, signatures);
        }
    }

private:
    void judge_coverage(Report& report, const std::vector<_xmlNode*>& signatures) {
        auto path = covers_all_ ? std::string() : unsigned_content(file_.root(), covered_);
        if (path.empty() && !covers_beside_ && file_.has_instruction()) {
            path = "/";
        }
        for (const auto* signature : signatures) {
            path = path.empty() ? enclosed_content(signature, covered_) : path;
        }
        if (!path.empty()) {
            add(report.findings, Code::xml_unsigned_content, path);
        }
    }

    void judge_one(Report& report, const _xmlNode* signature, std::optional<hsm::ByteView> beside) {
        auto checked = check_xml(file_, signature, beside, deadline_);
        SignatureReport one;
        one.kind = beside ? SignatureKind::detached : SignatureKind::xml;
        one.field = beside ? "" : place_name(signature);
        one.format = checked.is_xades ? "XAdES" : "XML-DSig";
        judge_alone(one, checked.signer, material_, options_, setting_);
        if (!checked.is_xades) {
            one.level = Level::none;
        }
        for (const auto* element : checked.covered) {
            one.elements.push_back(document::path_of(element));
        }
        if (checked.signer.is_intact) {
            covers_all_ = covers_all_ || checked.covers_all;
            covers_beside_ = covers_beside_ || checked.covers_beside;
            covered_.insert(covered_.end(), checked.covered.begin(), checked.covered.end());
        }
        report.signatures.push_back(std::move(one));
    }

    const XmlFile& file_;
    const Options& options_;
    const decltype(pki::store_of({}, std::nullopt)) anchors_;
    const Setting setting_;
    const std::chrono::steady_clock::time_point deadline_ =
        std::chrono::steady_clock::now() + options_.time_max;
    Material material_;
    std::vector<const _xmlNode*> covered_;
    bool covers_all_ = false;
    bool covers_beside_ = false;
};

Report judged(hsm::ByteView document,
              hsm::ByteView text,
              std::optional<hsm::ByteView> beside,
              const Options& options) {
    auto report = report_about(document, options);
    const auto file = XmlFile::parse(text);
    if (file) {
        XmlJudge(*file, options).judge(report, beside);
    } else {
        add(report.findings, Code::unreadable, file.error().detail);
    }
    return report;
}

}  // namespace

Report verify_xml(hsm::ByteView document, const Options& options) {
    return judged(document, document, std::nullopt, options);
}

Report verify_xml_beside(hsm::ByteView document, hsm::ByteView signature, const Options& options) {
    return judged(document, signature, document, options);
}

bool is_xml(hsm::ByteView file) {
    return XmlFile::looks_like(file);
}

}  // namespace cloudsign::verify
