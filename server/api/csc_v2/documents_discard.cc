#include "server/api/csc/calls.h"
#include "server/api/csc/preparation.h"
#include "server/api/csc_v2/endpoints.h"

// Ours: a document of documents/prepare that nobody will sign makes room for another.
namespace server::api::csc_v2 {
namespace {

using cloudsign::ErrorKind;

csc::Checked<void> discard(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(const auto named, csc::find_credential(context, request, parameters));
    TRY_ASSIGN(const auto id, parameters.required_string("preparedID"));
    TRY_ASSIGN(const auto preparation,
               csc::find_preparation(context, *request.principal, id, named.credential->id));
    const auto discarded = context.preparations.discard(preparation.id);
    if (!discarded && discarded.error().kind != ErrorKind::not_found) {
        return csc::to_refusal(discarded.error());
    }
    if (!discarded) {
        return csc::invalid(
            "What preparedID stands for is signed: it goes by itself in some minutes");
    }
    return {};
}

}  // namespace

http::Outcome documents_discard(Context& context,
                                const http::Request& request,
                                const http::PathParameters&) {
    const auto done = discard(context, request);
    return done ? http::no_content() : csc::to_response(done.error());
}

}  // namespace server::api::csc_v2
