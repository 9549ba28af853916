#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

// An exported audit log as a text file that grows at its end. Line by line:
//   kyso-audit/1 <module id, hexadecimal>
//   certificate <device certificate, base64url>
//   record <audit record, base64url>           one line each, in order
//   head <[HeadStatement, signature], base64url>   any number; the newest one counts
namespace cloudsign::audit {

struct LogFile {
    hsm::Digest module_id{};
    Bytes certificate;
    std::vector<Bytes> records;
    std::vector<Bytes> heads;
};

// `invalid` with the line's number for a line that is none of these.
Result<LogFile> read_log_file(std::istream& in);

std::string log_file_opening(const hsm::Digest& module_id, hsm::ByteView certificate);
std::string log_file_record(hsm::ByteView record);
// The index of the record in one such line; `invalid` for another line.
Result<std::uint64_t> index_of_record_line(std::string_view line);
std::string log_file_head(hsm::ByteView signed_head);

}  // namespace cloudsign::audit
