#include <chrono>
#include <iostream>
#include <optional>
#include <set>
#include <thread>

#include <boost/json.hpp>

#include "hsm/softphone/commands.h"
#include "hsm/softphone/item_text.h"
#include "hsm/softphone/phone_move.h"
#include "hsm/softphone/printable.h"
#include "hsm/softphone/terminal.h"

// A change of phones: `join` on the new one, `move` on the old one.
namespace hsm::softphone {
namespace {

namespace json = boost::json;

// Nobody is asked who said yes beforehand.
Outcome<void> consent_to(const CheckedItem& checked, Consent consent) {
    if (consent == Consent::given) {
        return {};
    }
    std::cerr << item_text(checked);
    if (confirmed_at_terminal()) {
        return {};
    }
    return Problem{ProblemKind::refused, "not approved; it still waits"};
}

// What the old phone has to see, before anything is waited for; as JSON it is told with the rest.
void print_mark(const CommonOptions& common, const JoiningPhone& phone) {
    if (common.form == Form::text) {
        std::cout << "link       " << phone.link() << "\n"
                  << "short code " << phone.short_code() << "\n"
                  << std::flush;
    }
}

void print_state(const CommonOptions& common, const JoiningPhone& phone, std::string_view state) {
    if (common.form == Form::text) {
        std::cout << "state      " << printable(state) << "\n";
        return;
    }
    std::cout << json::serialize(json::object{
                     {"link", phone.link()}, {"short_code", phone.short_code()}, {"state", state}})
              << "\n";
}

// Waits for the old phone, and answers what it begins.
class Follower {
public:
    Follower(JoiningPhone& phone, Consent consent) : phone_(phone), consent_(consent) {}

    // Whatever of it waits for this phone, each challenge once: what the server does not take is
    // told if nothing else comes of it. Whether there was anything.
    Outcome<bool> answer(std::vector<Item> items) {
        bool any = false;
        for (auto& item : items) {
            if (!phone_.is_asked(item)) {
                continue;
            }
            auto checked = phone_.check(std::move(item));
            if (!checked) {
                TRY(phone_.reject());
                return std::move(checked).error();
            }
            if (!answered_.insert(checked->challenge).second) {
                continue;
            }
            TRY(consent_to(*checked, consent_));
            any = true;
            const auto approved = phone_.approve(*checked);
            if (!approved && approved.error().kind != ProblemKind::server) {
                return approved.error();
            }
            problem_ = approved ? std::nullopt : std::optional(approved.error());
        }
        return any;
    }

    const std::optional<Problem>& problem() const { return problem_; }

private:
    JoiningPhone& phone_;
    const Consent consent_;
    std::set<Digest> answered_;
    std::optional<Problem> problem_;
};

Outcome<int> follow(JoiningPhone& phone, const CommonOptions& common, const JoinOptions& options) {
    using Clock = std::chrono::steady_clock;
    constexpr auto pause = std::chrono::milliseconds(100);
    const auto deadline = Clock::now() + std::chrono::seconds(options.wait_seconds);
    Follower follower(phone, options.consent);
    while (true) {
        TRY_ASSIGN(auto progress, phone.progress());
        if (progress.state == "done") {
            TRY(phone.arrive());
            print_state(common, phone, progress.state);
            return exit_done;
        }
        if (progress.state == "rejected" || progress.state == "expired") {
            TRY(phone.give_up());
            print_state(common, phone, progress.state);
            return exit_failed;
        }
        TRY_ASSIGN(const bool answered, follower.answer(std::move(progress.items)));
        if (answered) {
            continue;  // and sees what came of it
        }
        if (Clock::now() >= deadline) {
            print_state(common, phone, progress.state);
            if (follower.problem()) {
                return *follower.problem();
            }
            return options.wait_seconds == 0 ? exit_done : exit_failed;
        }
        std::this_thread::sleep_for(pause);
    }
}

Outcome<SeenPhone> read_mark(const PhoneStore& store, const MoveOptions& options) {
    SeenPhone seen;
    if (options.link.empty()) {
        TRY_ASSIGN(seen.short_code, parse_short_code(options.code));
        return seen;
    }
    TRY_ASSIGN(const auto link, parse_move_link(options.link));
    if (link.origin != store.state().server.url) {
        return Problem{ProblemKind::input,
                       "the link leads to " + link.origin + ", which is not this phone's server"};
    }
    seen.thumbprint = link.thumbprint;
    return seen;
}

Outcome<int> move(Approver& approver,
                  const CommonOptions& common,
                  const MoveOptions& options,
                  const SeenPhone& seen) {
    TRY_ASSIGN(auto items, approver.take_move(seen));
    json::array results;
    for (auto& item : items) {
        if (!approver.is_asked(item)) {
            continue;
        }
        const auto id = item.id;
        auto checked = approver.check(std::move(item), seen);
        if (!checked) {
            TRY(approver.reject(id));
            return std::move(checked).error();
        }
        TRY(consent_to(*checked, options.consent));
        TRY_ASSIGN(auto state, approver.approve(*checked));
        results.push_back(json::object{{"id", id}, {"state", state}});
        if (common.form == Form::text) {
            std::cout << id << " " << state << "\n";
        }
    }
    if (common.form == Form::json) {
        std::cout << json::serialize(results) << "\n";
    }
    return exit_done;
}

}  // namespace

int run_join(const CommonOptions& common, const JoinOptions& options) {
    JoinRequest request;
    request.store = common.store;
    request.name = options.name;
    auto server = parse_server(options.server);
    if (!server) {
        return report({ProblemKind::input, "--server: " + server.error().text});
    }
    request.server = *std::move(server);
    auto ca_file = absolute_ca_file(options.ca_file);
    if (!ca_file) {
        return report(ca_file.error());
    }
    request.ca_file = *std::move(ca_file);
    auto phone = JoiningPhone::begin(request);
    if (!phone) {
        return report(phone.error());
    }
    print_mark(common, *phone);
    const auto code = follow(*phone, common, options);
    return code ? *code : report(code.error());
}

int run_move(const CommonOptions& common, const MoveOptions& options) {
    auto store = PhoneStore::open(common.store);
    if (!store) {
        report(store.error());
        return exit_usage;
    }
    const auto seen = read_mark(*store, options);
    if (!seen) {
        return report(seen.error());
    }
    return with_phone(*std::move(store),
                      [&](Approver& approver) { return move(approver, common, options, *seen); });
}

}  // namespace hsm::softphone
