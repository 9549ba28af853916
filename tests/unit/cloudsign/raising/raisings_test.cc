#include "cloudsign/raising/raisings.h"

#include "hsm/protocol/utf8.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::raising {
namespace {

using store::Raising;
using store::RaisingForm;
using store::RaisingState;

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

class RaisingsTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        open({});
    }

    void open(const Rules& rules) {
        raisings_ = std::make_unique<Raisings>(*database_, clock_, rules);
        raisings_->on_due([this] { ++woken_; });
    }

    static Missed missed(std::uint32_t position = 0, std::size_t size = 100) {
        return {"client-1",
                "an",
                "cred-1",
                "tx-1",
                position,
                RaisingForm::pdf,
                Level::lta,
                Level::b,
                "the authority is away",
                Bytes(size, 'a'),
                Bytes(10, 'r')};
    }
    Raising kept(const Missed& what = missed()) {
        auto row = raisings_->keep(what);
        CHECK(row.has_value());
        return *std::move(row);
    }
    std::vector<Raising> due() {
        auto found = raisings_->due(10);
        CHECK(found.has_value());
        return *std::move(found);
    }
    Raising now(const std::string& id) {
        auto found = raisings_->find(id);
        CHECK(found.has_value());
        return *std::move(found);
    }
    std::optional<Raising> recorded(const Attempt& attempt) {
        auto row = raisings_->record(attempt);
        CHECK(row.has_value());
        return *std::move(row);
    }
    Attempt failed(const std::string& id) { return {id, Level::b, {}, "still away"}; }
    Attempt raised(const std::string& id, Level level) {
        return {id, level, Bytes(200, 'b'), level == Level::lta ? "" : "half way"};
    }

    std::unique_ptr<Raisings> raisings_;
    int woken_ = 0;
};

TEST_F(RaisingsTest, AreKeptUnderAnIdThatNobodyGuesses) {
    const auto row = kept();

    EXPECT_EQ(woken_, 1);
    EXPECT_EQ(row.id.size(), std::string("doc_").size() + 43);
    EXPECT_EQ(row.target, "B-LTA");
    EXPECT_EQ(row.reached, "B-B");
    EXPECT_EQ(now(row.id).fault, "the authority is away");
    EXPECT_EQ(raisings_->file(row.id)->document, Bytes(100, 'a'));
    EXPECT_EQ(raisings_->file(row.id)->anchor, Bytes(10, 'r'));
    EXPECT_EQ(raisings_->find("doc_none").error().kind, ErrorKind::not_found);
}

TEST_F(RaisingsTest, AreThereAfterARestart) {
    const auto row = kept();
    database_.reset();
    auto opened = store::Database::open(folder_.file("kyso.db"));
    ASSERT_TRUE(opened.has_value());
    database_ = *std::move(opened);
    open({});

    EXPECT_EQ(now(row.id).next_at, row.next_at);
    EXPECT_EQ(raisings_->file(row.id)->document, Bytes(100, 'a'));
}

TEST_F(RaisingsTest, AreTriedAfterAMinuteThenTwiceAsLongUpToAnHour) {
    const auto id = kept().id;
    auto whole = minute;
    for (int attempt = 0; attempt < 10; ++attempt) {
        const auto wait = now(id).next_at - clock_.now_ms();
        EXPECT_LE(wait, whole) << attempt;
        EXPECT_GT(wait, whole * 3 / 4 - 1) << attempt;
        EXPECT_EQ(*raisings_->next_due(), now(id).next_at);
        EXPECT_TRUE(due().empty());
        clock_.advance(wait);
        ASSERT_EQ(due().size(), 1U);

        const auto after = recorded(failed(id));

        ASSERT_TRUE(after.has_value());
        EXPECT_EQ(after->state, RaisingState::raising);
        EXPECT_EQ(after->fault, "still away");
        EXPECT_EQ(after->attempts, attempt + 1U);
        whole = std::min(2 * whole, hour);
    }
}

TEST_F(RaisingsTest, AreGivenUpAfterSevenDaysWithWhatWasReached) {
    const auto id = kept().id;
    ASSERT_TRUE(recorded(raised(id, Level::t)).has_value());
    clock_.advance(7 * day);

    const auto after = recorded(failed(id));

    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->state, RaisingState::given_up);
    EXPECT_EQ(after->reached, "B-T");
    EXPECT_EQ(after->fault, "still away");
    EXPECT_TRUE(due().empty());
    EXPECT_EQ(*raisings_->next_due(), std::nullopt);
    EXPECT_EQ(raisings_->fetch(id)->document, Bytes(200, 'b'));
    EXPECT_EQ(recorded(raised(id, Level::lta)), std::nullopt) << "it is over";
}

