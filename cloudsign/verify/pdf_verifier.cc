#include <algorithm>
#include <memory>

#include "cloudsign/document/pdf_security_store.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/revision/terms.h"
#include "cloudsign/sha256.h"
#include "cloudsign/verify/pdf_signers.h"
#include "cloudsign/verify/signature_parts.h"
#include "cloudsign/verify/verifier.h"

namespace cloudsign::verify {
namespace {

using document::PdfField;
using document::PdfFile;
using document::PdfForm;
using document::with_qpdf;
using revision::Change;
using revision::ChangeKind;
using revision::Ending;
using revision::Ruling;

constexpr std::string_view end_mark = "%%EOF";
constexpr auto hybrid_words = "two cross-reference tables beside each other (hybrid)";
constexpr std::string_view blanks = " \t\r\n\f";
constexpr int cuts_max = 8;

// Behind the line's end, if one stands at `at`.
std::size_t end_of_line(std::string_view text, std::size_t at) {
    at += text.substr(at).starts_with('\r') ? 1 : 0;
    return at + (text.substr(at).starts_with('\n') ? 1 : 0);
}

class PdfVerifier {
public:
    PdfVerifier(hsm::ByteView pdf, const Options& options)
        : pdf_(pdf),
          options_(options),
          anchors_(pki::store_of(options.anchors, std::nullopt)),
          setting_{anchors_.get(), options.now_ms, options.fetch ? &options.fetch : nullptr},
          deadline_(std::chrono::steady_clock::now() + options.time_max) {}

    Report run() {
        report_.size = pdf_.size();
        report_.checked_at_ms = options_.now_ms;
        report_.is_online = static_cast<bool>(options_.fetch);
        const auto hash = sha256(pdf_);
        report_.hash.assign(hash.begin(), hash.end());
        const auto done = with_qpdf([&]() -> Result<void> {
            TRY(open());
            read_material();
            return {};
        });
        if (!done) {
            add(report_.findings, Code::unreadable, done.error().detail);
            return std::move(report_);
        }
        judge_trailing();
        check_values();
        compare_revisions();
        judge_timestamps();
        for (auto& signature : signatures_) {
            judge(signature);
        }
        for (auto& signature : signatures_) {
            report_.signatures.push_back(std::move(signature.report));
        }
        return std::move(report_);
    }

private:
    bool is_late() {
        if (std::chrono::steady_clock::now() < deadline_) {
            return false;
        }
        if (!has(report_.findings, Code::too_long)) {
            add(report_.findings, Code::too_long);
        }
        return true;
    }

    // ---- what there is

    Result<void> open() {
        const auto opened = read(pdf_);
        return opened || !document::is_damaged(opened.error()) ? opened
                                                               : open_without_end(opened.error());
    }

    // The file and its signatures; nothing of them when it is damaged anywhere.
    Result<void> read(hsm::ByteView bytes) {
        const auto known = report_.findings.size();
        const auto done = with_qpdf([&]() -> Result<void> {
            TRY_ASSIGN(file_, PdfFile::open(bytes));
            return list_signatures();
        });
        if (!done) {
            signatures_.clear();
            report_.findings.resize(known);
        }
        return done;
    }

    // The last revision that is whole: what was behind it is lost, was never a PDF, or could be
    // read as more than one.
    Result<void> open_without_end(const Error& error) {
        const auto text = hsm::text_of(pdf_);
        const bool has_end = document::end_of_pdf(pdf_).has_value();
        auto at = text.size();
        for (int cut = 0; cut < cuts_max && at > 0 && !is_late(); ++cut) {
            at = text.rfind(end_mark, at - 1);
            if (at == std::string_view::npos) {
                break;
            }
            const auto whole = pdf_.first(end_of_line(text, at + end_mark.size()));
            if (whole.size() < pdf_.size() && read(whole)) {
                const auto rest = std::to_string(pdf_.size() - whole.size()) + " B";
                has_end ? add(report_.findings,
                              Code::update_unreadable,
                              rest + ": " + document::what_is_damaged(error))
                        : add(report_.findings, Code::truncated, rest);
                return {};
            }
        }
        return error;
    }

