#include "server/api/inbox_watch.h"

#include <utility>

namespace server::api {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::Approver;
using cloudsign::store::Device;
using cloudsign::store::DeviceOwner;

const std::string officers = "officers";

std::string of_signer(const std::string& id) {
    return "signer/" + id;
}

std::string person_of(const Device& device) {
    return device.owner_kind == DeviceOwner::officer ? "officer/" + device.owner_id
                                                     : of_signer(device.owner_id);
}

}  // namespace

struct InboxWatch::Words {
    const char* too_many;
    const char* too_many_of_person;
};

// Gives itself back when the last pointer to the signal within is gone.
class InboxWatch::Place {
public:
    Place(InboxWatch& owner, std::string person, std::string inbox)
        : owner_(owner), person_(std::move(person)), inbox_(std::move(inbox)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        signal.reset();
        const std::lock_guard lock(owner_.mutex_);
        --owner_.watching_;
        const auto open = owner_.open_.find(person_);
        if (--open->second == 0) {
            owner_.open_.erase(open);
        }
        const auto left = owner_.signals_.find(inbox_);
        if (left != owner_.signals_.end() && left->second.expired()) {
            owner_.signals_.erase(left);
        }
    }

    std::shared_ptr<http::Signal> signal;

private:
    InboxWatch& owner_;
    const std::string person_;
    const std::string inbox_;
};

cloudsign::Result<std::shared_ptr<InboxWatch::Place>> InboxWatch::take(const std::string& person,
                                                                       const std::string& inbox,
                                                                       const Words& words) {
    if (watching_ >= limits_.all) {
        return Error{ErrorKind::unavailable, words.too_many};
    }
    auto& open = open_[person];
    if (open >= limits_.each_person) {
        return Error{ErrorKind::busy, words.too_many_of_person};
    }
    auto place = std::make_shared<Place>(*this, person, inbox);
    ++open;
    ++watching_;
    return place;
}

cloudsign::Result<std::shared_ptr<http::Signal>> InboxWatch::follow(
    const std::string& signer_id, std::shared_ptr<http::Signal> signal) {
    constexpr Words words{"too many browsers are waiting",
                          "this person waits in too many browser windows; close some of them"};
    const std::string browsers = "browser/" + signer_id;
    std::shared_ptr<Place> place;  // given back, if it is, out of the lock
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(place, take(browsers, browsers, words));
    place->signal = std::move(signal);
    auto* followed = place->signal.get();
    return std::shared_ptr<http::Signal>(std::move(place), followed);
}

cloudsign::Result<std::shared_ptr<http::Signal>> InboxWatch::enter(const Device& device) {
    constexpr Words words{"too many phones are watching", "this person watches on too many phones"};
    const std::string person = person_of(device);
    const std::string inbox = device.owner_kind == DeviceOwner::officer ? officers : person;
    std::shared_ptr<Place> place;  // given back, if it is, out of the lock
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(place, take(person, inbox, words));
    auto& slot = signals_[inbox];
    place->signal = slot.lock();
    if (!place->signal) {
        place->signal = std::make_shared<http::Signal>();
        slot = place->signal;
    }
    auto* signal = place->signal.get();
    return std::shared_ptr<http::Signal>(std::move(place), signal);
}

std::shared_ptr<http::Signal> InboxWatch::find(const std::string& inbox) {
    const std::lock_guard lock(mutex_);
    const auto found = signals_.find(inbox);
    return found == signals_.end() ? nullptr : found->second.lock();
}

void InboxWatch::changed(const cloudsign::store::Transaction& transaction) {
    // Out of the lock: whoever is woken may be the last to hold a place.
    if (transaction.approver_kind != Approver::officer) {
        if (const auto signal = find(of_signer(transaction.approver_id))) {
            signal->notify();
        }
    }
    if (transaction.approver_kind != Approver::signer) {
        if (const auto signal = find(officers)) {
            signal->notify();
        }
    }
}

std::size_t InboxWatch::watching() const {
    const std::lock_guard lock(mutex_);
    return watching_;
}

}  // namespace server::api