TEST_F(RaisingsTest, AreGivenUpAtOnceWhenNothingCanComeOfIt) {
    const auto id = kept().id;
    auto attempt = failed(id);
    attempt.hopeless = true;
    EXPECT_EQ(recorded(attempt)->state, RaisingState::given_up);
}

TEST_F(RaisingsTest, KeepWhatWasReachedOnTheWay) {
    const auto id = kept().id;

    EXPECT_EQ(recorded(raised(id, Level::lt))->reached, "B-LT");
    EXPECT_EQ(recorded(failed(id))->reached, "B-LT");
    EXPECT_EQ(recorded({id, Level::lt, Bytes(300, 'c'), "no better"})->size, 200);

    EXPECT_EQ(raisings_->file(id)->document, Bytes(200, 'b'));
    EXPECT_EQ(raisings_->fetch(id).error().kind, ErrorKind::not_found) << "not yet";
}

TEST_F(RaisingsTest, AreDoneAtTheirTarget) {
    const auto id = kept().id;

    const auto after = recorded(raised(id, Level::lta));

    EXPECT_EQ(after->state, RaisingState::done);
    EXPECT_EQ(after->reached, "B-LTA");
    EXPECT_EQ(after->fault, "");
    EXPECT_EQ(raisings_->fetch(id)->document, Bytes(200, 'b'));
    EXPECT_EQ(raisings_->stock()->raising, 0);
}

TEST_F(RaisingsTest, AnAttemptThatTheStopCutShortIsNone) {
    const auto id = kept().id;
    clock_.advance(hour);
    auto attempt = failed(id);
    attempt.cut_short = true;

    EXPECT_EQ(recorded(attempt), std::nullopt);

    EXPECT_EQ(now(id).attempts, 0U);
    EXPECT_EQ(due().size(), 1U);

    attempt = raised(id, Level::t);
    attempt.cut_short = true;
    EXPECT_EQ(recorded(attempt)->reached, "B-T");
    EXPECT_EQ(now(id).attempts, 0U);
}

TEST_F(RaisingsTest, AnAttemptThatFoundThisServerBusyIsNone) {
    const auto id = kept().id;
    clock_.advance(8 * day);
    auto attempt = failed(id);
    attempt.found_busy = true;
    attempt.hopeless = true;

    EXPECT_EQ(recorded(attempt), std::nullopt);

    EXPECT_EQ(now(id).attempts, 0U);
    EXPECT_EQ(now(id).state, RaisingState::raising);
    EXPECT_EQ(now(id).fault, "the authority is away") << "of the last attempt";
    EXPECT_TRUE(due().empty()) << "it waits as before the first attempt";
    clock_.advance(minute);
    EXPECT_EQ(due().size(), 1U);
    attempt = raised(id, Level::lta);
    attempt.found_busy = true;
    EXPECT_EQ(recorded(attempt)->state, RaisingState::done);
}

TEST_F(RaisingsTest, AreLookedAtOnTheWayWithTheirLevel) {
    const auto id = kept().id;
    EXPECT_EQ(raisings_->preview(id)->document, Bytes(100, 'a'));
    EXPECT_EQ(raisings_->preview(id)->raising.reached, "B-B");
    ASSERT_TRUE(recorded(raised(id, Level::t)).has_value());

    const auto seen = raisings_->preview(id);

    EXPECT_EQ(seen->document, Bytes(200, 'b'));
    EXPECT_EQ(seen->raising.reached, "B-T");
    EXPECT_EQ(seen->raising.state, RaisingState::raising);
    EXPECT_EQ(raisings_->fetch(id).error().kind, ErrorKind::not_found) << "it is not over";
    EXPECT_EQ(raisings_->preview("doc_none").error().kind, ErrorKind::not_found);
}

TEST_F(RaisingsTest, AreErasedOnceFetchedOrKeptForLong) {
    const auto fetched = kept(missed(0)).id;
    const auto left = kept(missed(1)).id;
    const auto waiting = kept(missed(2)).id;
    ASSERT_TRUE(recorded(raised(fetched, Level::lta)).has_value());
    ASSERT_TRUE(recorded(raised(left, Level::lta)).has_value());
    ASSERT_TRUE(raisings_->fetch(fetched).has_value());
    clock_.advance(hour - minute);
    ASSERT_TRUE(raisings_->sweep().has_value());
    EXPECT_TRUE(raisings_->fetch(fetched).has_value()) << "the answer may have been lost";

    clock_.advance(hour);
    ASSERT_TRUE(raisings_->sweep().has_value());
    EXPECT_EQ(raisings_->find(fetched).error().kind, ErrorKind::not_found)
        << "another fetch makes it no longer";
    EXPECT_EQ(raisings_->file(fetched).error().kind, ErrorKind::not_found);
    EXPECT_TRUE(raisings_->find(left).has_value());

    clock_.advance(7 * day);
    ASSERT_TRUE(raisings_->sweep().has_value());
    EXPECT_FALSE(raisings_->find(left).has_value());
    EXPECT_TRUE(raisings_->find(waiting).has_value());
}

