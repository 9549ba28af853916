#include "server/app/document_raiser.h"

#include <spdlog/spdlog.h>

#include "server/api/csc/raised_document.h"

namespace server::app {
namespace {

using cloudsign::store::Raising;
using cloudsign::store::RaisingState;

constexpr unsigned at_once = 1;  // the authorities are asked by one document at a time

std::string key_of(const cloudsign::raising::Attempt& attempt) {
    return attempt.raising_id;
}

void log_outcome(const Raising& raising) {
    const auto id = cloudsign::raising::brief_id(raising.id);
    switch (raising.state) {
        case RaisingState::done:
            spdlog::info("document {} of client {}, transaction {}: raised to {}",
                         id,
                         raising.client_id,
                         raising.transaction_id,
                         raising.reached);
            return;
        case RaisingState::given_up:
            spdlog::error(
                "document {} of client {}, transaction {}: given up at {} instead of {}: {}",
                id,
                raising.client_id,
                raising.transaction_id,
                raising.reached,
                raising.target,
                raising.fault);
            return;
        case RaisingState::raising:
            break;
    }
    spdlog::warn("document {} of client {}: at {} instead of {} after {} attempts: {}",
                 id,
                 raising.client_id,
                 raising.reached,
                 raising.target,
                 raising.attempts,
                 raising.fault);
}

}  // namespace

DocumentRaiser::DocumentRaiser(api::Context& context)
    : context_(context), thread_("documents to raise", context.clock, key_of, at_once) {}

void DocumentRaiser::stop() {
    stopping_ = true;
    thread_.stop();
}

void DocumentRaiser::send_due() {
    const auto due = context_.raisings.due(at_once);
    if (!due) {
        spdlog::warn("documents to raise: {}", due.error().detail);
        return;
    }
    for (const auto& raising : *due) {
        if (stopping_ || !thread_.begin(raising.id, "the authorities")) {
            return;
        }
        auto attempt = api::csc::try_to_raise(context_, raising);
        attempt.cut_short = stopping_;
        thread_.ended(std::move(attempt));
    }
}

cloudsign::Result<std::optional<std::int64_t>> DocumentRaiser::next_due() {
    return context_.raisings.next_due();
}

cloudsign::Result<void> DocumentRaiser::record(const std::vector<Attempt>& attempts) {
    for (const auto& attempt : attempts) {
        TRY_ASSIGN(const auto raising, context_.raisings.record(attempt));
        if (raising) {
            log_outcome(*raising);
        }
    }
    return {};
}

}  // namespace server::app
