#pragma once

#include "server/api/csc/calls.h"

// From the SAD of a call to the transaction that it names.
namespace server::api::csc {

struct Presented {
    std::string sad;
    NamedCredential named;
};
// SAD and credentialID; the credential may be used.
Checked<Presented> read_sad(Context& context,
                            const http::Request& request,
                            const Parameters& parameters,
                            Version version);

// Whether a transaction that waits for the signer will do: where the call itself can wait.
enum class Waiting { refused, allowed };

// "Invalid parameter SAD" unless it is this client's, and of that credential: the hashes and the
// algorithm are bound by the approval itself. Otherwise why nothing can be signed with it.
Checked<cloudsign::store::Transaction> find_authorised(Context& context,
                                                       const http::Request& request,
                                                       const Presented& presented,
                                                       Waiting waiting);
// The second half of it, for a transaction that was found.
Checked<void> check_sad_lives(const cloudsign::store::Transaction& transaction);

}  // namespace server::api::csc
