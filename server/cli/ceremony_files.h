#pragma once

#include <filesystem>
#include <string>

#include "hsm/custodian/ceremony_file.h"
#include "server/cli/failure.h"

// The files of a ceremony (hsm/custodian/ceremony_file.h), for the commands root and ceremony.
namespace server::cli {

// A usage failure that names the file when it cannot be read or is of another kind.
Outcome<hsm::custodian::FileFields> read_fields(hsm::custodian::FileKind kind,
                                                const std::filesystem::path& file);

// A new file; one that is there already is a usage failure.
Outcome<void> write_fields(hsm::custodian::FileKind kind,
                           const std::filesystem::path& file,
                           const hsm::custodian::FileFields& fields);
Outcome<void> check_absent(const std::filesystem::path& file);

std::string certificate_pem(hsm::ByteView der);
// The one certificate of a PEM file, in DER.
Outcome<hsm::Bytes> read_certificate(const std::filesystem::path& file);

}  // namespace server::cli
