#include <memory>
#include <qrencode.h>

#include <boost/json.hpp>

#include "server/api/error_response.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/visit.h"

namespace server::api::login {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;

struct CodeFree {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

// The approve app's address with what proves that the phone sees this screen now; behind the '#',
// so that no log has it.
cloudsign::Result<std::string> link(Context& context,
                                    const http::Request& request,
                                    std::string_view id) {
    TRY_ASSIGN(auto visit, find_visit(context, id, session_cookie(request)));
    if (!visit.session) {
        return Error{ErrorKind::unauthenticated, "nobody is signed in"};
    }
    if (!visit.authorization.transaction_id) {
        return Error{ErrorKind::conflict, "no signing has begun"};
    }
    TRY_ASSIGN(auto transaction, context.transactions.find(*visit.authorization.transaction_id));
    // Whoever is to type a number must not come in without.
    if (cloudsign::transaction::is_code_typed(transaction) ||
        !cloudsign::transaction::is_waiting(transaction.state)) {
        return Error{ErrorKind::conflict, "the signing waits for no phone"};
    }
    return context.urls.approve + "/start#" + context.transactions.start_token_of(transaction);
}

// One path of unit squares, dark on light whatever the page's colours: readers need it so.
cloudsign::Result<std::string> drawn(const std::string& text) {
    const std::unique_ptr<QRcode, CodeFree> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M));
    if (code == nullptr) {
        return Error{ErrorKind::internal, "the link does not fit into a QR code"};
    }
    constexpr int quiet_zone = 4;  // ISO/IEC 18004 §6.3.8
    const auto size = std::to_string(code->width + 2 * quiet_zone);
    std::string path;
    for (int y = 0; y < code->width; ++y) {
        for (int x = 0; x < code->width; ++x) {
            if ((code->data[y * code->width + x] & 1) != 0) {
                path += "M" + std::to_string(x + quiet_zone) + " " +
                        std::to_string(y + quiet_zone) + "h1v1h-1z";
            }
        }
    }
    return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + size + " " + size +
           R"(" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h)" + size + "v" + size +
           "H0z\"/><path d=\"" + path + "\"/></svg>";
}

}  // namespace

http::Outcome start_image(Context& context,
                          const http::Request& request,
                          const http::PathParameters& parameters) {
    const auto text = link(context, request, parameters.id);
    const auto image = text ? drawn(*text) : text;
    if (!image) {
        return error_response(image.error());
    }
    http::Response response;
    response.content_type = "image/svg+xml";
    response.body = *image;
    return response.with("Content-Security-Policy", "default-src 'none'");
}

http::Outcome start_link(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters) {
    const auto text = link(context, request, parameters.id);
    return text ? http::json(200, {{"link", *text}}) : error_response(text.error());
}

}  // namespace server::api::login
