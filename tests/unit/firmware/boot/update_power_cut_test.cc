#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/sim_device.h"

// Loader and updater as they ship, on flash whose power fails in every single operation of an
// update, in every way that flash is known to fail, and again while the next start recovers. After
// MCUboot's simulator.
namespace firmware::boot::testing {
namespace {

using tests::support::all_tears;

enum class Act {
    start,            // a restart: the loader chooses
    confirm,          // what runs has tested itself and been unlocked
    install,          // download and finish
    half_download,    // a download that nobody goes on with
    plant_old,        // an attacker puts back what runs no longer, with all that was right then
    replace_running,  // a probe writes another release of the maker's over what runs
    forge_record,     // and tells the boot record that this is right
    wear_bit,         // a bit of what runs flips
    draw_secret,      // a first start makes the secret, and has it vouch for what runs
};

struct Step {
    Act act;
    int release = 0;  // an index of `releases`
};

enum class Kind {
    ordinary,
    attack,       // the KEK may go, and must before what nobody approved starts
    first_start,  // there is no KEK before the end
};

struct Scenario {
    const char* name;
    std::vector<Step> steps;
    Kind kind = Kind::ordinary;
};

// Index 0 is what the factory put there. `stranger` was never approved here; `last` is what every
// device that has not been attacked takes at the end.
constexpr int stranger = 4;
constexpr int last = 5;
const std::vector<Release>& releases() {
    static const std::vector<Release> made = {make_release({.version = 1, .security_version = 1}),
                                              make_release({.version = 2, .security_version = 2}),
                                              make_release({.version = 3, .security_version = 2}),
                                              make_release({.version = 4, .security_version = 3}),
                                              make_release({.version = 5, .security_version = 3}),
                                              make_release({.version = 6, .security_version = 3})};
    return made;
}

const Scenario scenarios[] = {
    {"fresh update", {{Act::start}, {Act::install, 1}, {Act::start}, {Act::confirm}, {Act::start}}},
    {"trial that nobody confirms",
     {{Act::start}, {Act::install, 1}, {Act::start}, {Act::start}, {Act::start}}},
    {"update over an abandoned download",
     {{Act::start}, {Act::half_download, 1}, {Act::install, 2}, {Act::start}, {Act::confirm}}},
    {"update over one that waits",
     {{Act::start}, {Act::install, 1}, {Act::install, 2}, {Act::start}, {Act::confirm}}},
    {"update after a trial that failed",
     {{Act::start},
      {Act::install, 1},
      {Act::start},
      {Act::start},
      {Act::install, 2},
      {Act::start},
      {Act::confirm}}},
    {"there and back",
     {{Act::start},
      {Act::install, 1},
      {Act::start},
      {Act::confirm},
      {Act::install, 3},
      {Act::start},
      {Act::confirm},
      {Act::start}}},
    {"rollback planted in flash",
     {{Act::start},
      {Act::install, 1},
      {Act::start},
      {Act::confirm},
      {Act::plant_old, 0},
      {Act::start},
      {Act::start}}},
    {"another release over the running one",
     {{Act::start}, {Act::replace_running, stranger}, {Act::start}, {Act::start}},
     Kind::attack},
    {"and a record that names it",
     {{Act::start},
      {Act::replace_running, stranger},
      {Act::forge_record, stranger},
      {Act::start},
      {Act::start}},
     Kind::attack},
    {"a flipped bit", {{Act::start}, {Act::wear_bit}, {Act::start}, {Act::start}}, Kind::attack},
    {"first start",
     {{Act::start}, {Act::draw_secret}, {Act::start}, {Act::install, 1}, {Act::start}},
     Kind::first_start},
};

// One life of a device, and what has to hold all through it.
class Life {
public:
    Life(const SimDevice& prepared, const Scenario& scenario)
        : device_(prepared), scenario_(scenario), has_kek_(scenario.kind != Kind::first_start) {
        for (const auto& release : releases()) {
            all_.push_back(&release);
        }
    }

    SimDevice& device() { return device_; }
    const std::string& failure() const { return failure_; }

    // Until the scenario ends, or power does, or something is wrong.
    void run() {
        for (const auto& step : scenario_.steps) {
            if (!failure_.empty() || device_.flash.off()) {
                return;
            }
            do_step(step);
            look_at_record();
        }
    }

    // Power is back.
    void start() {
        const auto started = device_.start();
        if (device_.flash.off()) {
            return;
        }
        running_ = nullptr;
        if (!started) {
            expect(scenario_.kind == Kind::attack && started.error() == Status::image_missing,
                   "nothing starts: " + std::string(status_name(started.error())));
        } else {
            running_ = device_.found_in(*started, all_);
            expect(running_ != nullptr, "something starts that nobody released");
        }
        look_at_record();
        if (running_ != nullptr) {
            look_at_running();
        }
    }

