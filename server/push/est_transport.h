#pragma once

#include <string>

#include "cloudsign/external_ca/est_call.h"
#include "server/push/outbound_http.h"

namespace server::push {

// PEM files, read for each question; none where empty. As in OutboundRequest.
struct EstTlsFiles {
    std::string ca_file;
    std::string client_certificate;
    std::string client_key;
};

// Asks certification authorities by EST (RFC 7030), over HTTPS alone. They may be neighbours: the
// operator has named them. `http` outlives the answer.
cloudsign::external_ca::EstTransport est_transport(OutboundHttp& http, EstTlsFiles files);

}  // namespace server::push
