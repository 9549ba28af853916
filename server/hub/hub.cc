#include "server/hub/hub.h"

#include <algorithm>

#include "server/hub/csc_provider.h"
#include "server/hub/qd769_provider.h"

namespace server::hub {

using cloudsign::Error;
using cloudsign::ErrorKind;

std::unique_ptr<Provider> make_provider(const ProviderSettings& settings,
                                        push::OutboundHttp& http) {
    if (settings.dialect == Dialect::csc) {
        return std::make_unique<CscProvider>(settings, http);
    }
    return std::make_unique<Qd769Provider>(settings, http);
}

Hub::Hub(const std::vector<ProviderSettings>& providers, push::OutboundHttp& http) {
    for (const auto& settings : providers) {
        auto member = std::make_unique<Member>();
        member->provider = make_provider(settings, http);
        providers_.push_back(std::move(member));
    }
}

Provider* Hub::named(const std::string& name) {
    const auto found = std::ranges::find_if(
        providers_, [&](const auto& member) { return member->provider->name() == name; });
    return found != providers_.end() ? (*found)->provider.get() : nullptr;
}

cloudsign::Result<std::vector<HubCertificate>> Hub::ask(Member& member,
                                                        const std::string& user_id) {
    const auto now = Clock::now();
    {
        const std::lock_guard lock(mutex_);
        const auto known = member.known.find(user_id);
        if (known != member.known.end() && known->second.until > now) {
            return known->second.certificates;
        }
        if (member.silent_until > now) {
            return Error{ErrorKind::unavailable,
                         "the provider " + member.provider->name() + " does not answer"};
        }
    }
    auto certificates = member.provider->certificates(user_id);
    const std::lock_guard lock(mutex_);
    if (!certificates) {
        if (certificates.error().kind == ErrorKind::unavailable) {
            member.silent_until = now + silence;
        }
        return certificates;
    }
    // Somebody who is not known today may be enrolled in a moment.
    if (!certificates->empty()) {
        if (member.known.size() >= remembered_max) {
            member.known.clear();
        }
        member.known[user_id] = {*certificates, now + keep};
    }
    return certificates;
}

cloudsign::Result<std::vector<Hub::Found>> Hub::certificates(const std::string& user_id,
                                                             const std::string& ca_name) {
    std::vector<Found> all;
    std::optional<Error> silent;
    for (const auto& member : providers_) {
        if (!ca_name.empty() && member->provider->name() != ca_name) {
            continue;
        }
        auto some = ask(*member, user_id);
        if (!some) {
            silent = some.error();
            continue;
        }
        for (auto& certificate : *some) {
            certificate.description["ca_name"] = member->provider->name();
            all.push_back({member->provider.get(), std::move(certificate)});
        }
    }
    if (all.empty() && silent) {
        return *silent;
    }
    return all;
}

}  // namespace server::hub
