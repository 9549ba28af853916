#include "hsm/softphone/commands.h"

#include <chrono>
#include <iostream>
#include <thread>

#include <boost/json.hpp>

#include "hsm/openssl/hex.h"
#include "hsm/softphone/enrolment.h"
#include "hsm/softphone/item_text.h"
#include "hsm/softphone/link.h"
#include "hsm/softphone/officer_connection.h"
#include "hsm/softphone/printable.h"
#include "hsm/softphone/terminal.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

template <class Command>
int with_phone(const CommonOptions& common, const Command& command) {
    auto store = PhoneStore::open(common.store);
    if (!store) {
        report(store.error());
        return exit_usage;
    }
    return with_phone(*std::move(store), command);
}

std::string show_item(const Approver& approver, const Item& item) {
    if (!is_waiting(item)) {
        return settled_text(item);
    }
    const auto checked = approver.check(item);
    return checked ? item_text(*checked) : refused_text(item, checked.error());
}

json::object show_item_json(const Approver& approver, const Item& item) {
    if (!is_waiting(item)) {
        return settled_json(item);
    }
    const auto checked = approver.check(item);
    return checked ? item_json(*checked) : refused_json(item, checked.error());
}

// ---- approve

// The items to approve, asked for again until there are some or the time is over.
Outcome<std::vector<Item>> wait_for_items(Approver& approver, const ApproveOptions& options) {
    using Clock = std::chrono::steady_clock;
    constexpr auto pause = std::chrono::milliseconds(100);
    const auto deadline = Clock::now() + std::chrono::seconds(options.wait_seconds);
    while (true) {
        TRY_ASSIGN(auto items, approver.pending());
        if (!options.ids.empty()) {
            std::erase_if(items, [&](const Item& item) {
                return std::ranges::find(options.ids, item.id) == options.ids.end();
            });
        }
        if (items.size() >= std::max<std::size_t>(options.ids.size(), 1) ||
            Clock::now() >= deadline) {
            return items;
        }
        std::this_thread::sleep_for(pause);
    }
}

// The state after it, or why it was not approved.
Outcome<std::string> approve_one(Approver& approver, Item item, const ApproveOptions& options) {
    const auto id = item.id;
    const bool typed = item.code_typed && !options.number.empty();
    if (typed) {
        item.code = options.number;
    }
    auto shown = approver.check(std::move(item));
    if (!shown) {
        // What was typed is part of what is checked: another number, and it is over.
        if (typed) {
            TRY(approver.wrong_code(id));
        }
        return std::move(shown).error();
    }
    const auto& checked = *shown;
    if (options.consent == Consent::ask) {
        std::cerr << item_text(checked);
        if (!confirmed_at_terminal()) {
            return Problem{ProblemKind::refused, "not approved; it still waits"};
        }
    } else if (!checked.notices.empty()) {
        return Problem{ProblemKind::refused,
                       checked.notices.front() + "; approve it without --yes to judge yourself"};
    }
    return approver.approve(checked);
}

int report_missing(const ApproveOptions& options, const std::vector<Item>& items) {
    if (options.ids.empty()) {
        std::cerr << "kyso-phone: nothing is pending; --wait SECONDS waits for it\n";
    }
    for (const auto& id : options.ids) {
        if (std::ranges::find(items, id, &Item::id) == items.end()) {
            std::cerr << "kyso-phone: " << printable(id)
                      << ": not pending on this phone; see kyso-phone show\n";
        }
    }
    return exit_failed;
}

Outcome<int> approve_all(Approver& approver,
                         const CommonOptions& common,
                         const ApproveOptions& options) {
    TRY_ASSIGN(auto items, wait_for_items(approver, options));
    int code = exit_done;
    if (items.empty() || items.size() < options.ids.size()) {
        code = report_missing(options, items);
    }
    json::array results;
    for (auto& item : items) {
        const auto id = item.id;
        const auto state = approve_one(approver, std::move(item), options);
        if (!state) {
            code = exit_failed;
            results.push_back(json::object{{"id", id}, {"refused", state.error().text}});
            std::cerr << "kyso-phone: " << id << ": " << printable(state.error().text) << "\n";
            continue;
        }
        results.push_back(json::object{{"id", id}, {"state", *state}});
        if (common.form == Form::text) {
            std::cout << id << " " << printable(*state) << "\n";
        }
    }
    if (common.form == Form::json) {
        std::cout << json::serialize(results) << "\n";
    }
    return code;
}

}  // namespace

