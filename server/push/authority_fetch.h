#pragma once

#include "cloudsign/evidence/fetch.h"
#include "server/push/outbound_http.h"

namespace server::push {

// Asks time-stamping authorities, OCSP responders and holders of revocation lists. Their answers
// are signed, so plain HTTP will do, and they may be neighbours: who asks has named them, or an
// authority in certificates that end in one of theirs. `ca_file`: trusted in HTTPS beside the
// system's authorities; empty: only those. `http` outlives the answer.
cloudsign::evidence::Fetch authority_fetch(OutboundHttp& http, std::string ca_file);

}  // namespace server::push
