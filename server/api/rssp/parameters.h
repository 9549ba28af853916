#pragma once

#include "server/api/csc/parameters.h"

namespace server::api::rssp {

// The parameters of credentials/authorize, extendTransaction and signHash as CSC v2 names them:
// what is flat there stands in documentDigests{hashes, hashAlgorithmOID} here, and what the phone
// shows is tseNotification's (or, flat, the body's own) messageCaption and message; where there is
// neither, notificationMessage. "Missing (or invalid type) object parameter documentDigests";
// "Invalid parameter X".
csc::Checked<csc::Parameters> as_csc(const csc::Parameters& parameters);

// tseNotification's or the body's own validityPeriod in milliseconds; 0 when there is none.
csc::Checked<std::int64_t> read_validity(const csc::Parameters& parameters);

}  // namespace server::api::rssp
