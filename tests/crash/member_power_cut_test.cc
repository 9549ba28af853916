#include <gtest/gtest.h>

#include "tests/support/bare_module.h"
#include "tests/support/group_change.h"

// The power fails while a member takes another configuration, a revocation table, the end of an
// epoch, or its own: in every erase and sync and a sample of the programs, in every way that flash
// is known to fail.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using firmware::keystore::Group;
using hsm::Status;
using wire::Role;
using wire::State;

constexpr std::uint64_t program_stride = 3;

Status unlock(BareModule& module) {
    return status(call(module.as(Role::operating),
                       wire::UnlockRequest{hsm::view_of(BareModule::unlock_secret)}));
}

class MemberPowerCut : public testing::Test {
protected:
    void SetUp() override {
        BareModule module;
        module.set_up(people_);
        module_id_ = module_id_of(module.as(Role::server));
        keep(module);
    }
    void keep(BareModule& module) {
        CHECK(module.core().store.sync().has_value());
        image_.emplace(module.image());
    }

    // `request` makes the request for a module that has just started from the image; `check` looks
    // at it after the cut, restarted and unlocked, and is told whether there was an answer.
    void cut_everywhere(const std::function<Bytes(BareModule&)>& request,
                        const std::function<void(BareModule&, bool answered)>& check) {
        auto whole = start();
        const auto right = request(*whole);
        whole->flash().cut_at(UINT64_MAX, Tear::nothing, 0);
        ASSERT_EQ(status_of(whole->send(right, Role::operating)), Status::ok);
        const auto operations = whole->flash().operations();
        const auto turning_points = whole->flash().turning_points();
        ASSERT_GT(operations, 0u);

        std::size_t cuts = 0;
        for (std::uint64_t at = 1; at <= operations + 1; ++at) {
            const bool every_way = std::ranges::find(turning_points, at) != turning_points.end();
            for (const auto tear : all_tears) {
                const auto turn = at + static_cast<std::uint64_t>(tear);
                if (every_way || turn % program_stride == 0) {
                    SCOPED_TRACE("operation " + std::to_string(at) + ", tear " +
                                 std::to_string(static_cast<int>(tear)));
                    cut_once(request, check, at, tear);
                    ++cuts;
                }
            }
        }
        EXPECT_GT(cuts, operations / 2);
    }

    People people_;
    hsm::Digest module_id_{};
    std::optional<BareModule::Image> image_;

private:
    std::unique_ptr<BareModule> start() const {
        auto module = std::make_unique<BareModule>(*image_);
        CHECK(unlock(*module) == Status::ok);
        return module;
    }
    void cut_once(const std::function<Bytes(BareModule&)>& request,
                  const std::function<void(BareModule&, bool)>& check,
                  std::uint64_t at,
                  Tear tear) const {
        auto module = start();
        const auto right = request(*module);
        module->flash().cut_at(at, tear, static_cast<std::uint32_t>(at));
        const auto response = module->send(right, Role::operating);
        const bool answered = !response.empty() && status_of(response) == Status::ok;
        module->flash().power_on();
        ASSERT_TRUE(module->start());
        if (module->core().state == State::locked) {
            ASSERT_EQ(unlock(*module), Status::ok);
        }
        check(*module, answered);
    }
};

TEST_F(MemberPowerCut, LeavesTheConfigurationOfBeforeOrAfter) {
    auto after = people_;
    after.revision = 2;
    after.officers.emplace_back();
    GroupChange change;
    const auto request = [&](BareModule& module) {
        const hsm::Digest members[] = {module_id_, module.other_member()};
        change = change_of(module.as(Role::server), people_, after, members);
        return encoded(change.request());
    };
    std::size_t old = 0;
    std::size_t renewed = 0;
    cut_everywhere(request, [&](BareModule& module, bool answered) {
        ASSERT_EQ(module.core().state, State::operational);
        const bool changed =
            module.core().group.configuration_hash() == sha256_of(change.configuration);
        EXPECT_TRUE(changed || !answered);
        EXPECT_TRUE(changed || module.core().group.configuration().revision == 1);
        ++(changed ? renewed : old);
        // Never changed and not on record.
        bool on_record = false;
        for (const auto& record : export_log(module.as(Role::server))) {
            on_record |=
                wire::decode<wire::AuditRecord>(record)->type == wire::RecordType::group_changed;
        }
        EXPECT_TRUE(on_record || !changed);
        if (!changed) {
            EXPECT_EQ(status_of_change(module.as(Role::operating), change), Status::ok);
        }
    });
    EXPECT_GT(old, 0u);
    EXPECT_GT(renewed, 0u);
}

