#include "cloudsign/verify/report_json.h"

#include <boost/json.hpp>

#include "cloudsign/document/composed.h"
#include "cloudsign/document/pdf_appearance.h"
#include "cloudsign/hex.h"
#include "cloudsign/verify/signature_state.h"

namespace cloudsign::verify {
namespace {

namespace json = boost::json;

json::value time_json(std::optional<std::int64_t> time_ms) {
    return time_ms ? json::value(document::iso_time(*time_ms)) : json::value(nullptr);
}

template <class Text>
void add_words(json::object& object, const Text& text) {
    object["vi"] = text.words(Language::vietnamese);
    object["en"] = text.words(Language::english);
}

json::object verdict_json(Verdict verdict) {
    return {{"verdict", verdict_name(verdict)},
            {"vi", verdict_words(verdict, Language::vietnamese)},
            {"en", verdict_words(verdict, Language::english)}};
}

json::array findings_json(const Findings& findings) {
    json::array list;
    for (const auto& finding : findings) {
        const auto& text = text_of(finding.code);
        json::object one{{"code", text.name}, {"effect", verdict_name(text.effect)}};
        add_words(one, text);
        one["detail"] = finding.detail;
        list.push_back(std::move(one));
    }
    return list;
}

json::object certificate_json(const CertificateReport& certificate) {
    return {{"name", certificate.name},
            {"subject", certificate.subject},
            {"issuer", certificate.issuer},
            {"serial_number", certificate.serial_number},
            {"valid_from", document::iso_time(certificate.valid_from_ms)},
            {"valid_to", document::iso_time(certificate.valid_to_ms)},
            {"is_of_organisation", certificate.is_of_organisation}};
}

json::object status_json(const StatusReport& status) {
    return {{"source", status.source},
            {"online", status.is_online},
            {"produced_at",
             status.source.empty() ? json::value(nullptr) : time_json(status.produced_at_ms)},
            {"revoked_at", time_json(status.revoked_at_ms)}};
}

json::array tables_json(const SignatureReport& signature) {
    json::array tables;
    for (const auto& table : report_tables()) {
        json::array rows;
        for (const auto& row : table.rows) {
            const auto judged = row_of(signature, row.row);
            json::object one{{"name", row.name}};
            add_words(one, row);
            one["verdict"] = verdict_name(judged.verdict);
            json::array codes;
            for (const auto& finding : judged.findings) {
                codes.emplace_back(text_of(finding.code).name);
            }
            one["findings"] = std::move(codes);
            rows.push_back(std::move(one));
        }
        json::object one{{"name", table.name}};
        add_words(one, table);
        one["rows"] = std::move(rows);
        tables.push_back(std::move(one));
    }
    return tables;
}

json::object signature_json(const SignatureReport& signature, std::size_t file_size) {
    auto object = verdict_json(signature.verdict());
    object["kind"] = name_of(signature.kind);
    object["field"] = signature.field;
    object["format"] = signature.format;
    object["level"] = name_of(signature.level);
    object["signer"] =
        signature.signer ? json::value(certificate_json(*signature.signer)) : json::value(nullptr);
    json::array chain;
    for (const auto& certificate : signature.chain) {
        chain.push_back(certificate_json(certificate));
    }
    object["chain"] = std::move(chain);
    object["status"] = status_json(signature.status);
    object["time"] = json::object{{"claimed", time_json(signature.claimed_time_ms)},
                                  {"proven", time_json(signature.proven_time_ms)},
                                  {"source", name_of(signature.time_source)},
                                  {"by", signature.time_stamper}};
    object["algorithms"] = json::object{{"digest", signature.digest_algorithm},
                                        {"signature", signature.signature_algorithm}};
    object["reason"] = signature.reason;
    object["location"] = signature.location;
    object["page"] = signature.page;
    json::array elements;
    for (const auto& path : signature.elements) {
        elements.push_back(json::string(path));
    }
    object["elements"] = std::move(elements);
    object["covers"] = signature.covers;
    object["covers_whole_file"] = signature.covers == file_size && signature.covers != 0;
    object["certification"] = signature.permission;
    json::array changes;
    for (const auto& change : signature.changes) {
        changes.push_back(json::object{
            {"kind", change.kind}, {"detail", change.detail}, {"allowed", change.is_allowed}});
    }
    object["changes"] = std::move(changes);
    json::array states;
    for (const auto& state : states_of(signature)) {
        json::object one{{"name", state.name}};
        add_words(one, state);
        states.push_back(std::move(one));
    }
    object["states"] = std::move(states);
    object["tables"] = tables_json(signature);
    object["findings"] = findings_json(signature.findings);
    return object;
}

// What stands in a file need not be UTF-8, and JSON must.
void make_utf8(json::value& value) {
    if (auto* text = value.if_string()) {
        *text = document::composed(*text);
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) {
            make_utf8(item);
        }
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) {
            make_utf8(member.value());
        }
    }
}

}  // namespace

json::object to_json(const Report& report) {
    auto object = verdict_json(report.verdict());
    object["file"] = report.file;
    object["size"] = report.size;
    object["sha256"] = hex(report.hash);
    object["checked_at"] = document::iso_time(report.checked_at_ms);
    object["online"] = report.is_online;
    object["findings"] = findings_json(report.findings);
    json::array signatures;
    for (const auto& signature : report.signatures) {
        signatures.push_back(signature_json(signature, report.size));
    }
    object["signatures"] = std::move(signatures);
    for (auto& member : object) {
        make_utf8(member.value());
    }
    return object;
}

std::string_view name_of(Level level) {
    constexpr std::string_view names[] = {"none", "B-B", "B-T", "B-LT", "B-LTA"};
    return names[static_cast<std::size_t>(level)];
}

std::string_view name_of(SignatureKind kind) {
    constexpr std::string_view names[] = {"signature", "document_timestamp", "detached", "xml"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(TimeSource source) {
    constexpr std::string_view names[] = {"none", "claimed", "timestamp", "document_timestamp"};
    return names[static_cast<std::size_t>(source)];
}

}  // namespace cloudsign::verify
