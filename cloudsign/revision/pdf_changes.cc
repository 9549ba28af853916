#include "cloudsign/revision/pdf_changes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "cloudsign/document/appearance_content.h"
#include "cloudsign/document/appearance_form.h"
#include "cloudsign/document/pdf_geometry.h"
#include "cloudsign/revision/increments.h"
#include "cloudsign/revision/object_graph.h"

namespace cloudsign::revision {
namespace {

using document::PdfField;
using document::PdfFile;
using document::PdfForm;

// Of one kind: who changed fifty pages need not be told of the rest.
constexpr std::size_t alike_max = 50;

std::string number_of(QPDFObjGen id) {
    return std::to_string(id.getObj());
}

bool is_subset(const std::set<std::string>& keys, const std::set<std::string>& allowed) {
    return std::ranges::includes(allowed, keys);
}

// The items of an array as they are written.
std::vector<std::string> items_of(QPDFObjectHandle array) {
    std::vector<std::string> items;
    for (int i = 0; array.isArray() && i < array.getArrayNItems(); ++i) {
        items.push_back(array.getArrayItem(i).unparse());
    }
    return items;
}

// What `after` has beyond `before`; none when it has not all of that in that order.
std::optional<std::vector<std::string>> appended(const std::vector<std::string>& before,
                                                 const std::vector<std::string>& after) {
    std::vector<std::string> rest;
    auto old = before.begin();
    for (const auto& item : after) {
        if (old != before.end() && *old == item) {
            ++old;
        } else {
            rest.push_back(item);
        }
    }
    return old == before.end() ? std::optional(rest) : std::nullopt;
}

std::vector<QPDFObjectHandle> widgets_of(PdfField& field) {
    std::vector<QPDFObjectHandle> widgets{field.object};
    auto kids = field.object.getKey("/Kids");
    for (int i = 0; kids.isArray() && i < kids.getArrayNItems(); ++i) {
        widgets.push_back(kids.getArrayItem(i));
    }
    return widgets;
}

// Written otherwise, but where it was.
bool is_same_place(QPDFObjectHandle before, QPDFObjectHandle after) {
    auto then = before.getKey("/Rect");
    auto now = after.getKey("/Rect");
    if (!then.isRectangle() || !now.isRectangle()) {
        return !then.isRectangle() && !now.isRectangle();
    }
    constexpr double tolerance = 0.01;  // points
    const auto a = then.getArrayAsRectangle();
    const auto b = now.getArrayAsRectangle();
    return std::abs(a.llx - b.llx) < tolerance && std::abs(a.lly - b.lly) < tolerance &&
           std::abs(a.urx - b.urx) < tolerance && std::abs(a.ury - b.ury) < tolerance;
}

bool is_empty_box(QPDFObjectHandle widget) {
    auto box = widget.getKey("/Rect");
    if (!box.isRectangle()) {
        return true;
    }
    const auto area = box.getArrayAsRectangle();
    return area.llx == area.urx || area.lly == area.ury;
}

// 0 to 1 of what a page shows; 1 where that cannot be told.
double covered_part(QPDFObjectHandle object, QPDFObjectHandle widget) {
    auto page = PdfFile::with_inherited(object);
    const auto shown = document::shown_page(page);
    if (!shown) {
        return 1;
    }
    const auto box = widget.getKey("/Rect").getArrayAsRectangle();
    const auto length = [](double from, double to, double least, double most) {
        return std::max(0.0, std::min(to, most) - std::max(from, least));
    };
    const auto area = length(box.llx, box.urx, shown->x0, shown->x1) *
                      length(box.lly, box.ury, shown->y0, shown->y1);
    return area / (shown->width() * shown->height());
}

// Whatever a viewer may paint or do for it, beside what it paints for every empty field.
bool shows_nothing(PdfField& field) {
    return std::ranges::all_of(widgets_of(field), [](QPDFObjectHandle widget) {
        return std::ranges::none_of(std::initializer_list<const char*>{"/AP", "/MK", "/A", "/AA"},
                                    [&](const char* key) { return widget.hasKey(key); });
    });
}

bool is_invisible(PdfField& field) {
    return std::ranges::all_of(widgets_of(field), is_empty_box);
}

// Both have every warning of their own now; QPDF says in them where it had to choose.
void check_clearness(PdfFile& before, PdfFile& after) {
    if (after.warnings().empty()) {
        return;
    }
    edges_to(before, {});
    const auto& then = before.warnings();
    for (const auto& warning : after.warnings()) {
        if (std::ranges::find(then, warning) == then.end()) {
            throw std::runtime_error("what was added can be read in more than one way: " + warning);
        }
    }
}

class Comparison {
public:
    Comparison(PdfFile& before, PdfFile& after, const std::optional<Ending>& ending)
        : before_(before), after_(after), ending_(ending), difference_(difference(before, after)) {}

