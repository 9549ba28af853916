#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "hsm/softphone/https_client.h"
#include "server/cli/data_folder.h"

namespace server::cli {

// Asks a running server over DIR/run/admin.sock, which lets in the server's own user and root.
class AdminClient {
public:
    explicit AdminClient(const DataFolder& folder);

    // The JSON body of a 2xx. A failure says how to start the server when none answers; `what`
    // names what was asked: "cannot add the client: …".
    Outcome<boost::json::object> get(const std::string& path, std::string_view what);
    Outcome<boost::json::object> post(const std::string& path,
                                      const boost::json::value& body,
                                      std::string_view what);

private:
    Outcome<boost::json::object> object_of(
        const hsm::softphone::Outcome<hsm::softphone::HttpResponse>& response,
        std::string_view what) const;

    std::filesystem::path folder_;
    std::filesystem::path socket_;
    hsm::softphone::HttpsClient http_;
};

// `text` as a value in a query (RFC 3986 §2.1).
std::string escaped(std::string_view text);

// A member that the server must have sent; a failure names it.
Outcome<std::string> text_of(const boost::json::object& object, std::string_view name);

}  // namespace server::cli
