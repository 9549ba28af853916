#pragma once

#include <functional>

#include "hsm/cli/firmware_package.h"
#include "hsm/protocol/activation.h"

namespace hsm::cli {

// Sends one request to a module, as an operator, and brings its answer.
using AskModule = std::function<Result<Bytes>(ByteView request)>;

// What officers approve so that the group with this configuration installs the release: the
// challenge of their assertions is its SHA-256. `configuration_wrong` for bytes that are none.
Result<Bytes> update_statement(ByteView configuration, const FirmwarePackage& package);

// Gives the release to the module, which starts it at its next start. `approvals` are assertions
// over update_statement(), none for a blank module. Answers what the module or the link refuses
// with, `response_wrong` among it.
Result<void> install_release(const AskModule& ask,
                             const FirmwarePackage& package,
                             const protocol::Assertions& approvals,
                             std::uint64_t host_time);

}  // namespace hsm::cli