    std::vector<Change> run() {
        if (before_.root().getObjGen() != after_.root().getObjGen()) {
            say(ChangeKind::catalog_changed, "/Root");
            return std::move(changes_);
        }
        auto watched = difference_.changed;
        watched.insert(difference_.added.begin(), difference_.added.end());
        edges_ = edges_to(after_, watched);
        compare_catalog();
        compare_forms();
        compare_pages();
        compare_store();
        compare_metadata();
        judge_rest();
        check_clearness(before_, after_);
        return std::move(changes_);
    }

private:
    void say(ChangeKind kind, const std::string& detail = "") {
        std::size_t alike = 0;
        for (const auto& said : changes_) {
            if (said.kind == kind && (said.detail == detail || ++alike == alike_max)) {
                return;
            }
        }
        changes_.push_back({kind, detail});
    }

    bool is_changed(QPDFObjectHandle object) const {
        return object.isIndirect() && difference_.changed.contains(object.getObjGen());
    }
    bool is_new(QPDFObjectHandle object) const {
        return !object.isIndirect() || difference_.added.contains(object.getObjGen());
    }

    // A changed object is explained where everything that refers to it does so in this role: what
    // is two things at once would change the other one unseen.
    template <class Is>
    void explain(QPDFObjectHandle object, const Is& is_role) {
        if (!is_changed(object)) {
            return;
        }
        const auto id = object.getObjGen();
        const auto& edges = edges_[id];
        if (std::ranges::all_of(edges, is_role)) {
            explained_.insert(id);
        }
    }

    void compare_catalog() {
        static const std::set<std::string> judged_elsewhere{
            "/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"};
        auto root = after_.root();
        for (const auto& key : differing_keys(before_.root(), root)) {
            if (!judged_elsewhere.contains(key)) {
                say(ChangeKind::catalog_changed, key);
            }
        }
        // A signature names it as what its transform method is about (§12.8.1, table 256).
        explain(root, [](const Edge& edge) {
            return edge.top == "/Root" || (edge.top == "/Reference" && edge.last == "/Data");
        });
    }

    // ---- the form

    void compare_forms() {
        auto then = before_.root().getKey("/AcroForm");
        auto now = after_.root().getKey("/AcroForm");
        const bool is_first = !then.isDictionary();
        for (const auto& key : differing_keys(then, now)) {
            // A reader may need both to show what it fills in.
            const bool is_supplied =
                (key == "/DR" || key == "/DA") && (is_first || !then.hasKey(key));
            if (key != "/Fields" && key != "/SigFlags" && !is_supplied) {
                say(ChangeKind::form_changed, key);
            }
        }
        const auto root = after_.root().getObjGen();
        const auto form = now.isIndirect() ? now.getObjGen() : root;
        explain(now,
                [&](const Edge& edge) { return edge.owner == root && edge.last == "/AcroForm"; });
        explain(now.getKeyIfDict("/Fields"),
                [&](const Edge& edge) { return edge.owner == form && edge.last == "/Fields"; });
        if (!appended(items_of(then.getKeyIfDict("/Fields")),
                      items_of(now.getKeyIfDict("/Fields")))) {
            say(ChangeKind::form_changed, "/Fields");
        }
        compare_fields();
    }

