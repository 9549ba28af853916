#include "cloudsign/document/pdf_signature.h"

#include <algorithm>
#include <ctime>

#include "cloudsign/document/pdf_field_texts.h"
#include "cloudsign/document/pdf_placeholder.h"
#include "cloudsign/document/pdf_signature_field.h"
#include "cloudsign/document/pdf_signature_value.h"
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

QPDFObjectHandle signature_dictionary(const PdfSignature& wish,
                                      const FieldTexts& fill,
                                      QPDFObjectHandle root) {
    auto dictionary = QPDFObjectHandle::parse(
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached >>");
    dictionary.replaceKey("/M", QPDFObjectHandle::newString(pdf_date(wish.time_ms)));
    if (!wish.reason.empty()) {
        dictionary.replaceKey("/Reason", QPDFObjectHandle::newUnicodeString(wish.reason));
    }
    if (!wish.location.empty()) {
        dictionary.replaceKey("/Location", QPDFObjectHandle::newUnicodeString(wish.location));
    }
    auto references = QPDFObjectHandle::newArray();
    if (wish.certification == Certification::fields_only) {
        references.appendItem(
            QPDFObjectHandle::parse("<< /Type /SigRef /TransformMethod /DocMDP /TransformParams "
                                    "<< /Type /TransformParams /P 2 /V /1.2 >> >>"));
    }
    if (!fill.empty()) {
        references.appendItem(lock_on(fill, root));
    }
    if (references.getArrayNItems() > 0) {
        dictionary.replaceKey("/Reference", references);
    }
    return dictionary;
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
        TRY_ASSIGN(const auto fill, by_names_of_form(form, wish.fill));
        const auto signature =
            signature_value(signature_dictionary(wish, fill, file->root()), prepared.room);
        auto value = increment.add_body(signature.text);
        TRY_ASSIGN(prepared.field, place_field(*file, form, increment, value, wish));
        TRY(fill_in_texts(*file, form, increment, fill));
        if (wish.certification != Certification::none) {
            certify(*file, increment, value);
        }
        auto written = increment.write();
        TRY(file->check_undamaged());
        const auto value_at = written.offsets.at(value.getObjectID());
        if (pdf.size() + written.text.size() > pdf_size_max) {
            return invalid("The PDF is too large to be signed.");
        }
        auto parts = cut_at_contents(std::move(written.text), value_at, signature, pdf.size());
        prepared.before = std::move(parts.before);
        prepared.after = std::move(parts.after);
        return {};
    }));
    hash_document(prepared, pdf);
    TRY_ASSIGN(prepared.cms,
               prepare_cms(prepared.document_hash, chain.front(), algorithm, std::nullopt));
    return prepared;
}

std::string unsigned_increment(const PreparedPdf& prepared) {
    return prepared.before + "<" + std::string(2 * prepared.room, '0') + ">" + prepared.after;
}

Result<std::string> complete_pdf(const PreparedPdf& prepared,
                                 const Bytes& signature,
                                 const std::vector<Bytes>& chain) {
    TRY_ASSIGN(const auto cms, finish_cms(prepared.cms, prepared.algorithm, signature, chain));
    TRY_ASSIGN(const auto contents, contents_of(cms, prepared.room));
    std::string increment;
    increment.reserve(prepared.before.size() + contents.size() + prepared.after.size());
    increment.append(prepared.before).append(contents).append(prepared.after);
    return increment;
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
