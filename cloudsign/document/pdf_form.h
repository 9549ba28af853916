#pragma once

#include <string>
#include <vector>

#include "cloudsign/document/pdf_file.h"

namespace cloudsign::document {

// A field that holds a value (ISO 32000-2 §12.7.4).
struct PdfField {
    QPDFObjectHandle object;
    QPDFObjectHandle widget;  // the field itself where the two are merged
    QPDFObjectHandle value;   // of a signature field: its signature dictionary, or null
    std::string name;         // fully qualified
    bool is_signature = false;

    bool is_signed() { return is_signature && value.isDictionary(); }
    // Was prepared and waits: its value is the zeros that were kept for it.
    bool is_unfinished();
};

// What earlier signatures leave open to who comes after (ISO 32000-2 §12.8.2.2).
enum class Permission { anything, fields_only, nothing };

// The interactive form of a PDF, which may be none.
class PdfForm {
public:
    // `invalid`, in words: an XFA form, or fields that are no tree.
    static Result<PdfForm> read(PdfFile& file);

    std::vector<PdfField>& fields() { return fields_; }
    PdfField* find(const std::string& name);  // the first of that name
    bool has_signatures() const { return has_signatures_; }
    // `invalid`, in words, when a signature other than `but` was never finished: one behind it
    // covers its zeros, so that it could never be.
    Result<void> check_finished(const PdfField* but = nullptr);
    Permission permission() const { return permission_; }
    // True when a signature has locked the field of this name (FieldMDP, §12.8.2.4).
    bool is_locked(const std::string& name) const;
    // True when a field has this name, or stands below it.
    bool is_taken(const std::string& name) const;
    // `prefix` and a number: a name that is not taken.
    std::string free_name(const std::string& prefix) const;

private:
    struct Lock {
        std::string action;
        std::vector<std::string> names;
    };

    void walk(QPDFObjectHandle node, PdfField inherited, std::size_t depth);
    void read_permissions(QPDFObjectHandle signature);

    std::vector<PdfField> fields_;
    std::vector<Lock> locks_;
    bool has_signatures_ = false;
    Permission permission_ = Permission::anything;
};

}  // namespace cloudsign::document