    void compare_fields() {
        auto then = PdfForm::read(before_);
        auto now = PdfForm::read(after_);
        if (!then || !now) {
            throw std::runtime_error("its form cannot be read");
        }
        std::map<QPDFObjGen, PdfField*> known;
        for (auto& field : then->fields()) {
            known[field.object.getObjGen()] = &field;
        }
        for (auto& field : now->fields()) {
            const auto found = known.find(field.object.getObjGen());
            const bool is_old = field.object.isIndirect() && found != known.end();
            is_old ? compare_field(*found->second, field) : judge_new_field(field);
        }
    }

    bool ends_here(PdfField& field) const {
        return ending_ && field.is_signed() && contents_offset(field.value) == ending_->contents;
    }

    void judge_new_field(PdfField& field) {
        if (ends_here(field)) {
            own_widgets_.insert(field.widget.unparse());
            shown_[field.widget.unparse()] = field.name;
            if (ending_->is_timestamp) {
                // Anybody gets one for anything: what it shows is nobody's word.
                say(is_invisible(field) ? ChangeKind::timestamp_added : ChangeKind::form_changed,
                    field.name);
                return;
            }
            say(ChangeKind::signature_added, field.name);
            return;
        }
        const bool is_harmless = field.is_signature && !field.value.isDictionary() &&
                                 is_new(field.object) && shows_nothing(field);
        say(is_harmless ? ChangeKind::empty_field_added : ChangeKind::form_changed, field.name);
        if (is_harmless) {
            own_widgets_.insert(field.widget.unparse());
        }
    }

    void compare_field(PdfField& then, PdfField& now) {
        std::set<std::string> keys;
        bool is_touched = false;
        bool is_in_place = true;
        for (auto& widget : widgets_of(now)) {
            if (is_changed(widget)) {
                is_touched = true;
                is_in_place =
                    is_in_place &&
                    is_same_place(before_.pdf().getObjectByObjGen(widget.getObjGen()), widget);
                keys.merge(
                    differing_keys(before_.pdf().getObjectByObjGen(widget.getObjGen()), widget));
                explain(widget, [](const Edge&) { return true; });
                explain_appearance(widget);
            }
        }
        if (then.is_signature && now.is_signature && ends_here(now) && !then.is_signed()) {
            own_widgets_.insert(now.widget.unparse());
            shown_[now.widget.unparse()] = now.name;
            static const std::set<std::string> signing{
                "/AP", "/AS", "/F", "/M", "/MK", "/P", "/Rect", "/V"};
            const bool is_seen_stamp = ending_->is_timestamp && !is_invisible(now);
            say(is_subset(keys, signing) && is_in_place && !is_seen_stamp
                    ? ChangeKind::signature_filled
                    : ChangeKind::form_changed,
                now.name);
            return;
        }
        if (!is_touched) {
            return;
        }
        if (then.is_signature) {
            say(ChangeKind::signature_changed, now.name);
            return;
        }
        static const std::set<std::string> filling{"/AP", "/AS", "/I", "/M", "/V"};
        if (!is_subset(keys, filling)) {
            say(ChangeKind::form_changed, now.name);
            return;
        }
        // Who paints over an empty field without giving it a value fills nothing in; nor who fills
        // in one that showed something already, whose drawing may be another where it was.
        const bool shows_already = std::ranges::any_of(widgets_of(then), document::paints_content);
        const bool is_filling =
            !holds_value(then) && !shows_already && (holds_value(now) || !keys.contains("/AP"));
        say(is_filling ? ChangeKind::form_filled : ChangeKind::value_changed, now.name);
    }

    // An appearance may be written over the one that was there, if nobody else shows it.
    void explain_appearance(QPDFObjectHandle widget) {
        const auto owner = widget.getObjGen();
        for (const auto& [id, edges] : edges_) {
            const bool is_its = !edges.empty() && std::ranges::all_of(edges, [&](const Edge& edge) {
                return edge.owner == owner && edge.top == "/AP";
            });
            if (is_its && difference_.changed.contains(id)) {
                explained_.insert(id);
            }
        }
    }

