#include "cloudsign/document/pdf_signature.h"

#include <algorithm>
#include <ctime>

#include "cloudsign/document/appearance_form.h"
#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/document/pdf_placeholder.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/sha256.h"
#include "hsm/openssl/digest.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::document {
namespace {

namespace openssl = hsm::openssl;

// The chain and a timestamp with its own chain. Too little is not to be mended: another approval
// would be needed.
constexpr std::size_t room_beside_chain = 16 * 1024;
constexpr std::size_t room_min = 24 * 1024;
constexpr std::size_t byte_range_size = 60;
constexpr std::int64_t vietnam_offset_s = 7 * 3600;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// ISO 32000-2 §7.9.4.
std::string pdf_date(std::int64_t time_ms) {
    const auto local = static_cast<std::time_t>(time_ms / 1000 + vietnam_offset_s);
    std::tm parts{};
    gmtime_r(&local, &parts);
    char text[32];
    const auto size = std::strftime(text, sizeof text, "D:%Y%m%d%H%M%S+07'00'", &parts);
    return {text, size};
}

std::size_t room_for(const std::vector<Bytes>& chain) {
    std::size_t size = room_beside_chain;
    for (const auto& certificate : chain) {
        size += certificate.size();
    }
    return std::max(size, room_min);
}

Result<void> check_permission(PdfForm& form, const PdfSignature& wish) {
    if (form.permission() == Permission::nothing) {
        return invalid("The PDF is certified, and its certification forbids every change.");
    }
    if (wish.certification != Certification::none && form.has_signatures()) {
        return invalid("The PDF has a signature already: only the first one can certify it.");
    }
    if (!wish.field.empty() || form.permission() == Permission::anything) {
        return {};
    }
    return invalid(
        "The PDF is certified, and its certification lets no field be added: name an empty "
        "signature field of it.");
}

Result<PdfField*> find_empty(PdfForm& form, const std::string& name) {
    auto* field = form.find(name);
    if (field == nullptr || !field->is_signature) {
        return Error{ErrorKind::not_found, "The PDF has no signature field \"" + name + "\"."};
    }
    if (field->is_signed()) {
        return invalid("The signature field \"" + name + "\" is signed already.");
    }
    if (form.is_locked(name)) {
        return invalid("An earlier signature has locked the field \"" + name + "\".");
    }
    if (!field->object.isIndirect()) {
        return damaged("the field \"" + name + "\" is no object of its own");
    }
    return field;
}

// The object that must be written again when `holder`'s array `key` changes: the array itself where
// it is an object of its own.
void append(PdfIncrement& increment,
            QPDFObjectHandle holder,
            const std::string& key,
            QPDFObjectHandle item) {
    auto array = holder.getKey(key);
    if (!array.isArray()) {
        holder.replaceKey(key, QPDFObjectHandle::newArray({item}));
        increment.touch(holder);
        return;
    }
    array.appendItem(item);
    increment.touch(array.isIndirect() ? array : holder);
}

// An AcroForm of our own is an object of its own, so that the next signature leaves the catalog.
QPDFObjectHandle form_of(PdfFile& file, PdfIncrement& increment) {
    auto root = file.root();
    auto form = root.getKey("/AcroForm");
    if (form.isDictionary() && form.isIndirect()) {
        return form;
    }
    form = increment.add(form.isDictionary() ? form.shallowCopy()
                                             : QPDFObjectHandle::parse("<< /Fields [] >>"));
    root.replaceKey("/AcroForm", form);
    increment.touch(root);
    return form;
}

void set_signature_flags(PdfIncrement& increment, QPDFObjectHandle form) {
    constexpr long long exists_and_append_only = 3;
    auto flags = form.getKey("/SigFlags");
    const auto old = flags.isInteger() ? flags.getIntValue() : 0;
    if ((old & exists_and_append_only) != exists_and_append_only) {
        form.replaceKey("/SigFlags", QPDFObjectHandle::newInteger(old | exists_and_append_only));
        increment.touch(form);
    }
}

QPDFObjectHandle signature_dictionary(const PdfSignature& wish) {
    auto dictionary = QPDFObjectHandle::parse(
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached >>");
    dictionary.replaceKey("/M", QPDFObjectHandle::newString(pdf_date(wish.time_ms)));
    if (!wish.reason.empty()) {
        dictionary.replaceKey("/Reason", QPDFObjectHandle::newUnicodeString(wish.reason));
    }
    if (!wish.location.empty()) {
        dictionary.replaceKey("/Location", QPDFObjectHandle::newUnicodeString(wish.location));
    }
    if (wish.certification == Certification::fields_only) {
        dictionary.replaceKey(
            "/Reference",
            QPDFObjectHandle::parse("[ << /Type /SigRef /TransformMethod /DocMDP /TransformParams "
                                    "<< /Type /TransformParams /P 2 /V /1.2 >> >> ]"));
    }
    return dictionary;
}

// The dictionary's body with its two places, and where they are within it.
struct SignatureBody {
    std::string text;
    std::size_t byte_range = 0;
    std::size_t contents = 0;
};

SignatureBody signature_body(const PdfSignature& wish, std::size_t room) {
    SignatureBody body;
    body.text = "<< /ByteRange [";
    body.byte_range = body.text.size();
    body.text += std::string(byte_range_size, ' ') + "] /Contents ";
    body.contents = body.text.size();
    body.text += "<" + std::string(2 * room, '0') + ">";
    body.text += signature_dictionary(wish).unparse().substr(2);  // less its "<<"
    return body;
}

QPDFObjectHandle reals(const std::array<double, 4>& numbers) {
    auto array = QPDFObjectHandle::newArray();
    for (const double number : numbers) {
        array.appendItem(QPDFObjectHandle::newReal(number, 3));
    }
    return array;
}

Result<void> show(PdfIncrement& increment,
                  QPDFObjectHandle widget,
                  const PdfAppearance& appearance,
                  const PdfBox& box,
                  const ShownPage& page) {
    TRY_ASSIGN(const auto form, write_appearance(increment, appearance, box, page.rotation));
    widget.replaceKey("/AP", QPDFObjectHandle::newDictionary({{"/N", form}}));
    widget.replaceKey("/Rect", reals(user_rectangle(page, box)));
    if (page.rotation != 0) {
        widget.replaceKey(
            "/MK",
            QPDFObjectHandle::newDictionary({{"/R", QPDFObjectHandle::newInteger(page.rotation)}}));
    }
    return {};
}

Result<PdfBox> box_of(PdfField& field, const ShownPage& page) {
    auto rectangle = field.widget.getKey("/Rect");
    if (!rectangle.isRectangle()) {
        return invalid("The signature field \"" + field.name + "\" has no place on a page.");
    }
    const auto corners = rectangle.getArrayAsRectangle();
    const auto box = shown_box(page, {corners.llx, corners.lly, corners.urx, corners.ury});
    if (box.width <= 0 || box.height <= 0) {
        return invalid("The signature field \"" + field.name + "\" shows nothing.");
    }
    return box;
}

// In the rectangle that the field has already.
Result<void> show_in_field(PdfIncrement& increment,
                           PdfField& field,
                           const PdfAppearance& appearance) {
    auto page = PdfFile::with_inherited(field.widget.getKey("/P"));
    if (!page.object.isDictionary() || !field.widget.isIndirect()) {
        return invalid("The signature field \"" + field.name + "\" has no place on a page.");
    }
    TRY_ASSIGN(const auto shown, shown_page(page));
    TRY_ASSIGN(const auto box, box_of(field, shown));
    increment.touch(field.widget);
    return show(increment, field.widget, appearance, box, shown);
}

// Nghị định 30/2020: the seal covers about a third of the person's signature, on its left.
Result<PdfBox> seal_box(PdfForm& form, const PdfAppearance& seal, const ShownPage& page) {
    auto* field = form.find(seal.seal_over);
    TRY_ASSIGN(const auto signature, box_of(*field, page));
    return PdfBox{signature.x + signature.width / 3 - seal.seal_size,
                  signature.y + (signature.height - seal.seal_size) / 2,
                  seal.seal_size,
                  seal.seal_size};
}

Result<PdfPage> page_for(PdfFile& file, PdfForm& form, const PdfSignature& wish) {
    const auto& over = wish.appearance.seal_over;
    if (over.empty()) {
        return file.page(wish.page);
    }
    auto* field = form.find(over);
    auto page = field == nullptr ? QPDFObjectHandle() : field->widget.getKey("/P");
    if (!page.isInitialized() || !page.isDictionary()) {
        return Error{ErrorKind::not_found,
                     "The PDF has no signature \"" + over + "\" to put the seal over."};
    }
    return PdfFile::with_inherited(page);
}

Result<std::string> place_field(PdfFile& file,
                                PdfForm& form,
                                PdfIncrement& increment,
                                QPDFObjectHandle value,
                                const PdfSignature& wish) {
    auto acro_form = form_of(file, increment);
    set_signature_flags(increment, acro_form);
    if (!wish.field.empty()) {
        TRY_ASSIGN(auto* field, find_empty(form, wish.field));
        field->object.replaceKey("/V", value);
        increment.touch(field->object);
        if (!wish.appearance.is_empty()) {
            TRY(show_in_field(increment, *field, wish.appearance));
        }
        return wish.field;
    }
    const auto name = form.free_name();
    const auto& appearance = wish.appearance;
    TRY_ASSIGN(auto page, page_for(file, form, wish));
    auto widget = QPDFObjectHandle::parse(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /F 132 /Rect [0 0 0 0] >>");
    widget.replaceKey("/T", QPDFObjectHandle::newUnicodeString(name));
    widget.replaceKey("/V", value);
    widget.replaceKey("/P", page.object);
    if (!appearance.is_empty()) {
        TRY_ASSIGN(const auto shown, shown_page(page));
        auto placement = appearance;
        if (!appearance.seal_over.empty()) {
            TRY_ASSIGN(placement.box, seal_box(form, appearance, shown));
        }
        TRY_ASSIGN(const auto box, place(placement, shown));
        TRY(show(increment, widget, appearance, box, shown));
    }
    auto placed = increment.add(widget);
    append(increment, page.object, "/Annots", placed);
    append(increment, acro_form, "/Fields", placed);
    return name;
}

void certify(PdfFile& file, PdfIncrement& increment, QPDFObjectHandle value) {
    auto root = file.root();
    auto permissions = root.getKey("/Perms");
    if (!permissions.isDictionary()) {
        root.replaceKey("/Perms", QPDFObjectHandle::newDictionary());
        permissions = root.getKey("/Perms");
    }
    permissions.replaceKey("/DocMDP", value);
    increment.touch(permissions.isIndirect() ? permissions : root);
}

Bytes finish(EVP_MD_CTX* context) {
    Bytes hash(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    CHECK(EVP_DigestFinal_ex(context, hash.data(), &size) == 1);
    hash.resize(size);
    return hash;
}

// The file is read once for both hashes where they are of one kind.
void hash_document(PreparedPdf& prepared, hsm::ByteView pdf) {
    const openssl::EvpMdContextPtr whole(EVP_MD_CTX_new());
    const openssl::EvpMdContextPtr range(EVP_MD_CTX_new());
    const auto* digest = openssl::message_digest(prepared.algorithm.digest);
    CHECK(EVP_DigestInit_ex(whole.get(), EVP_sha256(), nullptr) == 1);
    CHECK(EVP_DigestUpdate(whole.get(), pdf.data(), pdf.size()) == 1);
    if (prepared.algorithm.digest == hsm::protocol::DigestAlgorithm::sha256) {
        CHECK(EVP_MD_CTX_copy_ex(range.get(), whole.get()) == 1);
    } else {
        CHECK(EVP_DigestInit_ex(range.get(), digest, nullptr) == 1);
        CHECK(EVP_DigestUpdate(range.get(), pdf.data(), pdf.size()) == 1);
    }
    for (const auto& part : {prepared.before, prepared.after}) {
        CHECK(EVP_DigestUpdate(range.get(), part.data(), part.size()) == 1);
    }
    prepared.base_size = pdf.size();
    prepared.base_hash = finish(whole.get());
    prepared.document_hash = finish(range.get());
}

// The two parts around the signature, ByteRange filled in.
void cut(PreparedPdf& prepared,
         std::string written,
         std::size_t body_at,
         const SignatureBody& body,
         std::size_t base_size) {
    const auto contents = body_at + body.contents;
    const auto behind = contents + 2 * prepared.room + 2;
    const auto range = "0 " + std::to_string(base_size + contents) + " " +
                       std::to_string(base_size + behind) + " " +
                       std::to_string(written.size() - behind);
    CHECK(range.size() <= byte_range_size);
    written.replace(body_at + body.byte_range, range.size(), range);
    prepared.after = written.substr(behind);
    written.resize(contents);
    prepared.before = std::move(written);
}

}  // namespace

Result<PreparedPdf> prepare_pdf(hsm::ByteView pdf,
                                const std::vector<Bytes>& chain,
                                const Algorithm& algorithm,
                                const PdfSignature& wish) {
    if (chain.empty()) {
        return invalid("the signer's certificate is missing");
    }
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    TRY_ASSIGN(auto form, PdfForm::read(*file));
    if (file->is_hybrid()) {
        return invalid(
            "The PDF has two cross-reference tables beside each other (hybrid), which "
            "readers follow differently.");
    }
    TRY(check_permission(form, wish));
    PreparedPdf prepared;
    prepared.algorithm = algorithm;
    prepared.room = room_for(chain);
    TRY(with_qpdf([&]() -> Result<void> {
        PdfIncrement increment(*file);
        const auto body = signature_body(wish, prepared.room);
        auto value = increment.add_body(body.text);
        TRY_ASSIGN(prepared.field, place_field(*file, form, increment, value, wish));
        if (wish.certification != Certification::none) {
            certify(*file, increment, value);
        }
        auto written = increment.write();
        TRY(file->check_undamaged());
        const auto body_at = written.offsets.at(value.getObjectID());
        if (pdf.size() + written.text.size() > pdf_size_max) {
            return invalid("The PDF is too large to be signed.");
        }
        cut(prepared, std::move(written.text), body_at, body, pdf.size());
        return {};
    }));
    hash_document(prepared, pdf);
    TRY_ASSIGN(prepared.cms,
               prepare_cms(prepared.document_hash, chain.front(), algorithm, std::nullopt));
    return prepared;
}

Result<std::string> complete_pdf(const PreparedPdf& prepared,
                                 const Bytes& signature,
                                 const std::vector<Bytes>& chain) {
    TRY_ASSIGN(const auto cms, finish_cms(prepared.cms, prepared.algorithm, signature, chain));
    TRY_ASSIGN(const auto contents, contents_of(cms, prepared.room));
    return prepared.before + contents + prepared.after;
}

Result<void> check_base(const PreparedPdf& prepared, hsm::ByteView pdf) {
    if (pdf.size() != prepared.base_size || !hsm::equal(sha256(pdf), prepared.base_hash)) {
        return Error{ErrorKind::conflict,
                     "The PDF is not the one that was prepared: somebody has changed or signed it "
                     "meanwhile."};
    }
    return {};
}

}  // namespace cloudsign::document
