#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "hsm/softphone/https_client.h"
#include "hsm/softphone/item_check.h"
#include "hsm/softphone/phone_store.h"

namespace hsm::softphone {

// Milliseconds UTC.
std::int64_t now_ms();

// A phone's conversation with the approve API. Store and client outlive it.
class Approver {
public:
    // `store` when the phone has no device session yet.
    static Outcome<Approver> connect(PhoneStore& store, HttpsClient& http);

    // As the server tells them: nothing is checked yet.
    Outcome<std::vector<Item>> pending();
    Outcome<Item> item(const std::string& id);

    Outcome<CheckedItem> check(Item item) const;
    // Of a change of phones, with what was read on the new one.
    Outcome<CheckedItem> check(Item item, const SeenPhone& seen) const;

    // Whether this phone's passkey is asked for, and has not answered.
    bool is_asked(const Item& item) const;
    // What waits of a change to the phone that shows this.
    Outcome<std::vector<Item>> take_move(const SeenPhone& seen);

    // Asserts the challenge and sends it; answers the state after it. The key of a binding is
    // remembered, and a higher version, before the assertion leaves.
    Outcome<std::string> approve(const CheckedItem& checked);
    Outcome<std::string> reject(const std::string& id);
    Outcome<std::string> not_mine(const std::string& id);
    // What was typed is not the number that the transaction was opened with: ends it.
    Outcome<std::string> wrong_code(const std::string& id);
    // The transaction that a screen shows at this moment, by the token in its link.
    Outcome<Item> start(const std::string& token);

private:
    Approver(PhoneStore& store, HttpsClient& http) : store_(&store), http_(&http) {}

    std::string address(std::string_view path) const;
    Outcome<std::string> post(const std::string& id,
                              std::string_view action,
                              const boost::json::value& body);

    PhoneStore* store_;
    HttpsClient* http_;
};

// What a key's approval teaches, and the body in which an assertion travels.
void learn(PhoneState& phone, const CheckedItem& checked);
boost::json::object assertion_body(const OwnedAssertion& assertion);
// The items in this member of an answer.
Outcome<std::vector<Item>> read_items(const boost::json::value& answer);

// The client that a phone's own server needs.
HttpsClient client_for(const PhoneStore& store);

}  // namespace hsm::softphone