    // ---- pages

    void compare_pages() {
        auto then = pages_of(before_);
        auto now = pages_of(after_);
        const bool is_same_list = std::ranges::equal(
            then, now, [](auto a, auto b) { return a.getObjGen() == b.getObjGen(); });
        if (!is_same_list) {
            say(ChangeKind::page_changed, "");
            return;
        }
        for (std::size_t i = 0; i < now.size(); ++i) {
            page_numbers_[now[i].getObjGen()] = i + 1;
        }
        for (std::size_t i = 0; i < now.size(); ++i) {
            const auto number = std::to_string(i + 1);
            compare_page(then[i], now[i], number);
            tell_what_is_shown(now[i], number);
        }
    }

    // Where the signature that ends this revision paints.
    void tell_what_is_shown(QPDFObjectHandle page, const std::string& number) {
        auto annotations = page.getKey("/Annots");
        for (int i = 0;
             !shown_.empty() && annotations.isArray() && i < annotations.getArrayNItems();
             ++i) {
            auto widget = annotations.getArrayItem(i);
            const auto field = shown_.find(widget.unparse());
            const bool paints = widget.hasKey("/AP") || widget.hasKey("/MK");
            if (field == shown_.end() || is_empty_box(widget) || !paints) {
                continue;
            }
            say(ChangeKind::signature_shown, field->second + " (" + number + ")");
            if (covered_part(page, widget) > document::covered_part_max) {
                say(ChangeKind::page_covered, number);
            }
        }
    }

    void compare_page(QPDFObjectHandle then, QPDFObjectHandle now, const std::string& number) {
        if (is_changed(now)) {
            if (!is_subset(differing_keys(then, now), {"/Annots"})) {
                say(ChangeKind::page_changed, number);
                return;
            }
            explain(now, [](const Edge&) { return true; });
        }
        auto annotations = now.getKey("/Annots");
        const auto page = now.getObjGen();
        explain(annotations,
                [&](const Edge& edge) { return edge.owner == page && edge.top == "/Annots"; });
        if (!is_changed(now) && !is_changed(annotations)) {
            explain_annotations(annotations, number);
            return;
        }
        const auto added = appended(items_of(then.getKey("/Annots")), items_of(annotations));
        if (!added) {
            say(ChangeKind::page_changed, number);
            return;
        }
        for (const auto& item : *added) {
            if (!own_widgets_.contains(item)) {
                say(ChangeKind::annotation, number);
            }
        }
        explain_annotations(annotations, number);
    }

    void explain_annotations(QPDFObjectHandle annotations, const std::string& number) {
        for (int i = 0; annotations.isArray() && i < annotations.getArrayNItems(); ++i) {
            auto annotation = annotations.getArrayItem(i);
            if (!is_changed(annotation) || explained_.contains(annotation.getObjGen())) {
                continue;
            }
            if (annotation.isDictionary() &&
                !annotation.getKey("/Subtype").isNameAndEquals("/Widget")) {
                explain(annotation, [](const Edge&) { return true; });
                explain_appearance(annotation);
                say(ChangeKind::annotation, number);
            }
        }
    }

    // ---- what is not shown

    // ISO 32000-2 §12.8.4.3: its dictionaries and arrays; the streams in them are never changed.
    void compare_store() {
        auto store = after_.root().getKey("/DSS");
        if (!store.isDictionary()) {
            return;
        }
        const auto root = after_.root().getObjGen();
        std::set<QPDFObjGen> members{root};
        bool is_touched = !before_.root().getKey("/DSS").isDictionary() ||
                          store.unparse() != before_.root().getKey("/DSS").unparse();
        const auto take = [&](QPDFObjectHandle part) {
            is_touched = is_touched || is_changed(part);
            explain(part, [&](const Edge& edge) {
                return members.contains(edge.owner) && (edge.owner != root || edge.top == "/DSS");
            });
            if (part.isIndirect()) {
                members.insert(part.getObjGen());
            }
        };
        take(store);
        auto entries = store.getKey("/VRI");
        for (const auto* key : {"/Certs", "/OCSPs", "/CRLs"}) {
            take(store.getKey(key));
        }
        take(entries);
        for (auto& [name, entry] : entries.isDictionary()
                                       ? entries.getDictAsMap()
                                       : std::map<std::string, QPDFObjectHandle>()) {
            auto one = QPDFObjectHandle(entry);
            take(one);
            for (const auto* key : {"/Cert", "/OCSP", "/CRL"}) {
                if (one.isDictionary()) {
                    take(one.getKey(key));
                }
            }
        }
        if (is_touched) {
            say(ChangeKind::security_store);
        }
    }

