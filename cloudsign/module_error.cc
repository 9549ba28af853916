#include "cloudsign/module_error.h"

#include <algorithm>

namespace cloudsign {
namespace {

using hsm::Status;

struct Mapping {
    Status status;
    ErrorKind kind;
    const char* detail;
};

// What is not here is `internal`: the server sent something that it should not have sent.
constexpr Mapping mappings[] = {
    {Status::busy, ErrorKind::busy, "the module is busy"},
    {Status::table_full, ErrorKind::busy, "the module's table is full"},
    {Status::log_full, ErrorKind::unavailable, "the module's audit log is full: export it"},
    {Status::wrong_state, ErrorKind::unavailable, "the module is not operational"},
    {Status::key_locked, ErrorKind::unavailable, "the module is locked"},
    {Status::blob_revoked, ErrorKind::credential_disabled, "the key version is revoked"},
    {Status::blob_unbound, ErrorKind::credential_disabled, "the key is not bound to a phone"},
    {Status::activation_expired, ErrorKind::expired, "the approval has expired in the module"},
    {Status::algorithm_wrong, ErrorKind::invalid, "the algorithm does not fit the key"},
    {Status::time_not_trusted,
     ErrorKind::unavailable,
     "the time of this server is not in step with the module's"},
    {Status::acknowledgement_missing,
     ErrorKind::unavailable,
     "another module of the group cannot be reached"},
    {Status::link_closed, ErrorKind::unavailable, "the module cannot be reached"},
    {Status::link_timeout, ErrorKind::unavailable, "the module does not answer"},
    {Status::link_refused, ErrorKind::unavailable, "the module cannot be reached"},
    {Status::handshake_failed, ErrorKind::unavailable, "the module does not accept this host"},
    {Status::io_failed, ErrorKind::unavailable, "the module cannot be reached"},
};

bool is_assertion_status(Status status) {
    return (static_cast<unsigned>(status) >> 8) == 0x08;
}

}  // namespace

Error module_error(Status status) {
    if (is_assertion_status(status)) {
        return {ErrorKind::assertion_refused,
                "the module refuses the approval: " + std::string(hsm::base::status_name(status))};
    }
    const auto* found = std::ranges::find(mappings, status, &Mapping::status);
    if (found == std::end(mappings)) {
        return {ErrorKind::internal,
                "the module answers " + std::string(hsm::base::status_name(status))};
    }
    return {found->kind, found->detail};
}

bool approval_lost(Status status) {
    return status == Status::activation_of_other_boot || status == Status::activation_mac_wrong;
}

bool outcome_unknown(Status status) {
    return status == Status::link_closed || status == Status::link_timeout ||
           status == Status::io_failed || status == Status::response_wrong;
}

}  // namespace cloudsign
