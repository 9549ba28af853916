#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "server/hub/provider.h"

// Calls to one provider, and reading what it answers. Inside server/hub only.
namespace server::hub {

struct UpstreamAnswer {
    unsigned status = 0;
    boost::json::object body;
};

class Upstream {
public:
    Upstream(const ProviderSettings& settings, push::OutboundHttp& http)
        : settings_(settings), http_(http) {}

    const ProviderSettings& settings() const { return settings_; }

    // `unavailable` unless it answers one JSON object within the deadline.
    cloudsign::Result<UpstreamAnswer> post_json(const std::string& url,
                                                const boost::json::object& body,
                                                const std::string& bearer = "");
    cloudsign::Result<UpstreamAnswer> post_form(const std::string& url,
                                                const std::string& form,
                                                const std::string& authorization);

    // "the provider X does not answer", and the log says why.
    cloudsign::Error silent(const std::string& why) const;

private:
    cloudsign::Result<UpstreamAnswer> post(push::OutboundRequest request);

    const ProviderSettings settings_;
    push::OutboundHttp& http_;
};

// Members of what others wrote: empty when there is none of that type.
std::string text_of(const boost::json::object& object, std::string_view name);
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);
const boost::json::array* array_of(const boost::json::object& object, std::string_view name);

// What the signer reads: the portal's description, cut between characters, and its own name for the
// request, which also keeps two requests for one hash apart. At most `size_max` bytes.
std::string purpose_of(const HubRequest& request, std::size_t size_max);

}  // namespace server::hub
