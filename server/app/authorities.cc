#include "cloudsign/pki/certificate.h"
#include "server/app/app.h"
#include "server/app/part_settings.h"
#include "server/push/authority_fetch.h"

// Whom the parts ask for status and time: our own services in the process, others over HTTP.
namespace server::app {

api::TimestampAuthority::Source App::timestamp_source(std::string authorities) {
    api::TimestampAuthority::Source source;
    if (!config_.timestamp.url.empty()) {
        source.is_there = [] { return true; };
        source.authorities = [authorities = std::move(authorities)] {
            return cloudsign::Result<std::string>(authorities);
        };
        auto urls = config_.timestamp.fallback_urls;
        urls.insert(urls.begin(), config_.timestamp.url);
        for (const auto& url : urls) {
            source.ask.emplace_back([this, url](const cloudsign::Bytes& query) {
                return post_timestamp_query(url, query);
            });
        }
        return source;
    }
    source.is_there = [this] { return time_stamps_.is_ready(); };
    source.authorities = [this]() -> cloudsign::Result<std::string> {
        TRY_ASSIGN(auto certificate, time_stamps_.authority());
        return cloudsign::pki::to_pem(certificate);
    };
    source.ask.emplace_back(
        [this](const cloudsign::Bytes& query) -> cloudsign::Result<cloudsign::Bytes> {
            TRY_ASSIGN(auto answer, time_stamps_.answer(query));
            if (answer.error) {
                return *answer.error;
            }
            return std::move(answer.response);
        });
    source.at_once_max = cloudsign::authority::TimestampService::at_once_max;
    return source;
}

cloudsign::Result<cloudsign::Bytes> App::post_timestamp_query(const std::string& url,
                                                              const cloudsign::Bytes& query) {
    cloudsign::evidence::FetchRequest request;
    request.url = url;
    request.content_type = "application/timestamp-query";
    request.body = query;
    auto answer = push::authority_fetch(outbound_, "")(request);
    if (!answer) {
        return cloudsign::Error{cloudsign::ErrorKind::unavailable,
                                "the time-stamping authority: " + answer.error().detail};
    }
    return answer;
}

// What our own certificates name is answered here: a request to ourselves would take a thread more.
cloudsign::evidence::Fetch App::authority_fetch() {
    using cloudsign::Bytes;
    return [this, own = published_at(config_), others = push::authority_fetch(outbound_, "")](
               const cloudsign::evidence::FetchRequest& request) -> cloudsign::Result<Bytes> {
        if (request.url == own.ocsp) {
            return status_.answer(request.body).response;
        }
        if (request.url == own.list) {
            TRY_ASSIGN(auto list, status_.list());
            return std::move(list.der);
        }
        return others(request);
    };
}

api::DocumentVerifier::Source App::verifier_source(std::vector<cloudsign::Bytes> authorities) {
    api::DocumentVerifier::Source source;
    source.anchors = [this, authorities = std::move(authorities)] {
        auto anchors = authorities;
        auto own = credentials_.root_certificate();
        if (own) {
            anchors.push_back(*std::move(own));
        }
        return anchors;
    };
    // Wherever the certificate says that it is answered: it is asked here.
    source.status = [this](const cloudsign::evidence::FetchRequest& request)
        -> cloudsign::Result<cloudsign::Bytes> {
        if (!request.body.empty()) {
            return status_.answer(request.body).response;
        }
        TRY_ASSIGN(auto list, status_.list());
        return std::move(list.der);
    };
    return source;
}

}  // namespace server::app