    Result<void> list_signatures() {
        TRY_ASSIGN(auto list, list_pdf_signatures(*file_));
        signatures_ = std::move(list.signatures);
        if (list.is_cut) {
            add(report_.findings, Code::too_many_signatures);
        }
        if (signatures_.empty()) {
            add(report_.findings, Code::no_signature);
        }
        if (file_->is_hybrid()) {
            add(report_.findings, Code::ambiguous, hybrid_words);
        }
        return file_->check_undamaged();
    }

    void read_material() {
        for (auto& signature : signatures_) {
            const auto& value = signature.place.value;
            if (value.empty() || value.size() > cms_size_max) {
                continue;
            }
            const auto bytes = hsm::view_of(value);
            std::size_t used = 0;
            signature.cms = Cms::read(bytes, used);
            if (!signature.cms) {
                add(signature.report.findings, Code::cms_malformed);
                continue;
            }
            signature.cms->collect(material_.pool, material_.evidence);
            if (value.find_first_not_of('\0', used) != std::string::npos) {
                add(signature.report.findings, Code::contents_padding);
            }
        }
        const auto store = document::read_security_store(file_->bytes());
        if (!store) {
            add(report_.findings, Code::store_unreadable, store.error().detail);
            return;
        }
        for (const auto& der : store->data.certificates) {
            material_.pool.add(der);
        }
        material_.evidence.add({store->data.ocsp_answers, store->data.lists});
    }

    // What lies behind the end that the file itself names is no part of it, but some read that.
    void judge_trailing() {
        const auto end = document::end_of_pdf(file_->bytes());
        if (!end) {
            add(report_.findings, Code::truncated, std::string(end_mark));
            return;
        }
        const auto rest = hsm::text_of(file_->bytes()).substr(end->end);
        const auto first = rest.find_first_not_of(blanks);
        if (first != std::string_view::npos) {
            add(report_.findings, Code::trailing_bytes, std::to_string(rest.size() - first) + " B");
        }
    }

    // ---- integrity

    Content content_of(const PdfSigner& signature) const {
        const auto& place = signature.place;
        const auto bytes = file_->bytes();
        return {bytes.first(place.hole), bytes.subspan(place.behind, place.end - place.behind)};
    }

    static bool is_supported(const PdfSigner& signature) {
        const auto& format = signature.report.format;
        return format == "ETSI.CAdES.detached" || format == "adbe.pkcs7.detached" ||
               format == "ETSI.RFC3161";
    }

    void check_values() {
        for (auto& signature : signatures_) {
            if (!signature.cms || !signature.place.stands() || is_late()) {
                continue;
            }
            if (!is_supported(signature)) {
                add(signature.report.findings, Code::format_unsupported, signature.report.format);
                continue;
            }
            if (signature.cms->signers() != 1) {
                add(signature.report.findings, Code::cms_signers);
                continue;
            }
            if (signature.is_timestamp()) {
                const auto stamp = check_timestamp(hsm::view_of(signature.place.value),
                                                   content_of(signature),
                                                   material_,
                                                   options_.now_ms,
                                                   {anchors_.get(), options_.now_ms, nullptr});
                signature.is_intact = stamp.is_intact;
                continue;
            }
            signature.checked = signature.cms->check(0, content_of(signature), material_.pool);
            take_facts(signature.report, *signature.checked);
            material_.evidence.add(signature.checked->evidence);
            std::size_t used = 0;
            const auto token = Cms::read(signature.checked->timestamp, used);
            if (token) {
                token->collect(material_.pool, material_.evidence);
            }
            signature.is_intact = signature.checked->is_intact;
        }
    }

    // ---- revisions