TEST_F(RaisingsTest, OfOneSignatureAndTargetThereIsOne) {
    const auto first = kept();
    EXPECT_EQ(kept().id, first.id);
    auto lower = missed();
    lower.target = Level::t;
    EXPECT_NE(kept(lower).id, first.id);
    EXPECT_NE(kept(missed(1)).id, first.id);

    ASSERT_TRUE(recorded(raised(first.id, Level::lta)).has_value());
    EXPECT_EQ(kept().state, RaisingState::done);

    auto attempt = failed(kept(missed(1)).id);
    attempt.hopeless = true;
    ASSERT_TRUE(recorded(attempt).has_value());
    EXPECT_NE(kept(missed(1)).id, attempt.raising_id) << "asked for once more";
}

TEST_F(RaisingsTest, AreBoundedInNumberAndSize) {
    Rules rules;
    rules.documents_max = 2;
    rules.bytes_max = 1000;
    open(rules);
    const auto first = kept(missed(0, 600)).id;
    EXPECT_EQ(raisings_->keep(missed(1, 401)).error().kind, ErrorKind::busy);
    kept(missed(1, 400));
    EXPECT_EQ(raisings_->keep(missed(2, 0)).error().kind, ErrorKind::busy);
    EXPECT_EQ(kept(missed(0, 600)).id, first) << "which is there";

    const auto stock = *raisings_->stock();
    EXPECT_EQ(stock.documents, 2);
    EXPECT_EQ(stock.bytes, 1000);
    EXPECT_EQ(stock.raising, 2);
    EXPECT_EQ(stock.oldest_since, clock_.now_ms());
}

TEST_F(RaisingsTest, OfOneClientLeaveRoomForTheOthers) {
    Rules rules;
    rules.client_documents_max = 2;
    rules.client_bytes_max = 1000;
    open(rules);
    kept(missed(0, 600));
    EXPECT_EQ(raisings_->keep(missed(1, 401)).error().kind, ErrorKind::busy);
    kept(missed(1, 400));
    EXPECT_EQ(raisings_->keep(missed(2, 0)).error().kind, ErrorKind::busy);

    auto other = missed(3, 1000);
    other.client_id = "client-2";
    EXPECT_TRUE(raisings_->keep(other).has_value());
}

TEST_F(RaisingsTest, SayWhyInWordsThatCanBeShown) {
    auto what = missed();
    what.fault = "no status of CN=a\x1b[31m\u009b\u202e\u202c\xff";
    for (int i = 0; i < 100; ++i) {
        what.fault += "\u1ebf";  // three bytes each
    }

    const auto row = kept(what);

    EXPECT_TRUE(row.fault.starts_with("no status of CN=a?[31m????\u1ebf")) << row.fault;
    EXPECT_TRUE(hsm::protocol::is_legible(row.fault));
    auto attempt = failed(row.id);
    attempt.fault = what.fault;
    EXPECT_EQ(recorded(attempt)->fault, row.fault);
}

TEST_F(RaisingsTest, AreListedOldestFirstAndBroughtForward) {
    std::vector<std::string> ids;
    for (std::uint32_t i = 0; i < 5; ++i) {
        ids.push_back(kept(missed(i)).id);
        clock_.advance(1);
    }
    std::vector<std::string> listed;
    for (auto page = *raisings_->page("", 2); !page.empty();
         page = *raisings_->page(listed.back(), 2)) {
        for (const auto& row : page) {
            listed.push_back(row.id);
        }
    }
    EXPECT_EQ(listed, ids);
    EXPECT_EQ(raisings_->page("doc_none", 2).error().kind, ErrorKind::not_found);

    ASSERT_TRUE(recorded(raised(ids[0], Level::lta)).has_value());
    EXPECT_EQ(*raisings_->bring_forward(), 4);
    EXPECT_EQ(due().size(), 4U);
}

}  // namespace
}  // namespace cloudsign::raising
