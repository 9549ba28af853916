#include "tests/unit/firmware/storage/store_driver.h"

#include <numeric>
#include <set>

namespace firmware::storage {
namespace {

constexpr std::string_view counter_key = "starts";

std::string kek_key(std::uint64_t epoch) {
    return "kek" + std::to_string(epoch);
}

template <class T>
Status status_of(const Result<T>& result) {
    return result ? Status::ok : result.error();
}

}  // namespace

std::string StoreDriver::text(std::size_t size_max) {
    const auto usual_max = std::min(profile_.usual_size_max, size_max);
    const auto max = random_() % 16 == 0 ? size_max : usual_max;
    std::string made(1 + random_() % max, '\0');
    // Long runs of 0xff too: programmed, they look like blank flash.
    const auto fill = static_cast<char>(random_() % 4 == 0 ? 0xff : 'a' + random_() % 26);
    for (auto& letter : made) {
        letter = random_() % 8 == 0 ? static_cast<char>(random_()) : fill;
    }
    return made;
}

bool StoreDriver::settle(Status status, bool& refused, std::string& failure) {
    refused = status == Status::log_full || status == Status::storage_full;
    if (status == Status::ok || refused) {
        return true;
    }
    if (!flash_.off() && !(flash_.failing() && status == Status::storage_failed)) {
        failure = "a step answered " + std::string(hsm::base::status_name(status));
    }
    return false;
}

bool StoreDriver::append(std::string& failure) {
    const auto record = text(store_->log_record_size_limit());
    model_.events.push_back({model_.next_index, record});
    const auto index = store_->append_log(hsm::view_of(record));
    bool refused = false;
    if (!settle(status_of(index), refused, failure)) {
        return false;
    }
    if (refused) {
        model_.events.pop_back();
        return release(failure);
    }
    if (*index != model_.next_index++) {
        failure = "the index is not the next one";
    }
    return true;
}

bool StoreDriver::note(std::string& failure) {
    const auto content = text(note_size_max);
    model_.events.push_back({0, content});
    bool refused = false;
    const bool on = settle(status_of(store_->append_note(hsm::view_of(content))), refused, failure);
    if (on && refused) {
        model_.events.pop_back();
        return release(failure);
    }
    return on;
}

bool StoreDriver::put(std::string& failure) {
    const auto key = "key" + std::to_string(random_() % 24);
    const auto value = text(store_->value_size_limit());
    model_.in_flight.emplace_back(key, value);
    bool refused = false;
    const auto status = status_of(store_->put(hsm::view_of(key), hsm::view_of(value)));
    const bool on = settle(status, refused, failure);
    if (on && refused) {
        model_.in_flight.pop_back();
        // The budget alone may refuse a put.
        if (store_->state_size() + value.size() + 200 < store_->state_size_max()) {
            failure = "a put within the budget was refused";
        }
    }
    return on;
}

bool StoreDriver::erase(std::string& failure) {
    const auto key = "key" + std::to_string(random_() % 24);
    model_.in_flight.emplace_back(key, std::nullopt);
    bool refused = false;
    const bool on = settle(status_of(store_->erase(hsm::view_of(key))), refused, failure);
    if (on && refused) {
        failure = "an erase was refused";
    }
    return on;
}

bool StoreDriver::release(std::string& failure) {
    const auto index = model_.next_index - 1 - random_() % 3;
    if (index >= model_.next_index) {
        return true;
    }
    model_.released = std::max(model_.released, index);
    bool refused = false;
    const bool on = settle(status_of(store_->release_log(index)), refused, failure);
    if (on && refused) {
        failure = "a release was refused";
    }
    return on;
}

bool StoreDriver::sync(std::string& failure) {
    bool refused = false;
    if (!settle(status_of(store_->sync()), refused, failure)) {
        return false;
    }
    synced();
    return true;
}

void StoreDriver::synced() {
    for (const auto& [key, value] : model_.in_flight) {
        if (value) {
            model_.durable[key] = *value;
        } else {
            model_.durable.erase(key);
        }
    }
    model_.in_flight.clear();
    model_.durable_events = model_.events.size();
    model_.durable_released = model_.released;
}

// As a module counts its starts: the number is used once the call has answered.
bool StoreDriver::count(std::string& failure) {
    MonotonicCounter counter(*store_, counter_key);
    ++model_.counter_tried;
    const auto number = counter.advance();
    bool refused = false;
    if (!settle(status_of(number), refused, failure)) {
        return false;
    }
    if (refused) {
        --model_.counter_tried;  // nothing was put, and perhaps nothing was synced
        return true;
    }
    if (*number <= model_.counted || *number > model_.counter_tried) {
        failure = "a counter answered a number twice, or one from nowhere";
    }
    model_.counted = model_.counter_tried = *number;
    synced();
    return true;
}

// The new record first, and durable; then the old one may go.
bool StoreDriver::change_epoch(std::string& failure) {
    const auto next = model_.epoch + 1;
    const auto kek = text(104);
    bool refused = false;
    // A cut may have come between the change before this one and the end of the record before that.
    if (!settle(status_of(store_->erase(hsm::view_of(kek_key(next - 2)))), refused, failure)) {
        return false;
    }
    model_.keks[next] = kek;
    const auto status = status_of(store_->put(hsm::view_of(kek_key(next)), hsm::view_of(kek)));
    if (!settle(status, refused, failure)) {
        return false;
    }
    if (refused) {
        model_.keks.erase(next);
        return true;
    }
    if (!sync(failure)) {
        return false;
    }
    model_.epoch = next;
    return settle(status_of(store_->erase(hsm::view_of(kek_key(next - 1)))), refused, failure);
}

const std::array<StoreDriver::Step, 8> StoreDriver::steps = {&StoreDriver::append,
                                                             &StoreDriver::note,
                                                             &StoreDriver::put,
                                                             &StoreDriver::erase,
                                                             &StoreDriver::release,
                                                             &StoreDriver::sync,
                                                             &StoreDriver::count,
                                                             &StoreDriver::change_epoch};

bool StoreDriver::step(std::string& failure) {
    auto left = random_() % std::accumulate(profile_.weights.begin(), profile_.weights.end(), 0u);
    std::size_t chosen = 0;
    while (left >= profile_.weights[chosen]) {
        left -= profile_.weights[chosen++];
    }
    return (this->*steps[chosen])(failure);
}

std::string StoreDriver::check_log(const Recorder& seen) {
    const auto next = store_->next_log_index();
    const auto released = store_->released_log_index();
    if (released < model_.durable_released || released > model_.released) {
        return "the release pointer is neither old nor new";
    }
    const auto newest = next - 1;
    const auto first = std::max<std::uint64_t>(1, std::min(released + 1, newest));
    std::size_t begin = 0;
    while (begin < model_.events.size() && model_.events[begin].index != first) {
        ++begin;
    }
    const auto end = newest == 0 ? model_.durable_events : begin + seen.events.size();
    if (end < model_.durable_events || end > model_.events.size()) {
        return "the log is shorter than what was durable, or longer than what was written";
    }
    if (newest != 0 && !std::equal(seen.events.begin(),
                                   seen.events.end(),
                                   model_.events.begin() + static_cast<std::ptrdiff_t>(begin))) {
        return "the log is another";
    }
    std::array<Byte, log_record_size_max> buffer{};
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < end; ++i) {
        if (model_.events[i].index == 0) {
            continue;
        }
        index = model_.events[i].index;
        if (index < store_->first_log_index()) {
            continue;
        }
        const auto record = store_->read_log(index, buffer);
        if (!record || hsm::text_of(*record) != model_.events[i].content) {
            return "a log record reads differently";
        }
    }
    if (index != newest || store_->first_log_index() > first) {
        return "the indexes are wrong";
    }
    model_.events.resize(end);
    model_.durable_events = end;
    model_.released = model_.durable_released = released;
    model_.next_index = next;
    return {};
}