int run_enrol(const CommonOptions& common, const EnrolOptions& options) {
    EnrolRequest request;
    request.store = common.store;
    request.name = options.name;
    auto text = options.link;
    if (text == "-") {
        std::getline(std::cin, text);
    }
    auto ca_file = absolute_ca_file(options.ca_file);
    if (!ca_file) {
        return report(ca_file.error());
    }
    request.ca_file = *std::move(ca_file);
    auto link = parse_enrolment_link(text);
    if (!link) {
        return report({ProblemKind::input, "--link: " + link.error().text});
    }
    request.link = *std::move(link);
    const auto enrolled = enrol(request);
    if (!enrolled) {
        return report(enrolled.error());
    }
    if (common.form == Form::json) {
        std::cout << json::serialize(json::object{{"device_id", enrolled->device_id},
                                                  {"credential_id", enrolled->credential_id},
                                                  {"transaction_id", enrolled->transaction_id},
                                                  {"subject", enrolled->subject},
                                                  {"short_code", enrolled->short_code},
                                                  {"state", enrolled->state}})
                  << "\n";
        return exit_done;
    }
    std::cout << "credential " << printable(enrolled->credential_id) << "\n"
              << "subject    " << printable(enrolled->subject) << "\n"
              << "short code " << enrolled->short_code << "\n"
              << "Read the short code to the registrar, who sees the same one and confirms.\n";
    return exit_done;
}

int run_officer(const CommonOptions& common, const OfficerOptions& options) {
    const auto origin = "https://" + options.rp_id;
    if (options.origin != origin && !options.origin.starts_with(origin + ":")) {
        return report({ProblemKind::input, "--origin: has to be " + origin + ", or a port of it"});
    }
    const auto made = PhoneStore::create(
        common.store,
        {PhoneRole::officer, "officer", options.rp_id, options.origin, Backup::single_device});
    if (!made) {
        return report(made.error());
    }
    const auto point = openssl::hex(made->passkey().point());
    if (common.form == Form::json) {
        std::cout << json::serialize(json::object{
                         {"person", options.person}, {"point", point}, {"backup_eligible", false}})
                  << "\n";
        return exit_done;
    }
    std::cout << "[[officers]]\nperson = " << options.person << "\npoint = \"" << point
              << "\"\nbackup_eligible = false\n";
    return exit_done;
}

int run_connect(const CommonOptions& common, const ConnectOptions& options) {
    auto text = options.link;
    if (text == "-") {
        std::getline(std::cin, text);
    }
    auto ca_file = absolute_ca_file(options.ca_file);
    if (!ca_file) {
        return report(ca_file.error());
    }
    const auto link = parse_officer_link(text);
    if (!link) {
        return report({ProblemKind::input, "--link: " + link.error().text});
    }
    auto store = PhoneStore::open(common.store);
    if (!store) {
        report(store.error());
        return exit_usage;
    }
    const auto connected = connect_officer(*store, *link, *ca_file);
    if (!connected) {
        return report(connected.error());
    }
    return run_pending(common);
}

int run_pending(const CommonOptions& common) {
    return with_phone(common, [&](Approver& approver) -> Outcome<int> {
        TRY_ASSIGN(auto items, approver.pending());
        json::array list;
        for (const auto& item : items) {
            if (common.form == Form::json) {
                list.push_back(show_item_json(approver, item));
            } else {
                std::cout << show_item(approver, item);
            }
        }
        if (common.form == Form::json) {
            std::cout << json::serialize(list) << "\n";
        } else if (items.empty()) {
            std::cout << "nothing is pending\n";
        }
        return exit_done;
    });
}

int run_start(const CommonOptions& common, const std::string& text) {
    const auto link = parse_start_link(text);
    if (!link) {
        return report(link.error());
    }
    auto store = PhoneStore::open(common.store);
    if (store && store->state().server.url != link->origin) {
        return report({ProblemKind::input,
                       "the link leads to " + link->origin + ", which is not this phone's server"});
    }
    return with_phone(common, [&](Approver& approver) -> Outcome<int> {
        TRY_ASSIGN(auto item, approver.start(link->token));
        if (common.form == Form::json) {
            std::cout << json::serialize(show_item_json(approver, item)) << "\n";
        } else {
            std::cout << show_item(approver, item);
        }
        return exit_done;
    });
}

int run_show(const CommonOptions& common, const std::string& id) {
    return with_phone(common, [&](Approver& approver) -> Outcome<int> {
        TRY_ASSIGN(auto item, approver.item(id));
        if (common.form == Form::json) {
            std::cout << json::serialize(show_item_json(approver, item)) << "\n";
        } else {
            std::cout << show_item(approver, item);
        }
        return exit_done;
    });
}

int run_approve(const CommonOptions& common, const ApproveOptions& options) {
    return with_phone(common, [&](Approver& approver) -> Outcome<int> {
        return approve_all(approver, common, options);
    });
}

int run_refuse(const CommonOptions& common, const std::string& id, Refusal refusal) {
    return with_phone(common, [&](Approver& approver) -> Outcome<int> {
        TRY_ASSIGN(auto state,
                   refusal == Refusal::reject ? approver.reject(id) : approver.not_mine(id));
        if (common.form == Form::json) {
            std::cout << json::serialize(json::object{{"id", id}, {"state", state}}) << "\n";
        } else {
            std::cout << id << " " << printable(state) << "\n";
        }
        return exit_done;
    });
}

}  // namespace hsm::softphone
