#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <set>

#include "hsm/softphone/approver.h"
#include "hsm/softphone/commands.h"
#include "hsm/softphone/printable.h"

namespace hsm::softphone {
namespace {

constexpr timespec pause_between{0, 200'000'000};
constexpr timespec pause_after_failure{1, 0};

// SIGTERM and SIGINT end the watch where it waits, never in the middle of an answer.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGTERM);
        sigaddset(&signals_, SIGINT);
        sigprocmask(SIG_BLOCK, &signals_, nullptr);
    }
    // True when one came.
    bool wait(const timespec& time) const { return sigtimedwait(&signals_, nullptr, &time) > 0; }

private:
    sigset_t signals_{};
};

Outcome<std::string> answer(Approver& approver, const Item& item, Answer answer) {
    switch (answer) {
        case Answer::approve: {
            TRY_ASSIGN(const auto checked, approver.check(item));
            return approver.approve(checked);
        }
        case Answer::reject:
            return approver.reject(item.id);
        case Answer::not_mine:
            return approver.not_mine(item.id);
        case Answer::none:
            break;
    }
    return std::string("left unanswered");
}

// Every item that was not answered before. What cannot be answered is said once and left alone.
Outcome<void> answer_all(Approver& approver, Answer rule, std::set<std::string>& answered) {
    TRY_ASSIGN(auto items, approver.pending());
    std::set<std::string> still_there;
    for (const auto& item : items) {
        still_there.insert(item.id);
        if (answered.contains(item.id)) {
            continue;
        }
        const auto state = answer(approver, item, rule);
        std::cout << printable(item.id) << "  "
                  << printable(state ? *state : "not answered: " + state.error().text) << "\n"
                  << std::flush;
    }
    answered = std::move(still_there);
    return {};
}

}  // namespace

int run_watch(const CommonOptions& common, Answer rule) {
    const StopSignals signals;
    auto store = PhoneStore::open(common.store);
    if (!store) {
        std::cerr << "kyso-phone: " << printable(store.error().text) << "\n";
        return exit_usage;
    }
    auto http = client_for(*store);
    auto approver = Approver::connect(*store, http);
    if (!approver) {
        std::cerr << "kyso-phone: " << printable(approver.error().text) << "\n";
        return exit_failed;
    }
    std::set<std::string> answered;
    std::string last_failure;
    while (true) {
        const auto done = answer_all(*approver, rule, answered);
        const std::string failure = done ? "" : done.error().text;
        if (!failure.empty() && failure != last_failure) {
            std::cerr << "kyso-phone: " << printable(failure) << "\n";
        }
        last_failure = failure;
        if (signals.wait(done ? pause_between : pause_after_failure)) {
            return exit_done;
        }
    }
}

}  // namespace hsm::softphone
