#include "cloudsign/verify/report_lines.h"

#include "cloudsign/document/pdf_appearance.h"
#include "cloudsign/hex.h"
#include "cloudsign/verify/report_json.h"
#include "cloudsign/verify/signature_state.h"

namespace cloudsign::verify {
namespace {

// A label in both languages.
struct Label {
    std::string_view vietnamese;
    std::string_view english;
};
constexpr Label title{"PHIẾU KIỂM TRA CHỮ KÝ SỐ", "SIGNATURE CHECK REPORT"};
constexpr Label verdict_of_file{"Kết luận", "Verdict"};
constexpr Label file_name{"Tệp", "File"};
constexpr Label file_hash{"SHA-256", "SHA-256"};
constexpr Label checked_at{"Thời điểm kiểm tra", "Checked at"};
constexpr Label about_file{"Tệp", "The file"};
constexpr Label signature_number{"Chữ ký số", "Signature"};
constexpr Label stamp_number{"Dấu thời gian của văn bản", "Document time-stamp"};
constexpr Label signer{"Người ký", "Signer"};
constexpr Label subject{"Chủ thể chứng thư", "Subject"};
constexpr Label issuer{"Tổ chức chứng thực", "Issuer"};
constexpr Label serial{"Số hiệu chứng thư", "Serial number"};
constexpr Label validity{"Hiệu lực chứng thư", "Certificate valid"};
constexpr Label claimed{"Thời gian ký (người ký khai)", "Signing time (claimed)"};
constexpr Label proven{"Dấu thời gian", "Time-stamp"};
constexpr Label status{"Trạng thái thu hồi", "Revocation status"};
constexpr Label level{"Định dạng, mức", "Format, level"};
constexpr Label reason{"Lý do", "Reason"};
constexpr Label covered{"Phần được ký", "What is signed"};
constexpr Label state{"Tình trạng", "State"};
constexpr Label change{"Thay đổi sau khi ký", "Change after signing"};

class Lines {
public:
    explicit Lines(Language language) : language_(language) {}

    std::vector<ReportLine> take() { return std::move(lines_); }

    void add(const Report& report) {
        line(LineStyle::title, "", text(title));
        const auto verdict = report.verdict();
        line(LineStyle::verdict,
             text(verdict_of_file),
             std::string(verdict_words(verdict, language_)),
             verdict);
        fact(file_name, report.file);
        fact(file_hash, hex(report.hash));
        fact(checked_at, document::iso_time(report.checked_at_ms));
        for (const auto& finding : report.findings) {
            const auto& found = text_of(finding.code);
            line(LineStyle::note,
                 text(about_file),
                 std::string(found.words(language_)) +
                     (finding.detail.empty() ? "" : " (" + finding.detail + ")"),
                 found.effect);
        }
        for (std::size_t i = 0; i < report.signatures.size(); ++i) {
            add(report.signatures[i], i + 1);
        }
    }

private:
    std::string text(const Label& label) const {
        return std::string(language_ == Language::vietnamese ? label.vietnamese : label.english);
    }

    void line(LineStyle style,
              std::string label,
              std::string text,
              std::optional<Verdict> verdict = std::nullopt) {
        lines_.push_back({style, std::move(label), std::move(text), verdict, false});
    }

    void fact(const Label& label, std::string value) {
        if (!value.empty()) {
            line(LineStyle::row, text(label), std::move(value));
        }
    }

    void add(const SignatureReport& signature, std::size_t number) {
        const bool is_stamp = signature.kind == SignatureKind::document_timestamp;
        line(LineStyle::heading,
             text(is_stamp ? stamp_number : signature_number) + " " + std::to_string(number) +
                 (signature.field.empty() ? "" : " (" + signature.field + ")"),
             std::string(verdict_words(signature.verdict(), language_)),
             signature.verdict());
        if (signature.signer) {
            const auto& certificate = *signature.signer;
            fact(signer, certificate.name);
            fact(subject, certificate.subject);
            fact(issuer, certificate.issuer);
            fact(serial, certificate.serial_number);
            fact(validity,
                 document::iso_time(certificate.valid_from_ms) + " – " +
                     document::iso_time(certificate.valid_to_ms));
        }
        add_times(signature);
        if (!signature.status.source.empty()) {
            fact(status,
                 (signature.status.source == "ocsp" ? "OCSP " : "CRL ") +
                     document::iso_time(signature.status.produced_at_ms));
        }
        fact(level,
             signature.format + (signature.level == Level::none
                                     ? ""
                                     : ", " + std::string(name_of(signature.level))));
        fact(reason, signature.reason);
        for (const auto& path : signature.elements) {
            fact(covered, path);
        }
        for (const auto& one : states_of(signature)) {
            line(LineStyle::note, text(state), std::string(one.words(language_)));
        }
        if (!is_stamp) {
            add_tables(signature);
        } else {
            add_findings(signature);
        }
        for (const auto& one : signature.changes) {
            line(LineStyle::row,
                 text(change),
                 one.kind + (one.detail.empty() ? "" : " " + one.detail),
                 one.is_allowed ? Verdict::valid : Verdict::invalid);
        }
    }

    void add_times(const SignatureReport& signature) {
        if (signature.claimed_time_ms) {
            fact(claimed, document::iso_time(*signature.claimed_time_ms));
        }
        if (signature.proven_time_ms) {
            fact(proven,
                 document::iso_time(*signature.proven_time_ms) + ", " + signature.time_stamper);
        }
    }

    void add_tables(const SignatureReport& signature) {
        for (const auto& table : report_tables()) {
            line(LineStyle::heading, std::string(table.words(language_)), "");
            for (const auto& row : table.rows) {
                const auto judged = row_of(signature, row.row);
                line(LineStyle::row,
                     std::string(row.words(language_)),
                     judged.words(language_),
                     judged.verdict);
                lines_.back().is_noted =
                    judged.verdict == Verdict::valid && !judged.findings.empty();
            }
        }
    }

    void add_findings(const SignatureReport& signature) {
        for (const auto& finding : signature.findings) {
            const auto& found = text_of(finding.code);
            line(LineStyle::note,
                 text(state),
                 std::string(found.words(language_)) +
                     (finding.detail.empty() ? "" : " (" + finding.detail + ")"),
                 found.effect);
        }
    }

    Language language_;
    std::vector<ReportLine> lines_;
};

}  // namespace

std::vector<ReportLine> lines_of(const Report& report, Language language) {
    Lines lines(language);
    lines.add(report);
    return lines.take();
}

}  // namespace cloudsign::verify
