#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// The verifier for portals (cloudsign/verify/VERIFY.md).
namespace server::api::verify {

// A PDF as the body, or JSON with a document and the signature beside it. Answers the report as
// JSON, or to print where application/pdf is asked for.
http::Outcome judge(Context& context, const http::Request&, const http::PathParameters&);

}  // namespace server::api::verify
