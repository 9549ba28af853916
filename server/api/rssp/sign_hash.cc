#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/sad.h"
#include "server/api/rssp/answer.h"
#include "server/api/rssp/endpoints.h"
#include "server/api/rssp/parameters.h"

namespace server::api::rssp {
namespace {

namespace json = boost::json;

csc::Checked<json::object> sign(Context& context, const http::Request& request) {
    const auto version = csc::Version::v2;
    TRY_ASSIGN(auto sent, csc::Parameters::read(request, version));
    TRY_ASSIGN(auto parameters, as_csc(sent));
    TRY_ASSIGN(auto presented, csc::read_sad(context, request, parameters, version));
    TRY_ASSIGN(auto hashes, parameters.hashes(csc::names(version).hash));
    TRY_ASSIGN(auto transaction,
               csc::find_authorised(context, request, presented, csc::Waiting::refused));
    if (hsm::protocol::digest_length(transaction.algorithm.digest) != hashes.front().size()) {
        return csc::invalid("Invalid digest value length");
    }
    // The dialect's clients may leave signAlgo out; then it is what was approved.
    TRY_ASSIGN(auto sign_algo, parameters.optional_string("signAlgo", 64));
    if (sign_algo) {
        TRY_ASSIGN(auto algorithm,
                   csc::read_algorithm(parameters, *sign_algo, csc::names(version).hash_algo));
        if (algorithm != transaction.algorithm) {
            return csc::wrong_parameter("signAlgo");
        }
    }
    const auto made = context.transactions.sign(transaction, hashes);
    if (!made) {
        return csc::to_refusal(made.error());
    }
    json::array signatures;
    for (const auto& one : *made) {
        signatures.push_back(json::string(cloudsign::base64(one.signature)));
    }
    return json::object{{"signatures", std::move(signatures)}};
}

csc::Checked<json::object> extend(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto sent, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(auto parameters, as_csc(sent));
    return csc::extend_transaction(context, request, parameters, csc::Version::v2);
}

http::Response answer_of(csc::Checked<json::object> done) {
    return done ? answer(*std::move(done)) : refuse(to_problem(done.error()));
}

}  // namespace

http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&) {
    return answer_of(sign(context, request));
}

http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             const http::PathParameters&) {
    return answer_of(extend(context, request));
}

}  // namespace server::api::rssp
