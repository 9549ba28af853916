#include <boost/json.hpp>

#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/sad.h"

namespace server::api::csc {

using cloudsign::ErrorKind;

Checked<boost::json::object> extend_transaction(Context& context,
                                                const http::Request& request,
                                                const Parameters& parameters,
                                                Version version) {
    TRY_ASSIGN(auto presented, read_sad(context, request, parameters, version));
    const auto hash_name = names(version).hash;
    TRY_ASSIGN(auto hashes, parameters.hashes(hash_name));
    const auto algo_name = names(version).hash_algo;
    TRY_ASSIGN(auto transaction, find_authorised(context, request, presented, Waiting::refused));
    if (hashes.front().size() != hsm::protocol::digest_length(transaction.algorithm.digest)) {
        return invalid("Invalid digest value length");
    }
    if (version == Version::v2) {
        TRY_ASSIGN(auto oid, parameters.optional_string(algo_name, 64));
        if (oid && cloudsign::csc::digest_named(*oid) != transaction.algorithm.digest) {
            return wrong_parameter(algo_name);
        }
    }
    const auto renewed = context.transactions.renew_sad(transaction, hashes);
    if (!renewed) {
        // All signed, or renewed by another call just now: this SAD is none any more.
        return renewed.error().kind == ErrorKind::conflict ? invalid("Invalid parameter SAD")
                                                           : to_refusal(renewed.error());
    }
    return boost::json::object{{"SAD", context.transactions.sad_of(*renewed)},
                               {"expiresIn", context.transactions.seconds_left(*renewed)}};
}

http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             Version version) {
    const auto parameters = Parameters::read(request, version);
    if (!parameters) {
        return to_response(parameters.error());
    }
    const auto answer = extend_transaction(context, request, *parameters, version);
    return answer ? http::json(200, *answer) : to_response(answer.error());
}

}  // namespace server::api::csc