std::string StoreDriver::check_keys() {
    std::map<std::string, std::set<std::optional<std::string>>> allowed;
    for (const auto& [key, value] : model_.durable) {
        allowed[key].insert(value);
    }
    for (const auto& [key, value] : model_.in_flight) {
        if (!model_.durable.contains(key)) {
            allowed[key].insert(std::nullopt);
        }
        allowed[key].insert(value);
    }
    std::map<std::string, std::string> found;
    std::size_t cursor = 0;
    auto key = std::make_unique<Key>();
    auto value = std::make_unique<Value>();
    for (;;) {
        const auto more = store_->next_entry(hsm::view_of("key"), cursor, *key, *value);
        if (!more) {
            return "a value cannot be read";
        }
        if (!*more) {
            break;
        }
        found[std::string(hsm::text_of(*key))] = hsm::text_of(*value);
    }
    for (const auto& [name, values] : allowed) {
        const auto entry = found.find(name);
        const auto now = entry == found.end() ? std::nullopt : std::optional(entry->second);
        if (!values.contains(now)) {
            return name + " is neither old nor new";
        }
        std::array<Byte, value_size_max> buffer{};
        const auto direct = store_->get(hsm::view_of(name), buffer);
        if (direct.has_value() != now.has_value() || (direct && hsm::text_of(*direct) != *now)) {
            return name + " reads differently by get";
        }
    }
    for (const auto& [name, content] : found) {
        if (!allowed.contains(name)) {
            return name + " came from nowhere";
        }
    }
    model_.durable = std::move(found);
    model_.in_flight.clear();
    return {};
}

std::optional<std::string> StoreDriver::value_of(const std::string& key) {
    std::array<Byte, value_size_max> buffer{};
    const auto found = store_->get(hsm::view_of(key), buffer);
    return found ? std::optional<std::string>(hsm::text_of(*found)) : std::nullopt;
}

std::string StoreDriver::check_counter() {
    const auto value = MonotonicCounter(*store_, counter_key).value();
    if (!value) {
        return "the counter cannot be read";
    }
    if (*value < model_.counted || *value > model_.counter_tried) {
        return "the counter fell, or ran ahead";
    }
    model_.counted = model_.counter_tried = *value;
    return {};
}

std::string StoreDriver::check_kek() {
    if (model_.epoch != 0 && value_of(kek_key(model_.epoch)) != model_.keks[model_.epoch]) {
        return "the KEK is lost";
    }
    // One in flight: all of it, and then it is durable, or nothing.
    const auto next = value_of(kek_key(model_.epoch + 1));
    if (next && *next != model_.keks[model_.epoch + 1]) {
        return "half a KEK";
    }
    if (next) {
        ++model_.epoch;
    }
    return {};
}

std::string StoreDriver::mount_and_check() {
    store_.emplace(flash_, memory_.spans());
    Recorder seen;
    const auto mounted = store_->mount(seen);
    if (!mounted) {
        return flash_.off()
                   ? ""
                   : "mount answered " + std::string(hsm::base::status_name(mounted.error()));
    }
    if (auto failure = check_log(seen); !failure.empty()) {
        return failure;
    }
    for (const auto check :
         {&StoreDriver::check_keys, &StoreDriver::check_counter, &StoreDriver::check_kek}) {
        if (auto failure = (this->*check)(); !failure.empty()) {
            return failure;
        }
    }
    return {};
}

}  // namespace firmware::storage
