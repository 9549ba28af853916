#pragma once

#include <array>
#include <span>

#include "firmware/hal/clock.h"
#include "firmware/selftest/known_answers.h"
#include "hsm/base/result.h"
#include "hsm/protocol/self_test.h"

namespace firmware::selftest {

using hsm::Result;
using hsm::Status;
using hsm::protocol::SelfTest;

// What is tested: the algorithms that every module has from Mbed TLS (engine/primitives.h), the
// engine, the running image (integrity.h).
class Subject {
public:
    // Runs one test. `not_supported` when it is not this subject's; every other error means that it
    // has failed, whatever the word.
    virtual Result<void> self_test(SelfTest test, const KnownAnswers& answers) = 0;

protected:
    ~Subject() = default;
};

using TestSet = std::uint32_t;

constexpr TestSet set_of(SelfTest test) {
    return TestSet{1} << static_cast<unsigned>(test);
}

// Which tests have passed since the start, and the first that has not: from then on every question
// is answered `self_test_failed`, until the next start. Each test is run by every subject that has
// it and passes when all of them do.
class SelfTests {
public:
    static constexpr std::size_t subjects_max = 3;

    // `clock` and the subjects (at most three) outlive this; so does what `answers` points to.
    SelfTests(const KnownAnswers& answers,
              hal::Clock& clock,
              std::initializer_list<Subject*> subjects);
    SelfTests(const SelfTests&) = delete;
    SelfTests& operator=(const SelfTests&) = delete;

    // At the start, before the module answers anybody: all but the slow tests (P-384 and RSA),
    // which wait for the first use of their algorithm.
    Result<void> run_at_start();

    // On demand: all of them, whether they have passed before or not.
    Result<void> run_all();

    // Before an algorithm is used: runs what of `needed` has not passed yet. It costs one branch
    // once they have. `algorithm_wrong` when nobody here has the algorithm.
    Result<void> require(TestSet needed) {
        if ((passed_ & needed) == needed) [[likely]] {
            return {};
        }
        return run_needed(needed);
    }

    // For tests that somebody else runs (pairwise), and for what is watched all the time (noise).
    Result<void> passed(SelfTest test);
    Status failed(SelfTest test);

    // Milliseconds since the start, never 0, when it last passed; 0 when it has not.
    std::uint64_t passed_at(SelfTest test) const;
    // The number of the first test that failed, and when; 0 when none has.
    std::uint8_t failure() const { return failure_; }
    std::uint64_t failed_at() const { return failed_at_; }

private:
    Result<void> run_needed(TestSet needed);
    Result<void> run_missing(TestSet needed);
    Result<void> run(SelfTest test);
    std::uint64_t now();

    const KnownAnswers& answers_;
    hal::Clock& clock_;
    std::array<Subject*, subjects_max> subjects_{};
    std::size_t subject_count_ = 0;
    TestSet passed_ = 0;
    std::array<std::uint64_t, hsm::protocol::self_test_count + 1> passed_at_{};  // by number
    std::uint8_t failure_ = 0;
    std::uint64_t failed_at_ = 0;
};

}  // namespace firmware::selftest