TEST_F(MemberPowerCut, LeavesAMemberWithItsWholeTableOrWaiting) {
    BareModule awaiting(*image_);
    ASSERT_EQ(unlock(awaiting), Status::ok);
    auto& core = awaiting.core();
    ASSERT_TRUE(core.group.enter_epoch(core.store, 1, Group::Table::awaited));
    keep(awaiting);
    std::vector<hsm::Digest> keys(12);
    std::ranges::generate(keys, random_digest);
    const auto request = [&](BareModule& module) {
        wire::TableStatement page;
        page.from_module = module.other_member();
        page.for_module = module_id_;
        page.nonce = module.core().provisioning_nonce;
        for (const auto& key : keys) {
            CHECK(page.key_ids.push_back(key) && page.minimum_versions.push_back(2));
        }
        return encoded(wire::TableImportRequest{seal_page(module, page), 1000});
    };
    std::size_t waiting = 0;
    cut_everywhere(request, [&](BareModule& module, bool answered) {
        if (module.core().state == State::operational) {
            for (const auto& key : keys) {
                EXPECT_EQ(status(module.core().revocations.check(key, 1)), Status::blob_revoked);
            }
            return;
        }
        ASSERT_EQ(module.core().state, State::provisioned);
        EXPECT_FALSE(answered);
        ++waiting;
        EXPECT_EQ(status_of(module.send(request(module), Role::operating)), Status::ok);
        EXPECT_EQ(module.core().state, State::operational);
    });
    EXPECT_GT(waiting, 0u);
}

TEST_F(MemberPowerCut, ForgetsNoRevocationBeforeTheEpochThatNeedsItIsClosed) {
    BareModule changed(*image_);
    ASSERT_EQ(unlock(changed), Status::ok);
    auto& core = changed.core();
    std::vector<hsm::Digest> keys(12);
    std::ranges::generate(keys, random_digest);
    for (const auto& key : keys) {
        ASSERT_TRUE(core.revocations.put(key, {2, 1, std::nullopt}));
    }
    const auto carried = keys[0];
    ASSERT_TRUE(core.revocations.carry(carried, 2));
    firmware::engine::EpochSecret secret;
    ASSERT_TRUE(secret.assign(Bytes(32, 0x42)));
    ASSERT_TRUE(core.engine.try_epoch(2, secret) && core.engine.keep_epoch(2));
    ASSERT_TRUE(core.group.enter_epoch(core.store, 2, Group::Table::complete, 1));
    keep(changed);

    const auto request = [](BareModule&) { return encoded(wire::CloseEpochRequest{1000}); };
    std::size_t half_way = 0;
    cut_everywhere(request, [&](BareModule& module, bool answered) {
        auto& group = module.core().group;
        ASSERT_EQ(module.core().state, State::operational);
        ASSERT_EQ(group.epoch(), 2u);
        const auto forgotten = std::ranges::count_if(keys, [&](const auto& key) {
            return module.core().revocations.find(key)->minimum_version == 0;
        });
        const bool closed = group.previous_epoch() == 0;
        const bool has_old_kek = module.core().engine.join_epoch(1).has_value();
        EXPECT_TRUE(closed || (!answered && forgotten == 0 && has_old_kek));
        EXPECT_TRUE(!answered || (forgotten == 11 && !has_old_kek));
        half_way += closed && has_old_kek ? 1 : 0;
        EXPECT_EQ(status(module.core().revocations.check(carried, 1)), Status::blob_revoked);

        EXPECT_EQ(status_of(module.send(request(module), Role::operating)), Status::ok);
        EXPECT_FALSE(module.core().engine.join_epoch(1));
        EXPECT_TRUE(module.core().engine.join_epoch(2));
        for (const auto& key : keys) {
            EXPECT_EQ(module.core().revocations.find(key)->minimum_version == 0, key != carried);
        }
    });
    EXPECT_GT(half_way, 0u);
}

TEST_F(MemberPowerCut, LetsNoReceiptOutWhileThereAreKeys) {
    const auto request = [&](BareModule& module) {
        const auto challenge = zeroise_challenge(module.as(Role::server));
        const auto assertion = people_.officer_approves(challenge);
        wire::ZeroiseRequest zeroise;
        CHECK(zeroise.assertions.push_back(assertion));
        return encoded(zeroise);
    };
    std::size_t alive = 0;
    cut_everywhere(request, [&](BareModule& module, bool answered) {
        const bool has_keys = module.core().engine.join_epoch(1).has_value();
        EXPECT_EQ(module.core().state, has_keys ? State::operational : State::tampered);
        EXPECT_FALSE(answered && has_keys);
        alive += has_keys ? 1 : 0;
    });
    EXPECT_GT(alive, 0u);
}

}  // namespace
