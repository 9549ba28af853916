#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/hub/provider.h"

namespace server::hub {

// The providers in the order of kyso.toml, and which of them knows whom. Any thread or fiber.
class Hub {
public:
    Hub(const std::vector<ProviderSettings>& providers, push::OutboundHttp& http);

    bool empty() const { return providers_.empty(); }
    // Null for a name that is none.
    Provider* named(const std::string& name);

    struct Found {
        Provider* provider = nullptr;
        HubCertificate certificate;
    };
    // The person's certificates at every provider, or at the one that `ca_name` names; remembered
    // for a minute. `unavailable` when nothing was found and somebody did not answer. One that did
    // not answer is left out for a while.
    cloudsign::Result<std::vector<Found>> certificates(const std::string& user_id,
                                                       const std::string& ca_name);

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t remembered_max = 4096;
    static constexpr std::chrono::seconds keep{60};
    static constexpr std::chrono::seconds silence{15};

    struct Known {
        std::vector<HubCertificate> certificates;
        Clock::time_point until;
    };
    struct Member {
        std::unique_ptr<Provider> provider;
        Clock::time_point silent_until;
        std::map<std::string, Known> known;  // by account
    };

    cloudsign::Result<std::vector<HubCertificate>> ask(Member& member, const std::string& user_id);

    std::mutex mutex_;  // never held while a provider is asked
    std::vector<std::unique_ptr<Member>> providers_;
};

}  // namespace server::hub
