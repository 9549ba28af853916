#pragma once

#include <string>
#include <string_view>

namespace cloudsign::push {

// What a phone's browser is told: that something waits, and nothing of what. A Declarative Web Push
// message, so that a browser without a running service worker can show it; `transaction_id` is all
// that differs from one to the next. `approve_url`: https://host of the approve app.
std::string hint_message(std::string_view transaction_id,
                         std::string_view language,
                         std::string_view approve_url);

// The Topic header (RFC 8030 §5.4): a newer message of the same transaction takes the place of one
// that the push service still holds. Names the transaction to nobody.
std::string hint_topic(std::string_view transaction_id);

}  // namespace cloudsign::push
