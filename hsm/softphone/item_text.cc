#include "hsm/softphone/item_text.h"

#include <ctime>

#include <boost/json.hpp>

#include "hsm/openssl/hex.h"
#include "hsm/protocol/short_code.h"
#include "hsm/softphone/printable.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

std::string utc(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm fields{};
    char text[32] = "?";
    if (::gmtime_r(&time, &fields) != nullptr) {
        std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &fields);
    }
    return text;
}

std::string code_of(const Digest& thumbprint) {
    const auto code = protocol::short_code(thumbprint);
    return {code.begin(), code.end()};
}

void line(std::string& out, std::string_view name, std::string_view value) {
    constexpr std::size_t width = 11;
    if (value.empty()) {
        return;
    }
    out += "  " + std::string(name);
    out.append(name.size() < width ? width - name.size() : 1, ' ');
    out += printable(value) + "\n";
}

std::string heading(const Item& item) {
    return item.id + "  " + std::string(purpose_name(item.purpose)) + "  " + printable(item.state) +
           "\n";
}

void request_lines(std::string& out, const Item& item) {
    line(out, "from", item.requester);
    line(out, "verified as", item.verified_as);
    line(out, "purpose", item.purpose_text);
    line(out, "code", item.code);
    line(out, "subject", item.subject);
    line(out, "language", item.language);
    line(out, "reason", item.reason);
}

void document_lines(std::string& out, const CheckedItem& checked) {
    const auto& documents = checked.item.documents;
    if (checked.item.purpose == protocol::Purpose::bind) {
        line(out, "key", openssl::hex(checked.item.activation.key_id));
        for (const auto& thumbprint : checked.key_thumbprints) {
            line(out, "short code", code_of(thumbprint));
        }
        return;
    }
    if (checked.item.purpose == protocol::Purpose::rebind) {
        line(out, "new phone", checked.item.new_phone->name);
        line(out, "short code", code_of(checked.key_thumbprints.front()));
        line(out, "", "the old phone will approve nothing any more");
        return;
    }
    if (checked.item.purpose == protocol::Purpose::revoke) {
        line(out, "key", openssl::hex(checked.item.activation.key_id));
        line(out, "", "it will never sign again");
        return;
    }
    line(out, "algorithm", algorithm_name(checked.item.algorithm));
    for (std::size_t i = 0; i < documents.size(); ++i) {
        line(out,
             std::to_string(i + 1) + "/" + std::to_string(documents.size()),
             documents[i].label.empty() ? "(no label)" : documents[i].label);
        line(out, "", openssl::hex(documents[i].hash));
        if (i < checked.certificates.size()) {
            const auto& certificate = checked.certificates[i];
            line(out, "", "issuer " + certificate.issuer);
            line(out,
                 "",
                 "valid " + utc(certificate.valid_from) + " to " + utc(certificate.valid_to) +
                     (certificate.authority ? ", certificate authority" : "") +
                     (certificate.use.empty() ? "" : ", for " + certificate.use));
        }
    }
}

json::object request_json(const Item& item) {
    json::array documents;
    for (const auto& document : item.documents) {
        documents.push_back(
            json::object{{"hash", base64url(document.hash)}, {"label", document.label}});
    }
    return {{"id", item.id},
            {"purpose", purpose_name(item.purpose)},
            {"state", item.state},
            {"reason", item.reason},
            {"requester", item.requester},
            {"requester_verified_as", item.verified_as},
            {"purpose_text", item.purpose_text},
            {"code", item.code},
            {"language", item.language},
            {"subject", item.subject},
            {"credential_id", item.credential_id},
            {"expires_at", item.expires_at},
            {"algorithm", algorithm_name(item.algorithm)},
            {"documents", std::move(documents)}};
}

}  // namespace

std::string item_text(const CheckedItem& checked) {
    auto out = heading(checked.item);
    request_lines(out, checked.item);
    document_lines(out, checked);
    line(out, "until", utc(checked.item.expires_at / 1000));
    for (const auto& notice : checked.notices) {
        line(out, "NOTICE", notice);
    }
    return out;
}

std::string refused_text(const Item& item, const Problem& problem) {
    auto out = heading(item);
    request_lines(out, item);
    line(out, "REFUSED", problem.text);
    return out;
}

std::string settled_text(const Item& item) {
    auto out = heading(item);
    request_lines(out, item);
    for (const auto& document : item.documents) {
        line(out, "document", document.label.empty() ? "(no label)" : document.label);
    }
    if (!item.receipts.empty()) {
        line(out, "receipts", std::to_string(item.receipts.size()) + " (shown by --json)");
    }
    return out;
}

json::object item_json(const CheckedItem& checked) {
    auto object = request_json(checked.item);
    object["challenge"] = base64url(checked.challenge);
    json::array codes;
    for (const auto& thumbprint : checked.key_thumbprints) {
        codes.push_back(json::value(code_of(thumbprint)));
    }
    object["short_codes"] = std::move(codes);
    json::array certificates;
    for (const auto& certificate : checked.certificates) {
        certificates.push_back(json::object{{"subject", certificate.subject},
                                            {"issuer", certificate.issuer},
                                            {"serial_number", certificate.serial_number},
                                            {"valid_from", certificate.valid_from},
                                            {"valid_to", certificate.valid_to},
                                            {"authority", certificate.authority}});
    }
    object["certificates"] = std::move(certificates);
    json::array notices;
    for (const auto& notice : checked.notices) {
        notices.push_back(json::value(notice));
    }
    object["notices"] = std::move(notices);
    return object;
}

json::object refused_json(const Item& item, const Problem& problem) {
    auto object = request_json(item);
    object["refused"] = problem.text;
    return object;
}

json::object settled_json(const Item& item) {
    auto object = request_json(item);
    json::array receipts;
    for (const auto& done : item.receipts) {
        receipts.push_back(json::object{{"position", done.position},
                                        {"signature", base64url(done.signature)},
                                        {"receipt", base64url(done.receipt)}});
    }
    object["receipts"] = std::move(receipts);
    return object;
}

}  // namespace hsm::softphone