    void compare_revisions() {
        std::unique_ptr<PdfFile> before;
        int certified = 0;
        for (auto& signature : signatures_) {
            if (!signature.is_intact || is_late()) {
                continue;
            }
            auto revision = revision_of(signature);
            if (!revision) {
                signature.is_intact = false;
                continue;
            }
            certified = signature.report.permission != 0 ? signature.report.permission : certified;
            signature.certified = certified;
            if (before) {
                const Ending ending{signature.place.hole, signature.is_timestamp()};
                compare(*before, *revision, ending);
            }
            before = std::move(revision);
        }
        if (before && !is_late()) {
            const auto rest = hsm::text_of(file_->bytes()).substr(before->bytes().size());
            if (rest.find_first_not_of(blanks) != std::string_view::npos) {
                compare(*before, *file_, std::nullopt);
            }
        }
    }

    // What the signature covers, if that is a PDF which has it.
    std::unique_ptr<PdfFile> revision_of(PdfSigner& signature) {
        auto file = PdfFile::open(file_->bytes().first(signature.place.end));
        if (!file) {
            add(signature.report.findings, Code::revision_unreadable, file.error().detail);
            return nullptr;
        }
        if ((*file)->is_hybrid()) {
            add(signature.report.findings, Code::revision_unreadable, hybrid_words);
            return nullptr;
        }
        const auto is_in = with_qpdf([&]() -> Result<bool> {
            TRY_ASSIGN(auto form, PdfForm::read(**file));
            const bool has_it = std::ranges::any_of(form.fields(), [&](PdfField& field) {
                return field.is_signed() &&
                       revision::contents_offset(field.value) == signature.place.hole;
            });
            signature.form = std::move(form);
            signature.has_store = (*file)->root().getKey("/DSS").isDictionary();
            return has_it;
        });
        if (!is_in || !*is_in) {
            add(signature.report.findings, Code::not_in_revision);
            return nullptr;
        }
        return *std::move(file);
    }

    // Everybody who had signed by then learns of it.
    void compare(PdfFile& before, PdfFile& after, const std::optional<Ending>& ending) {
        const auto changes = with_qpdf([&]() -> Result<std::vector<Change>> {
            return revision::changes_between(before, after, ending);
        });
        for (auto& signature : signatures_) {
            if (!signature.is_intact || signature.place.end > before.bytes().size()) {
                continue;
            }
            if (!changes) {
                add(signature.report.findings, Code::changes_unknown, changes.error().detail);
                continue;
            }
            signature.later.insert(signature.later.end(), changes->begin(), changes->end());
        }
    }

    void judge_changes(PdfSigner& signature) {
        auto& report = signature.report;
        const revision::Terms terms{
            report.permission, signature.certified, signature.form ? &*signature.form : nullptr};
        for (const auto& change : signature.later) {
            const std::string kind(name_of(change.kind));
            const bool is_known = std::ranges::any_of(report.changes, [&](const auto& said) {
                return said.kind == kind && said.detail == change.detail;
            });
            if (is_known) {
                continue;
            }
            const auto ruling = revision::ruling_on(change, terms);
            report.changes.push_back({kind, change.detail, ruling == Ruling::allowed});
            tell(report.findings, change, ruling);
        }
    }

    static void tell(Findings& findings, const Change& change, Ruling ruling) {
        const auto detail =
            std::string(name_of(change.kind)) + (change.detail.empty() ? "" : " " + change.detail);
        switch (ruling) {
            case Ruling::locked:
                add(findings, Code::locked_field_changed, detail);
                return;
            case Ruling::against_certification:
                add(findings, Code::certification_violated, detail);
                return;
            case Ruling::forbidden:
                add(findings, Code::changed_after_signing, detail);
                return;
            case Ruling::allowed:
                break;
        }
        if (change.kind == ChangeKind::form_filled || change.kind == ChangeKind::value_changed) {
            add(findings, Code::form_filled_after_signing, change.detail);
        } else if (change.kind == ChangeKind::signature_shown) {
            add(findings, Code::painted_after_signing, change.detail);
        } else if (change.kind == ChangeKind::annotation) {
            add(findings, Code::annotated_after_signing, change.detail);
        }
    }

    // ---- time and certificates

