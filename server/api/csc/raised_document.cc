#include "server/api/csc/raised_document.h"

#include <limits>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/document/pdf_appearance.h"
#include "cloudsign/fault_text.h"
#include "server/api/csc/algorithm_parameters.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::ErrorKind;
using cloudsign::Result;
using cloudsign::raising::Attempt;
using cloudsign::raising::brief_id;
using cloudsign::store::Raising;
using cloudsign::store::RaisingForm;
using cloudsign::store::RaisingState;

RaisingForm form_of(Envelope envelope) {
    switch (envelope) {
        case Envelope::inside:
            return RaisingForm::pdf;
        case Envelope::attached:
            return RaisingForm::attached;
        case Envelope::none:
        case Envelope::detached:
            break;
    }
    return RaisingForm::detached;
}

Result<Raising> keep(Context& context,
                     const cloudsign::store::Transaction& transaction,
                     const MissedDocument& document,
                     const DocumentLevels::Miss& miss) {
    if (miss.is_hopeless) {
        return miss.error;
    }
    cloudsign::raising::Missed missed;
    missed.client_id = transaction.client_id.value_or("");
    missed.signer_id = transaction.approver_id;
    missed.credential_id = transaction.credential_id;
    missed.transaction_id = transaction.id;
    missed.position = document.position;
    missed.form = form_of(document.envelope);
    missed.target = document.target;
    missed.reached = document.reached;
    missed.fault = miss.error.detail;
    missed.document = document.bytes;
    missed.anchor = document.anchor;
    return context.raisings.keep(missed);
}

// The store has no room at the moment; nothing of the document's.
bool is_of_the_moment(const cloudsign::Error& error) {
    return error.kind == ErrorKind::busy || error.kind == ErrorKind::unavailable;
}

// The member of signDoc's answer that a document of this form stands in.
std::string_view member_of(RaisingForm form) {
    return form == RaisingForm::detached ? "SignatureObject" : "DocumentWithSignature";
}

std::string_view state_name(RaisingState state) {
    switch (state) {
        case RaisingState::raising:
            return "raising";
        case RaisingState::done:
            return "done";
        case RaisingState::given_up:
            break;
    }
    return "givenUp";
}

// As the specification spells a level that the database has as "B-LT".
std::string outward_level(const std::string& name) {
    const auto level = cloudsign::evidence::level_named(name);
    return level ? conformance_level(*level) : name;
}

Refusal fetch_refusal(const cloudsign::Error& error) {
    return error.kind == ErrorKind::not_found ? wrong_parameter("documentID") : to_refusal(error);
}

bool is_allowed(const Principal& principal, const Raising& raising) {
    return raising.client_id == principal.client->id &&
           (!principal.signer_id || *principal.signer_id == raising.signer_id);
}

json::object status_of(const Raising& raising) {
    json::object answer{{"documentID", raising.id},
                        {"state", state_name(raising.state)},
                        {"conformance_level", outward_level(raising.target)},
                        {"reachedLevel", outward_level(raising.reached)}};
    if (raising.state != RaisingState::done) {
        answer["fault"] = raising.fault;
    }
    if (raising.state == RaisingState::raising) {
        answer["nextAttempt"] = cloudsign::document::iso_time(raising.next_at);
    }
    return answer;
}

Checked<json::object> raised_document(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto parameters, Parameters::read(request, Version::v2));
    TRY_ASSIGN(const auto id, parameters.required_string("documentID"));
    TRY_ASSIGN(const auto any_level, parameters.optional_bool("anyLevel"));
    const auto found = context.raisings.find(id);
    if (!found) {
        return fetch_refusal(found.error());
    }
    if (!is_allowed(*request.principal, *found)) {
        return wrong_parameter("documentID");
    }
    const bool is_raising = found->state == RaisingState::raising;
    if (is_raising && !any_level) {
        return status_of(*found);
    }
    // Level and document of one moment.
    const auto taken = is_raising ? context.raisings.preview(id) : context.raisings.fetch(id);
    if (!taken) {
        return fetch_refusal(taken.error());
    }
    auto answer = status_of(taken->raising);
    answer[member_of(found->form)] = json::array{json::string(cloudsign::base64(taken->document))};
    return answer;
}

}  // namespace

json::value keep_for_raising(Context& context,
                             const cloudsign::store::Transaction& transaction,
                             const MissedDocument& document,
                             const DocumentLevels::Miss& miss) {
    const auto kept = keep(context, transaction, document, miss);
    const auto target = conformance_level(document.target);
    constexpr std::size_t words_max = 255;
    const auto refusal = kept ? "" : cloudsign::fault_text(kept.error().detail, words_max);
    spdlog::warn(
        "a signed document misses its level: {}; transaction {} of client {} is at {} instead of "
        "{}, {}",
        cloudsign::fault_text(miss.error.detail, words_max),
        transaction.id,
        transaction.client_id.value_or(""),
        conformance_level(document.reached),
        target,
        kept ? "kept as " + std::string(brief_id(kept->id)) : "not kept: " + refusal);
    if (!kept) {
        return json::object{{"conformance_level", target}, {"refused", refusal}};
    }
    return json::object{{"documentID", kept->id}, {"conformance_level", target}};
}

Attempt try_to_raise(Context& context, const Raising& raising) {
    Attempt attempt;
    attempt.raising_id = raising.id;
    const auto target = cloudsign::evidence::level_named(raising.target);
    const auto reached = cloudsign::evidence::level_named(raising.reached);
    auto file = context.raisings.file(raising.id);
    if (!target || !reached || !file) {
        attempt.fault = file ? "its row has no level" : file.error().detail;
        attempt.found_busy = !file && is_of_the_moment(file.error());
        return attempt;
    }
    attempt.reached = *reached;
    attempt.document = std::move(file->document);
    DocumentLevels levels(context, file->anchor, DocumentLevels::Asks::whenever);
    if (raising.form == RaisingForm::pdf) {
        attempt.reached = std::max(*reached, levels.raise(attempt.document, *target));
    } else if (auto stamped =
                   levels.stamped(attempt.document, std::numeric_limits<std::size_t>::max())) {
        attempt.document = *std::move(stamped);
        attempt.reached = Level::t;
    }
    if (const auto& miss = levels.missed()) {
        attempt.fault = miss->error.detail;
        attempt.hopeless = miss->is_hopeless;
        attempt.found_busy = miss->error.kind == ErrorKind::busy;
    }
    return attempt;
}

http::Outcome signatures_raised_document(Context& context, const http::Request& request) {
    const auto answer = raised_document(context, request);
    return answer ? http::json(200, *answer) : to_response(answer.error());
}

}  // namespace server::api::csc
