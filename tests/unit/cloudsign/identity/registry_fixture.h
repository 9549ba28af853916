#pragma once

#include <gtest/gtest.h>

#include "cloudsign/clock.h"
#include "cloudsign/identity/client_registry.h"
#include "cloudsign/identity/device_sessions.h"
#include "cloudsign/identity/signer_registry.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::identity {

class RegistryTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = store::Database::open(folder_.file("kyso.db"));
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        database_ = *std::move(opened);
    }

    store::ScratchFolder folder_;
    FakeClock clock_{1'700'000'000'000};
    std::unique_ptr<store::Database> database_;
};

}  // namespace cloudsign::identity
