#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "firmware/storage/counter.h"
#include "firmware/storage/log_store.h"
#include "tests/support/sim_flash.h"

namespace firmware::storage {

using TestMemory = LogStoreMemory<64, 48, 8192>;

// One record of the log ring, as the model and the visitor see it; index 0 for a note.
struct LogEvent {
    std::uint64_t index = 0;
    std::string content;
    friend bool operator==(const LogEvent&, const LogEvent&) = default;
};

class Recorder final : public LogVisitor {
public:
    Result<void> log_record(std::uint64_t index, ByteView record) override {
        events.push_back({index, std::string(hsm::text_of(record))});
        return {};
    }
    Result<void> note(ByteView note) override {
        events.push_back({0, std::string(hsm::text_of(note))});
        return {};
    }
    std::vector<LogEvent> events;
};

// What the store must hold: a map and a list.
struct Model {
    std::map<std::string, std::string> durable;
    std::vector<std::pair<std::string, std::optional<std::string>>> in_flight;  // since sync
    std::vector<LogEvent> events;
    std::size_t durable_events = 0;
    std::uint64_t durable_released = 0;
    std::uint64_t released = 0;
    std::uint64_t next_index = 1;

    std::uint64_t counted = 0;  // the last number that a counter answered
    std::uint64_t counter_tried = 0;

    // Records that are written once, as the sealed KEKs are: by epoch, what was ever written.
    std::map<std::uint64_t, std::string> keks;
    std::uint64_t epoch = 0;  // the newest that was durable; the one before it may be gone
};

// What the steps are like.
struct Profile {
    std::uint32_t seed = 1;
    std::size_t usual_size_max = 120;
    // How often each step comes, in the order of StoreDriver::steps.
    std::array<std::uint32_t, 8> weights = {28, 8, 20, 4, 4, 16, 7, 1};
};

// Runs store and model side by side; a step is chosen by the random numbers alone. Its five
// invariants: a value is old or new; the log is a beginning of what was appended, and at least what
// was durable; a counter's number is never answered twice and never falls; the release pointer
// never falls; the newest durable KEK is there, byte for byte.
class StoreDriver {
public:
    StoreDriver(tests::support::SimFlash& flash,
                TestMemory& memory,
                Model model,
                const Profile& profile)
        : flash_(flash),
          memory_(memory),
          model_(std::move(model)),
          profile_(profile),
          random_(profile.seed) {}

    const Model& model() const { return model_; }
    LogStore& store() { return *store_; }

    Status format() {
        store_.emplace(flash_, memory_.spans());
        const auto done = store_->format(salt);
        return done ? Status::ok : done.error();
    }

    // Mounts and compares with the model, then takes what it found as what is durable. Empty: all
    // is well, or power went again.
    std::string mount_and_check();

    // False when power went in it; `failure` tells what else was wrong.
    bool step(std::string& failure);
    bool sync(std::string& failure);
    // As a module counts its starts.
    bool count(std::string& failure);

private:
    static constexpr std::uint64_t salt = 0x5a17;

    using Step = bool (StoreDriver::*)(std::string& failure);
    static const std::array<Step, 8> steps;

    bool append(std::string& failure);
    bool note(std::string& failure);
    bool put(std::string& failure);
    bool erase(std::string& failure);
    bool release(std::string& failure);
    bool change_epoch(std::string& failure);
    void synced();
    // Judges the status of a step that may be refused for lack of room.
    bool settle(Status status, bool& refused, std::string& failure);
    std::string check_log(const Recorder& seen);
    std::string check_keys();
    std::string check_counter();
    std::string check_kek();
    std::optional<std::string> value_of(const std::string& key);
    std::string text(std::size_t size_max);

    tests::support::SimFlash& flash_;
    TestMemory& memory_;
    Model model_;
    Profile profile_;
    std::mt19937 random_;
    std::optional<LogStore> store_;
};

}  // namespace firmware::storage
