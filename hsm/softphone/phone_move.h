#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hsm/softphone/approver.h"
#include "hsm/softphone/link.h"

namespace hsm::softphone {

// What a phone is to be that takes an old one's place.
struct JoinRequest {
    std::filesystem::path store;
    ServerAddress server;
    std::string name;     // of the device, as the old phone will show it
    std::string ca_file;  // PEM; empty: the system's authorities
};

// The new phone's side of a change of phones, from the first step to the last; it may be cut off
// and taken up again anywhere between.
class JoiningPhone {
public:
    // Makes the phone's file and passkey, or goes on with one that is not in use yet, and announces
    // it to the server unless it is announced already. `input` when the file belongs to a phone
    // that is in use.
    static Outcome<JoiningPhone> begin(const JoinRequest& request);

    // What the old phone has to see: the link that a code would hold, and what people read.
    std::string link() const;
    std::string short_code() const;

    struct Progress {
        std::string state;  // open, waiting, finishing, done, rejected, expired
        std::vector<Item> items;
    };
    Outcome<Progress> progress();
    // Whether this phone has not answered it.
    bool is_asked(const Item& item) const;
    Outcome<CheckedItem> check(Item item) const;
    // Remembers the key as this phone's before the assertion leaves. Answers the state after it.
    Outcome<std::string> approve(const CheckedItem& checked);
    Outcome<void> reject();

    // It is an ordinary phone from now on; or not, and the next begin() announces it anew.
    Outcome<void> arrive();
    Outcome<void> give_up();

private:
    explicit JoiningPhone(PhoneStore store);

    std::string address(std::string_view path) const;
    Outcome<boost::json::value> post(std::string_view path,
                                     const boost::json::value& body,
                                     std::string_view what);

    PhoneStore store_;
    HttpsClient http_;
};

}  // namespace hsm::softphone
