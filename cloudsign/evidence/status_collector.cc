#include "cloudsign/evidence/status_collector.h"

#include <algorithm>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/random.h"

namespace cloudsign::evidence {
namespace {

constexpr std::size_t addresses_max = 3;  // of each kind, that are tried
constexpr std::size_t list_size_max = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds list_deadline{30'000};
// A responder's own certificate may name another responder: no further.
constexpr std::size_t responder_depth_max = 2;

void add_once(std::vector<Bytes>& list, const Bytes& value) {
    if (std::ranges::find(list, value) == list.end()) {
        list.push_back(value);
    }
}

void add_all(ValidationData& to, const ValidationData& from) {
    for (const auto values :
         {&ValidationData::certificates, &ValidationData::ocsp_answers, &ValidationData::lists}) {
        for (const auto& value : from.*values) {
            add_once(to.*values, value);
        }
    }
}

std::string subject_of(const Bytes& certificate) {
    const auto facts = pki::read_certificate(certificate);
    return facts ? facts->subject : "a certificate";
}

Error with_subject(const Bytes& certificate, Error error) {
    error.detail = subject_of(certificate) + ": " + error.detail;
    return error;
}

bool names_nowhere(const Bytes& certificate) {
    const auto addresses = pki::status_addresses(certificate);
    return addresses && addresses->ocsp.empty() && addresses->lists.empty();
}

// An answer that was current at that time, or one that was made after it, which says more: an older
// one does not know of what happened shortly before.
enum class Current { then, after };
struct Needed {
    std::int64_t at_ms = 0;
    Current current = Current::then;
};

bool is_enough(const pki::GoodStatus& good, const Needed& needed) {
    return (needed.current == Current::then ? good.next_update_ms : good.this_update_ms) >=
           needed.at_ms;
}

// From `known` for one certificate; false where it says nothing.
Result<bool> find_one(const Bytes& certificate,
                      const Bytes& issuer,
                      const ValidationData& known,
                      const Needed& needed,
                      std::size_t depth,
                      ValidationData& data) {
    const auto is_revoked = [](const Error& error) {
        return error.kind == ErrorKind::credential_disabled;
    };
    for (const auto& answer : known.ocsp_answers) {
        const auto good =
            pki::check_ocsp_answer(answer, certificate, issuer, nullptr, std::nullopt);
        if (!good && is_revoked(good.error())) {
            return with_subject(certificate, good.error());
        }
        if (!good || !is_enough(*good, needed)) {
            continue;
        }
        ValidationData found;
        found.ocsp_answers.push_back(answer);
        add_once(found.certificates, good->responder);
        TRY_ASSIGN(const auto of_responder, pki::status_addresses(good->responder));
        if (good->responder != issuer && !of_responder.is_never_asked) {
            TRY_ASSIGN(const bool is_found,
                       depth >= responder_depth_max
                           ? Result<bool>(false)
                           : find_one(good->responder, issuer, known, needed, depth + 1, found));
            if (!is_found) {
                continue;
            }
        }
        add_all(data, found);
        return true;
    }
    for (const auto& list : known.lists) {
        const auto good = pki::check_revocation_list(list, certificate, issuer, std::nullopt);
        if (!good && is_revoked(good.error())) {
            return with_subject(certificate, good.error());
        }
        if (good && is_enough(*good, needed)) {
            add_once(data.lists, list);
            return true;
        }
    }
    return false;
}

}  // namespace

Result<ValidationData> find_status(const std::vector<Bytes>& chain,
                                   const ValidationData& known,
                                   std::int64_t needed_ms) {
    ValidationData data;
    data.certificates = chain;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        TRY_ASSIGN(const bool is_found,
                   find_one(chain[i], chain[i + 1], known, {needed_ms, Current::then}, 0, data));
        if (!is_found) {
            return Error{ErrorKind::not_found, subject_of(chain[i]) + ": its status is not there"};
        }
    }
    return data;
}

Result<void> StatusCollector::ask_ocsp(const std::string& url,
                                       const Bytes& certificate,
                                       const Bytes& issuer,
                                       std::size_t depth,
                                       ValidationData& data) {
    Bytes nonce(16);
    fill_random(nonce);
    FetchRequest request;
    request.url = url;
    request.content_type = "application/ocsp-request";
    TRY_ASSIGN(request.body, pki::ask_status(certificate, issuer, nonce));
    TRY_ASSIGN(const auto answer, fetch_(request));
    TRY_ASSIGN(const auto good,
               pki::check_ocsp_answer(answer, certificate, issuer, &request.body, clock_.now_ms()));
    ValidationData found;
    found.ocsp_answers.push_back(answer);
    add_once(found.certificates, good.responder);
    TRY_ASSIGN(const auto of_responder, pki::status_addresses(good.responder));
    if (good.responder != issuer && !of_responder.is_never_asked) {
        if (depth >= responder_depth_max) {
            return Error{ErrorKind::unavailable, "the responder's own status has no end"};
        }
        TRY(add_status(good.responder, issuer, depth + 1, found));
    }
    add_all(data, found);
    return {};
}

Result<void> StatusCollector::fetch_list(const std::string& url,
                                         const Bytes& certificate,
                                         const Bytes& issuer,
                                         ValidationData& data) {
    auto known = lists_.find(url);
    if (known == lists_.end()) {
        FetchRequest request;
        request.url = url;
        request.answer_max = list_size_max;
        request.deadline = list_deadline;
        TRY_ASSIGN(auto list, fetch_(request));
        known = lists_.emplace(url, std::move(list)).first;
    }
    TRY(pki::check_revocation_list(known->second, certificate, issuer, clock_.now_ms()));
    add_once(data.lists, known->second);
    return {};
}

Result<void> StatusCollector::add_status(const Bytes& certificate,
                                         const Bytes& issuer,
                                         std::size_t depth,
                                         ValidationData& data) {
    if (const auto found = asked_.find(certificate); found != asked_.end()) {
        add_all(data, found->second);
        return {};
    }
    TRY_ASSIGN(auto addresses, pki::status_addresses(certificate));
    addresses.ocsp.resize(std::min(addresses.ocsp.size(), addresses_max));
    addresses.lists.resize(std::min(addresses.lists.size(), addresses_max));
    ValidationData found;
    std::string said;
    const auto is_got = [&](const std::string& url, const Result<void>& got) -> Result<bool> {
        if (got) {
            return true;
        }
        // No other address could say better.
        if (got.error().kind == ErrorKind::credential_disabled) {
            return with_subject(certificate, got.error());
        }
        said += (said.empty() ? "" : "; ") + url + ": " + got.error().detail;
        return false;
    };
    bool done = false;
    for (std::size_t i = 0; i < addresses.ocsp.size() && !done; ++i) {
        const auto& url = addresses.ocsp[i];
        TRY_ASSIGN(done, is_got(url, ask_ocsp(url, certificate, issuer, depth, found)));
    }
    for (std::size_t i = 0; i < addresses.lists.size() && !done; ++i) {
        const auto& url = addresses.lists[i];
        TRY_ASSIGN(done, is_got(url, fetch_list(url, certificate, issuer, found)));
    }
    if (!done) {
        return Error{ErrorKind::unavailable,
                     "no status of " + subject_of(certificate) + ": " +
                         (said.empty() ? "it names no address to ask at" : said)};
    }
    add_all(data, found);
    asked_.emplace(certificate, std::move(found));
    return {};
}

Result<ValidationData> StatusCollector::collect(const std::vector<Bytes>& chain,
                                                const ValidationData& known,
                                                std::int64_t needed_ms) {
    nowhere_to_ask_ = false;
    ValidationData data;
    data.certificates = chain;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        TRY_ASSIGN(const bool is_known,
                   find_one(chain[i], chain[i + 1], known, {needed_ms, Current::after}, 0, data));
        if (is_known) {
            continue;
        }
        const auto asked = add_status(chain[i], chain[i + 1], 0, data);
        if (asked || asked.error().kind == ErrorKind::credential_disabled) {
            TRY(asked);
            continue;
        }
        TRY_ASSIGN(const bool is_current,
                   find_one(chain[i], chain[i + 1], known, {needed_ms, Current::then}, 0, data));
        if (!is_current) {
            nowhere_to_ask_ = names_nowhere(chain[i]);
            return asked.error();
        }
    }
    return data;
}

}  // namespace cloudsign::evidence
