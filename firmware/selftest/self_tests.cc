#include "firmware/selftest/self_tests.h"

#include <algorithm>

namespace firmware::selftest {
namespace {

// Half a second and more on a Cortex-M4, for keys that a module may never see.
constexpr TestSet slow_tests =
    set_of(SelfTest::ecdsa_p384) | set_of(SelfTest::rsa_pkcs1) | set_of(SelfTest::rsa_pss);

constexpr TestSet every_test = ((TestSet{1} << hsm::protocol::self_test_count) - 1) << 1;

constexpr SelfTest test_of(std::size_t number) {
    return static_cast<SelfTest>(number);
}

}  // namespace

SelfTests::SelfTests(const KnownAnswers& answers,
                     hal::Clock& clock,
                     std::initializer_list<Subject*> subjects)
    : answers_(answers), clock_(clock), subject_count_(subjects.size()) {
    CHECK(subjects.size() <= subjects_max);
    std::ranges::copy(subjects, subjects_.begin());
}

Result<void> SelfTests::run_at_start() {
    return run_missing(every_test & ~slow_tests);
}

Result<void> SelfTests::run_all() {
    for (std::size_t number = 1; number <= hsm::protocol::self_test_count; ++number) {
        TRY(run(test_of(number)));
    }
    return {};
}

Result<void> SelfTests::run_needed(TestSet needed) {
    TRY(run_missing(needed));
    if ((passed_ & needed) != needed) {
        return Status::algorithm_wrong;
    }
    return {};
}

Result<void> SelfTests::run_missing(TestSet needed) {
    for (std::size_t number = 1; number <= hsm::protocol::self_test_count; ++number) {
        const auto missing = needed & ~passed_ & set_of(test_of(number));
        if (missing != 0) {
            TRY(run(test_of(number)));
        }
    }
    return {};
}

Result<void> SelfTests::run(SelfTest test) {
    if (failure_ != 0) {
        return Status::self_test_failed;
    }
    bool was_run = false;
    for (std::size_t i = 0; i < subject_count_; ++i) {
        const auto result = subjects_[i]->self_test(test, answers_);
        if (!result && result.error() == Status::not_supported) {
            continue;
        }
        if (!result) {
            return failed(test);
        }
        was_run = true;
    }
    if (was_run) {
        return passed(test);
    }
    return {};
}

Result<void> SelfTests::passed(SelfTest test) {
    if (failure_ != 0) {
        return Status::self_test_failed;
    }
    passed_ |= set_of(test);
    passed_at_[static_cast<std::size_t>(test)] = now();
    return {};
}

Status SelfTests::failed(SelfTest test) {
    passed_ = 0;  // so that require() has to ask
    if (failure_ == 0) {
        failure_ = static_cast<std::uint8_t>(test);
        failed_at_ = now();
    }
    return Status::self_test_failed;
}

std::uint64_t SelfTests::passed_at(SelfTest test) const {
    return passed_at_[static_cast<std::size_t>(test)];
}

std::uint64_t SelfTests::now() {
    return std::max<std::uint64_t>(1, clock_.tick_ms());
}

}  // namespace firmware::selftest