    // A device that has come back is as good as one that was never cut.
    void update_once_more() {
        confirm();
        if (scenario_.kind == Kind::first_start) {
            draw_secret();
        }
        install(last);
        start();
        expect(running_ == &releases()[last], "the update after does not start");
        confirm();
        start();
        expect(running_ == &releases()[last], "the update after does not stay");
        expect(device_.flash.violations() == 0, "the flash was used against its rules");
    }

private:
    using Presence = engine::psa::FlashSecret::Presence;

    void expect(bool holds, const std::string& otherwise) {
        if (!holds && failure_.empty() && !device_.flash.off()) {
            failure_ = otherwise;
        }
    }
    void expect_ok(Status status, const std::string& what) {
        expect(status == Status::ok, what + ": " + std::string(status_name(status)));
    }

    void do_step(const Step& step) {
        switch (step.act) {
            case Act::start:
                return start();
            case Act::confirm:
                return confirm();
            case Act::install:
                return install(step.release);
            case Act::half_download:
                return expect_ok(status(device_.download(releases()[step.release], 640)),
                                 "download");
            case Act::plant_old:
                return plant(releases()[step.release]);
            case Act::replace_running:
                return write_over(releases()[step.release]);
            case Act::forge_record:
                return forge(releases()[step.release]);
            case Act::draw_secret:
                return draw_secret();
            case Act::wear_bit:
                return device_.flash.flip(8 * (hsm::protocol::firmware_body_offset + 1000) + 3);
        }
    }

    void draw_secret() {
        if (device_.secret_presence() == Presence::present) {
            return;
        }
        expect_ok(status(device_.draw_secret()), "draw");
        const auto authorised = device_.updater().authorise_running();
        expect_ok(status(authorised), "authorise");
        has_kek_ = has_kek_ || authorised.has_value();
    }

    void install(int index) {
        const auto& release = releases()[index];
        waiting_ = std::exchange(candidate_, &release);
        approved_.push_back(&release);
        const auto installed = device_.install(release);
        expect_ok(status(installed), "install");
        if (installed) {
            waiting_ = nullptr;
        }
    }

    void confirm() {
        const auto confirmed = device_.updater().confirm();
        expect_ok(status(confirmed), "confirm");
        if (confirmed && running_ != nullptr) {
            confirmed_ = running_;
            candidate_ = nullptr;
            waiting_ = nullptr;
        }
    }

    void plant(const Release& old) {
        const auto refused = device_.updater().examine(old.head);
        expect(status(refused) == Status::image_too_old, "an older release may be installed");
        BootState state(device_.state_flash());
        const auto record = state.load();
        const auto slot = other_slot(*running_slot(*record));
        if (!write_raw(slot, old)) {
            return;
        }
        const auto authorisation = authorisation_of(device_.guard, old.hash);
        (void)state.store(with_pending(*record, slot, old.hash, *authorisation));
    }

    void write_over(const Release& other) {
        BootState state(device_.state_flash());
        (void)write_raw(*running_slot(*state.load()), other);
    }

    bool write_raw(SlotIndex slot, const Release& release) {
        return device_.flash_raw(slot, release).has_value();
    }

    void forge(const Release& other) {
        BootState state(device_.state_flash());
        auto record = *state.load();
        record.slots[*running_slot(record)].firmware_hash = other.hash;
        (void)state.store(record);
    }

    void look_at_record() {
        if (device_.flash.off()) {
            return;
        }
        const auto record = BootState(device_.state_flash()).load();
        expect(record.has_value(), "no boot record");
        if (record) {
            expect(record->security_floor >= floor_, "the security version has fallen");
            floor_ = record->security_floor;
        }
    }

    void look_at_running() {
        expect(running_->security_version >= floor_, "an image below the security version starts");
        const auto held = device_.guard.holds_secret();
        if (held && *held) {
            const bool approved = std::ranges::find(approved_, running_) != approved_.end();
            expect(approved, "an image that nobody approved starts with the KEK");
        }
        if (scenario_.kind == Kind::attack) {
            return;
        }
        if (scenario_.kind == Kind::first_start) {
            const auto presence = device_.secret_presence();
            expect(presence != Presence::wiped, "a secret that sealed nothing leaves a mark");
        }
        expect((held && *held) || !has_kek_, "the KEK is gone");
        expect(running_ == confirmed_ || running_ == candidate_ || running_ == waiting_,
               "neither old nor new starts");
    }

