#include "cloudsign/revision/standing.h"

#include <algorithm>
#include <memory>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/pdf_signatures.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/revision/terms.h"

namespace cloudsign::revision {
namespace {

using document::CmsContents;
using document::PdfField;
using document::PdfFile;
using document::PdfForm;
using document::PdfSigned;
using document::with_qpdf;

constexpr std::string_view blanks = " \t\r\n\f";

Error refusal(const std::string& what) {
    return {ErrorKind::invalid,
            what + " Nothing is put behind it; `kyso verify` tells all that is known."};
}

// A signature with what it lets others do.
struct Standing {
    PdfSigned place;
    std::unique_ptr<PdfFile> revision;  // of the last one alone
    std::optional<PdfForm> form;
    Terms terms;
};

class Check {
public:
    explicit Check(hsm::ByteView pdf) : pdf_(pdf) {}

    Result<void> run() {
        TRY_ASSIGN(auto places, document::read_signatures(pdf_));
        if (places.empty()) {
            return {};
        }
        if (places.size() > signatures_max) {
            return refusal("The PDF has more than " + std::to_string(signatures_max) +
                           " signatures.");
        }
        for (auto& place : places) {
            TRY(add(std::move(place)));
        }
        const auto& last = *standing_.back();
        const auto rest = hsm::text_of(pdf_).substr(last.place.end);
        if (rest.find_first_not_of(blanks) == std::string_view::npos) {
            return {};
        }
        const auto end = document::end_of_pdf(pdf_);
        if (!end || hsm::text_of(pdf_).substr(end->end).find_first_not_of(blanks) !=
                        std::string_view::npos) {
            return refusal("There are bytes behind the end of the PDF, which is signed.");
        }
        TRY_ASSIGN(const auto whole, PdfFile::open(pdf_));
        return compare(*last.revision, *whole, std::nullopt);
    }

private:
    Result<void> add(PdfSigned place) {
        auto file = PdfFile::open(place.revision(pdf_));
        if (!file || (*file)->is_hybrid()) {
            return refusal("What the signature \"" + place.field +
                           "\" covers cannot be read in one way only" +
                           (file ? "." : ": " + file.error().detail));
        }
        auto one = std::make_unique<Standing>();
        one->revision = *std::move(file);
        TRY(read_terms(place, *one));
        TRY(check_value(place));
        if (!standing_.empty()) {
            const Ending ending{place.place.contents, place.is_timestamp};
            TRY(compare(*standing_.back()->revision, *one->revision, ending));
            standing_.back()->revision.reset();
        }
        one->place = std::move(place);
        standing_.push_back(std::move(one));
        return {};
    }

    Result<void> read_terms(const PdfSigned& place, Standing& one) {
        return with_qpdf([&]() -> Result<void> {
            TRY_ASSIGN(auto form, PdfForm::read(*one.revision));
            const auto found = std::ranges::find_if(form.fields(), [&](PdfField& field) {
                return field.is_signed() && contents_offset(field.value) == place.place.contents;
            });
            if (found == form.fields().end()) {
                return refusal("The signature \"" + place.field + "\" is not in what it covers.");
            }
            one.terms.permission = permission_of(found->value);
            one.terms.certified = one.terms.permission != 0 || standing_.empty()
                                      ? one.terms.permission
                                      : standing_.back()->terms.certified;
            one.form = std::move(form);
            one.terms.form = &*one.form;
            return {};
        });
    }

    // Of a kind that is read here; time-stamps are judged by who needs them.
    Result<void> check_value(const PdfSigned& place) const {
        const auto cms = CmsContents::read(place.contents);
        if (place.is_timestamp || !cms) {
            return {};
        }
        const auto stands =
            cms->check(document::hash_around(place.revision(pdf_), place.place, cms->digest()));
        return stands ? Result<void>()
                      : refusal("The signature \"" + place.field +
                                "\" does not stand: " + stands.error().detail + ".");
    }

    Result<void> compare(PdfFile& before, PdfFile& after, const std::optional<Ending>& ending) {
        TRY_ASSIGN(const auto changes, with_qpdf([&]() -> Result<std::vector<Change>> {
                       return changes_between(before, after, ending);
                   }));
        for (const auto& one : standing_) {
            for (const auto& change : changes) {
                if (ruling_on(change, one->terms) != Ruling::allowed) {
                    return refusal("The PDF was changed after \"" + one->place.field +
                                   "\" had signed it (" + std::string(name_of(change.kind)) +
                                   (change.detail.empty() ? "" : " " + change.detail) + ").");
                }
            }
        }
        return {};
    }

    const hsm::ByteView pdf_;
    std::vector<std::unique_ptr<Standing>> standing_;
};

}  // namespace

Result<void> check_standing(hsm::ByteView pdf) {
    return Check(pdf).run();
}

}  // namespace cloudsign::revision