    void compare_metadata() {
        const auto root = after_.root().getObjGen();
        auto now = after_.root().getKey("/Metadata");
        auto then = before_.root().getKey("/Metadata");
        auto about = after_.pdf().getTrailer().getKey("/Info");
        auto about_then = before_.pdf().getTrailer().getKey("/Info");
        explain(now,
                [&](const Edge& edge) { return edge.owner == root && edge.top == "/Metadata"; });
        explain(about, [](const Edge& edge) { return edge.top == "/Info"; });
        if (is_changed(now) || is_changed(about) || now.unparse() != then.unparse() ||
            about.unparse() != about_then.unparse()) {
            say(ChangeKind::metadata);
        }
    }

    // ---- what nothing explains

    void judge_rest() {
        for (const auto& [id, edges] : edges_) {
            if (difference_.changed.contains(id) && !explained_.contains(id)) {
                say_changed(id, edges);
            }
            for (const auto& edge : edges) {
                const bool is_known = edge.owner.getObj() == 0 || difference_.concerns(edge.owner);
                if (difference_.added.contains(id) && !is_known) {
                    say(ChangeKind::object_supplied, number_of(id));
                }
            }
        }
        if (!difference_.removed.empty()) {
            for (const auto& [id, edges] : edges_to(before_, difference_.removed)) {
                say(ChangeKind::object_removed, number_of(id));
            }
        }
    }

    void say_changed(QPDFObjGen id, const std::set<Edge>& edges) {
        for (const auto& edge : edges) {
            const auto page = page_numbers_.find(edge.owner);
            if (page != page_numbers_.end() && edge.top != "/Annots" && edge.top != "/Parent") {
                say(ChangeKind::page_changed, std::to_string(page->second));
                return;
            }
        }
        say(ChangeKind::object_changed, number_of(id));
    }

    PdfFile& before_;
    PdfFile& after_;
    const std::optional<Ending>& ending_;
    Difference difference_;
    Edges edges_;
    std::set<QPDFObjGen> explained_;
    std::set<std::string> own_widgets_;         // as an /Annots array has them
    std::map<std::string, std::string> shown_;  // of those that end here, the field's name
    std::map<QPDFObjGen, std::size_t> page_numbers_;
    std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> changes_between(PdfFile& before,
                                    PdfFile& after,
                                    const std::optional<Ending>& ending) {
    check_increments(before, after);
    return Comparison(before, after, ending).run();
}

bool holds_value(PdfField& field) {
    const auto is_something = [](QPDFObjectHandle value) {
        const bool is_nothing = value.isNull() || value.isNameAndEquals("/Off") ||
                                (value.isString() && value.getStringValue().empty()) ||
                                (value.isArray() && value.getArrayNItems() == 0);
        return !is_nothing;
    };
    return is_something(field.value) ||
           std::ranges::any_of(widgets_of(field), [&](QPDFObjectHandle widget) {
               return widget.isDictionary() && is_something(widget.getKey("/AS"));
           });
}

std::size_t contents_offset(QPDFObjectHandle signature) {
    auto contents = signature.isDictionary() ? signature.getKey("/Contents") : QPDFObjectHandle();
    if (!contents.isInitialized() || !contents.isString() || contents.isIndirect() ||
        contents.getParsedOffset() < 0) {
        return 0;
    }
    return static_cast<std::size_t>(contents.getParsedOffset());
}

}  // namespace cloudsign::revision