    SimDevice device_;
    const Scenario& scenario_;
    std::vector<const Release*> all_;
    std::vector<const Release*> approved_ = {&releases()[0]};
    const Release* running_ = nullptr;
    const Release* confirmed_ = &releases()[0];
    const Release* candidate_ = nullptr;
    const Release* waiting_ = nullptr;  // an earlier candidate that may not be retired yet
    std::uint32_t floor_ = 0;
    bool has_kek_;
    std::string failure_;
};

// Flashed in a factory, and started once with its KEK made unless that is what the scenario is
// about.
std::unique_ptr<SimDevice> prepare(Flaw flaw, Kind kind) {
    auto device = std::make_unique<SimDevice>(flaw);
    if (kind == Kind::first_start) {
        CHECK(device->flash_raw(0, releases()[0]).has_value());
        return device;
    }
    CHECK(device->flash_raw(0, releases()[0]).has_value() && device->start().has_value());
    CHECK(device->draw_secret().has_value() && device->updater().authorise_running().has_value());
    return device;
}

struct Tally {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    std::string first_failure;

    void add(const std::string& failure, const std::string& where) {
        ++runs;
        if (!failure.empty() && failures++ == 0) {
            first_failure = failure + where;
        }
    }
};

std::string run_cut(const SimDevice& prepared,
                    const Scenario& scenario,
                    std::uint64_t cut,
                    Tear tear) {
    std::mt19937 random(static_cast<std::uint32_t>(cut * 8 + static_cast<std::uint64_t>(tear)));
    Life life(prepared, scenario);
    auto& flash = life.device().flash;
    flash.power_on();
    flash.cut_at(cut, tear, static_cast<std::uint32_t>(random()));
    life.run();
    // Up to three more, while it recovers.
    for (auto more = random() % 4; more > 0 && life.failure().empty(); --more) {
        flash.power_on();
        flash.cut_at(1 + random() % 12,
                     all_tears[random() % std::size(all_tears)],
                     static_cast<std::uint32_t>(random()));
        life.start();
    }
    for (int starts = 0; starts < 2 && life.failure().empty(); ++starts) {
        flash.power_on();
        life.start();
    }
    if (life.failure().empty() && scenario.kind != Kind::attack) {
        life.update_once_more();
    }
    return life.failure();
}

Tally run_all_cuts(const Scenario& scenario, Flaw flaw) {
    const auto prepared = prepare(flaw, scenario.kind);
    Tally tally;
    Life uncut(*prepared, scenario);
    uncut.device().flash.power_on();
    uncut.run();
    tally.add(uncut.failure(), " (without a cut)");
    const auto operations = uncut.device().flash.operations();
    for (std::uint64_t cut = 1; cut <= operations; ++cut) {
        for (const auto tear : all_tears) {
            tally.add(run_cut(*prepared, scenario, cut, tear),
                      " (cut at " + std::to_string(cut) + " of " + std::to_string(operations) +
                          ", tear " + std::to_string(static_cast<int>(tear)) + ")");
        }
    }
    return tally;
}

TEST(UpdatePowerCut, LeavesOldOrNewAtEveryOperation) {
    std::uint64_t runs = 0;
    for (const auto& scenario : scenarios) {
        const auto tally = run_all_cuts(scenario, Flaw::none);

        EXPECT_EQ(tally.failures, 0u) << scenario.name << ": " << tally.first_failure;
        runs += tally.runs;
    }
    RecordProperty("runs", std::to_string(runs));
    std::printf("%llu updates with a power cut\n", static_cast<unsigned long long>(runs));
    EXPECT_GT(runs, 5000u);
}

// The test of the test.
TEST(UpdatePowerCut, CatchesALoaderThatRewritesItsRecordInPlace) {
    const auto tally = run_all_cuts(scenarios[0], Flaw::record_in_place);

    EXPECT_GT(tally.failures, 0u);
    std::printf("%llu of %llu caught: %s\n",
                static_cast<unsigned long long>(tally.failures),
                static_cast<unsigned long long>(tally.runs),
                tally.first_failure.c_str());
}

TEST(UpdatePowerCut, CatchesALoaderThatDoesNotReadWhatItStarts) {
    const auto& flipped =
        *std::ranges::find(scenarios, std::string_view("a flipped bit"), &Scenario::name);
    const auto tally = run_all_cuts(flipped, Flaw::image_unread);

    EXPECT_GT(tally.failures, 0u);
    EXPECT_NE(tally.first_failure.find("nobody released"), std::string::npos);
}

}  // namespace
}  // namespace firmware::boot::testing