    // From the last to the first: each is judged at the time at which the next one saw it.
    void judge_timestamps() {
        auto control_ms = options_.now_ms;
        for (auto at = signatures_.rbegin(); at != signatures_.rend(); ++at) {
            auto& signature = *at;
            if (!signature.is_timestamp() || !signature.place.stands() || !signature.cms ||
                !is_supported(signature) || is_late()) {
                continue;
            }
            const auto stamp = check_timestamp(hsm::view_of(signature.place.value),
                                               content_of(signature),
                                               material_,
                                               control_ms,
                                               setting_);
            auto& report = signature.report;
            add(report.findings, stamp.findings);
            report.digest_algorithm = stamp.digest_algorithm;
            report.signature_algorithm = stamp.signature_algorithm;
            if (stamp.certificate) {
                report.signer = report_of(stamp.certificate.get());
                report.time_stamper = report.signer->subject;
            }
            report.proven_time_ms = stamp.time_ms;
            report.time_source = TimeSource::document_timestamp;
            signature.has_evidence = stamp.has_embedded_status;
            signature.is_proof = signature.is_intact && stamp.proves();
            if (signature.is_proof) {
                control_ms = *stamp.time_ms;
            }
        }
    }

    // The first proven document time-stamp behind a signature.
    const PdfSigner* proof_behind(const PdfSigner& signature) const {
        for (const auto& later : signatures_) {
            if (later.is_proof && later.place.end > signature.place.end) {
                return &later;
            }
        }
        return nullptr;
    }

    bool is_archived(const PdfSigner& signature) const {
        return std::ranges::any_of(signatures_, [&](const PdfSigner& later) {
            return later.is_timestamp() && later.is_intact && later.has_store &&
                   later.place.end > signature.place.end;
        });
    }

    void judge(PdfSigner& signature) {
        auto& report = signature.report;
        judge_changes(signature);
        if (is_late()) {
            add(report.findings, Code::too_long);
            return;
        }
        if (!signature.checked) {
            return;
        }
        const auto* proof = proof_behind(signature);
        const auto later = proof == nullptr ? std::nullopt : proof->report.proven_time_ms;
        bool has_evidence = judge_time(report, *signature.checked, material_, later, setting_);
        if (report.time_source == TimeSource::document_timestamp) {
            report.time_stamper = proof->report.time_stamper;
            has_evidence = proof->has_evidence;
        }
        if (signature.checked->certificate) {
            has_evidence = judge_certificate(
                               report, signature.checked->certificate.get(), material_, setting_) &&
                           has_evidence;
        }
        judge_kind_of_signer(report, options_);
        judge_place(signature);
        const bool is_pades = report.format == "ETSI.CAdES.detached";
        report.level =
            level_of({is_pades && signature.is_intact && signature.checked->names_certificate,
                      report.proven_time_ms.has_value(),
                      has_evidence,
                      is_archived(signature)});
    }

    void judge_place(PdfSigner& signature) {
        std::vector<ShownSignature> earlier;
        for (const auto& other : signatures_) {
            if (&other == &signature) {
                break;
            }
            earlier.push_back(other.shown);
        }
        auto& report = signature.report;
        if (report.signer && !report.signer->is_of_organisation &&
            !has(report.findings, Code::personal_for_organisation) &&
            is_organisation_place(signature.shown, earlier)) {
            add(report.findings, Code::personal_in_organisations_place);
        }
    }

    const hsm::ByteView pdf_;
    const Options& options_;
    const pki::StorePtr anchors_;
    const Setting setting_;
    const std::chrono::steady_clock::time_point deadline_;
    std::unique_ptr<PdfFile> file_;
    std::vector<PdfSigner> signatures_;
    Material material_;
    Report report_;
};

}  // namespace

Report verify_pdf(hsm::ByteView pdf, const Options& options) {
    return PdfVerifier(pdf, options).run();
}

bool is_pdf(hsm::ByteView file) {
    return hsm::text_of(file).substr(0, 1024).find("%PDF-") != std::string_view::npos;
}

}  // namespace cloudsign::verify
