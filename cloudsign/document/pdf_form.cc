#include "cloudsign/document/pdf_form.h"

#include <algorithm>

#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t field_depth_max = 32;
constexpr std::size_t fields_max = 100'000;

// A kid with a partial name is a field; one without is a widget of its parent.
bool has_field_kids(QPDFObjectHandle kids) {
    for (int i = 0; kids.isArray() && i < kids.getArrayNItems(); ++i) {
        if (kids.getArrayItem(i).getKeyIfDict("/T").isString()) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool PdfField::is_unfinished() {
    auto contents = is_signed() ? value.getKey("/Contents") : QPDFObjectHandle::newNull();
    return contents.isString() &&
           contents.getStringValue().find_first_not_of('\0') == std::string::npos;
}

Result<PdfForm> PdfForm::read(PdfFile& file) {
    return with_qpdf([&]() -> Result<PdfForm> {
        PdfForm form;
        auto acro_form = file.root().getKeyIfDict("/AcroForm");
        if (acro_form.getKeyIfDict("/XFA").isInitialized() &&
            !acro_form.getKeyIfDict("/XFA").isNull()) {
            return Error{ErrorKind::invalid,
                         "The PDF is an XFA form, which shows what a signature does not cover: "
                         "print it to a PDF first."};
        }
        auto top = acro_form.getKeyIfDict("/Fields");
        for (int i = 0; top.isArray() && i < top.getArrayNItems(); ++i) {
            form.walk(top.getArrayItem(i), PdfField{}, 0);
        }
        for (auto& field : form.fields_) {
            if (field.is_signed()) {
                form.has_signatures_ = true;
                form.read_permissions(field.value);
            }
        }
        auto certified = file.root().getKeyIfDict("/Perms").getKeyIfDict("/DocMDP");
        if (certified.isDictionary()) {
            form.has_signatures_ = true;
            form.read_permissions(certified);
        }
        TRY(file.check_undamaged());
        return form;
    });
}

void PdfForm::walk(QPDFObjectHandle node, PdfField inherited, std::size_t depth) {
    if (depth > field_depth_max || fields_.size() > fields_max) {
        throw std::runtime_error("its form is too deep or too large");
    }
    if (!node.isDictionary()) {
        return;
    }
    if (node.getKey("/T").isString()) {
        inherited.name += (inherited.name.empty() ? "" : ".") + node.getKey("/T").getUTF8Value();
    }
    if (node.hasKey("/FT")) {
        inherited.is_signature = node.getKey("/FT").isNameAndEquals("/Sig");
    }
    if (node.hasKey("/V")) {
        inherited.value = node.getKey("/V");
    }
    auto kids = node.getKey("/Kids");
    if (has_field_kids(kids)) {
        for (int i = 0; i < kids.getArrayNItems(); ++i) {
            walk(kids.getArrayItem(i), inherited, depth + 1);
        }
        return;
    }
    inherited.object = node;
    inherited.widget = node;
    if (kids.isArray() && kids.getArrayNItems() > 0) {
        inherited.widget = kids.getArrayItem(0);
    }
    if (!inherited.value.isInitialized()) {
        inherited.value = QPDFObjectHandle::newNull();
    }
    fields_.push_back(std::move(inherited));
}

void PdfForm::read_permissions(QPDFObjectHandle signature) {
    auto references = signature.getKey("/Reference");
    for (int i = 0; references.isArray() && i < references.getArrayNItems(); ++i) {
        auto reference = references.getArrayItem(i);
        auto method = reference.getKeyIfDict("/TransformMethod");
        auto parameters = reference.getKeyIfDict("/TransformParams");
        auto level = parameters.getKeyIfDict("/P");
        const bool is_no_change = level.isInteger() && level.getIntValue() == 1;
        if (method.isNameAndEquals("/DocMDP")) {
            permission_ =
                std::max(permission_, is_no_change ? Permission::nothing : Permission::fields_only);
        }
        if (!method.isNameAndEquals("/FieldMDP")) {
            continue;
        }
        if (is_no_change) {
            permission_ = Permission::nothing;
        }
        Lock lock;
        auto action = parameters.getKeyIfDict("/Action");
        lock.action = action.isName() ? action.getName() : "/All";
        auto names = parameters.getKeyIfDict("/Fields");
        for (int k = 0; names.isArray() && k < names.getArrayNItems(); ++k) {
            if (names.getArrayItem(k).isString()) {
                lock.names.push_back(names.getArrayItem(k).getUTF8Value());
            }
        }
        locks_.push_back(std::move(lock));
    }
}

Result<void> PdfForm::check_finished(const PdfField* but) {
    for (auto& field : fields_) {
        if (&field != but && field.is_unfinished()) {
            return Error{
                ErrorKind::invalid,
                "The signature \"" + field.name +
                    "\" was prepared and has not been signed, and could not be any more "
                    "behind another one: finish it first, or take the PDF as it was before."};
        }
    }
    return {};
}

PdfField* PdfForm::find(const std::string& name) {
    const auto found =
        std::ranges::find_if(fields_, [&](const PdfField& field) { return field.name == name; });
    return found == fields_.end() ? nullptr : &*found;
}

bool PdfForm::is_locked(const std::string& name) const {
    return std::ranges::any_of(locks_, [&](const Lock& lock) {
        // A name stands for all fields below it, too.
        const bool is_named = std::ranges::any_of(lock.names, [&](const std::string& locked) {
            return name == locked || name.starts_with(locked + ".");
        });
        return lock.action == "/Include" ? is_named : lock.action != "/Exclude" || !is_named;
    });
}

bool PdfForm::is_taken(const std::string& name) const {
    return std::ranges::any_of(fields_, [&](const PdfField& field) {
        return field.name == name || field.name.starts_with(name + ".");
    });
}

std::string PdfForm::free_name(const std::string& prefix) const {
    for (std::size_t number = 1;; ++number) {
        auto name = prefix + std::to_string(number);
        if (!is_taken(name)) {
            return name;
        }
    }
}

}  // namespace cloudsign::document
