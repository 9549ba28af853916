#include "cloudsign/audit/log_file.h"

#include <istream>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "hsm/protocol/audit_record.h"

namespace cloudsign::audit {
namespace {

constexpr std::string_view opening_word = "kyso-audit/1";

Error wrong(std::size_t line, std::string_view what) {
    return {ErrorKind::invalid, "line " + std::to_string(line) + ": " + std::string(what)};
}

Result<void> take_line(std::string_view word,
                       std::string_view value,
                       std::size_t number,
                       LogFile& log) {
    auto bytes = from_base64url(value);
    if (!bytes || bytes->empty()) {
        return wrong(number, "not base64url");
    }
    if (word == "certificate" && log.certificate.empty() && log.records.empty()) {
        log.certificate = std::move(*bytes);
    } else if (word == "record") {
        log.records.push_back(std::move(*bytes));
    } else if (word == "head") {
        log.heads.push_back(std::move(*bytes));
    } else {
        return wrong(number, "neither certificate, record nor head");
    }
    return {};
}

}  // namespace

Result<LogFile> read_log_file(std::istream& in) {
    LogFile log;
    std::string line;
    std::size_t number = 0;
    while (std::getline(in, line)) {
        ++number;
        const auto space = line.find(' ');
        const std::string_view word = std::string_view(line).substr(0, space);
        const std::string_view value = space == std::string::npos
                                           ? std::string_view()
                                           : std::string_view(line).substr(space + 1);
        if (number > 1) {
            TRY(take_line(word, value, number, log));
            continue;
        }
        const auto id = from_hex(value);
        // One spelling, so that no byte of a log can be changed unseen.
        if (word != opening_word || !id || id->size() != log.module_id.size() ||
            hex(*id) != value) {
            return wrong(number, "an audit log opens with \"kyso-audit/1 MODULE-ID\"");
        }
        std::ranges::copy(*id, log.module_id.begin());
    }
    if (number == 0) {
        return wrong(1, "the file is empty");
    }
    return log;
}

std::string log_file_opening(const hsm::Digest& module_id, hsm::ByteView certificate) {
    return std::string(opening_word) + " " + hex(module_id) + "\ncertificate " +
           base64url(certificate) + "\n";
}

std::string log_file_record(hsm::ByteView record) {
    return "record " + base64url(record) + "\n";
}

Result<std::uint64_t> index_of_record_line(std::string_view line) {
    constexpr std::string_view word = "record ";
    const auto bytes =
        line.starts_with(word) ? from_base64url(line.substr(word.size())) : std::nullopt;
    const auto record = bytes ? hsm::protocol::decode<hsm::protocol::AuditRecord>(*bytes)
                              : hsm::Result<hsm::protocol::AuditRecord>(hsm::Status::malformed);
    if (!record) {
        return Error{ErrorKind::invalid, "not a record"};
    }
    return record->index;
}

std::string log_file_head(hsm::ByteView signed_head) {
    return "head " + base64url(signed_head) + "\n";
}

}  // namespace cloudsign::audit
