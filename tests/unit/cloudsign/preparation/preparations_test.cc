#include "cloudsign/preparation/preparations.h"

#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::preparation {
namespace {

using evidence::Level;
using store::Preparation;
using store::PreparationForm;

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t day = 24 * 60 * minute;

class PreparationsTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        open({});
    }

    void open(const Rules& rules) {
        preparations_ = std::make_unique<Preparations>(*database_, clock_, rules);
    }

    static Prepared prepared(std::size_t size = 100, const std::string& client = "client-1") {
        Prepared what;
        what.client_id = client;
        what.credential_id = "cred-1";
        what.form = PreparationForm::xml;
        what.level = Level::lt;
        what.algorithm = {
            hsm::protocol::Scheme::rsa_pss, hsm::protocol::DigestAlgorithm::sha384, 48};
        what.hash = Bytes(48, 'h');
        what.attributes = Bytes(20, 'a');
        what.document = Bytes(size, 'd');
        what.cut = 7;
        what.leaf = Bytes(10, 'l');
        return what;
    }
    Preparation kept(const Prepared& what = prepared()) {
        auto row = preparations_->keep(what);
        CHECK(row.has_value());
        return *std::move(row);
    }
    ErrorKind refusal(const Prepared& what) { return preparations_->keep(what).error().kind; }
    Finished finished(const std::string& id, const Finished& what) {
        auto answer = preparations_->finish(id, what);
        CHECK(answer.has_value());
        return *std::move(answer);
    }

    std::unique_ptr<Preparations> preparations_;
};

TEST_F(PreparationsTest, AreThereAfterARestartUnderAnIdThatNobodyGuesses) {
    const auto id = kept().id;
    EXPECT_EQ(id.size(), std::string("prep_").size() + 43);
    database_.reset();
    auto opened = store::Database::open(folder_.file("kyso.db"));
    ASSERT_TRUE(opened.has_value());
    database_ = *std::move(opened);
    open({});

    const auto row = preparations_->find(id);
    const auto file = preparations_->file(id);

    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->form, PreparationForm::xml);
    EXPECT_EQ(row->level, "B-LT");
    EXPECT_EQ(row->hash, Bytes(48, 'h'));
    EXPECT_EQ(row->algorithm, prepared().algorithm);
    EXPECT_EQ(row->answer, "");
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->document, Bytes(100, 'd'));
    EXPECT_EQ(file->attributes, Bytes(20, 'a'));
    EXPECT_EQ(file->cut, 7);
    EXPECT_EQ(file->leaf, Bytes(10, 'l'));
    EXPECT_EQ(preparations_->find("prep_none").error().kind, ErrorKind::not_found);
}

TEST_F(PreparationsTest, AreFinishedOnceAndAnsweredAgainForAWhile) {
    const auto id = kept().id;
    const Finished first{Bytes(200, 's'), R"({"reachedLevel":"Ades-B-LT"})"};

    EXPECT_EQ(finished(id, first).document, first.document);
    const auto again = finished(id, {Bytes(300, 't'), "{}"});

    EXPECT_EQ(again.document, first.document);
    EXPECT_EQ(again.answer, first.answer);
    EXPECT_EQ(preparations_->file(id)->document, first.document);
    EXPECT_EQ(preparations_->find(id)->size, 200);
    EXPECT_EQ(preparations_->stock()->open, 0);
    clock_.advance(10 * minute);
    EXPECT_EQ(preparations_->find(id).error().kind, ErrorKind::not_found);
}

TEST_F(PreparationsTest, AreDiscardedUntilTheyAreFinished) {
    const auto dropped = kept().id;
    const auto other = kept().id;

    EXPECT_TRUE(preparations_->discard(dropped).has_value());

    EXPECT_EQ(preparations_->find(dropped).error().kind, ErrorKind::not_found);
    EXPECT_EQ(preparations_->file(dropped).error().kind, ErrorKind::not_found);
    EXPECT_EQ(preparations_->discard(dropped).error().kind, ErrorKind::not_found) << "twice";
    EXPECT_EQ(preparations_->stock()->documents, 1);
    finished(other, {Bytes(200, 's'), "{}"});
    EXPECT_EQ(preparations_->discard(other).error().kind, ErrorKind::not_found);
    EXPECT_EQ(preparations_->file(other)->document, Bytes(200, 's'));
}

TEST_F(PreparationsTest, AreErasedWhenTheirTimeIsOver) {
    const auto id = kept().id;
    clock_.advance(day - 1);
    ASSERT_TRUE(preparations_->sweep().has_value());
    EXPECT_TRUE(preparations_->find(id).has_value());

    clock_.advance(1);
    EXPECT_EQ(preparations_->find(id).error().kind, ErrorKind::not_found) << "swept or not";
    EXPECT_TRUE(preparations_->file(id).has_value());
    ASSERT_TRUE(preparations_->sweep().has_value());

    EXPECT_EQ(preparations_->file(id).error().kind, ErrorKind::not_found);
    EXPECT_EQ(preparations_->finish(id, {}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(preparations_->stock()->documents, 0);
}

TEST_F(PreparationsTest, AreBoundedInNumberAndSize) {
    Rules rules;
    rules.documents_max = 2;
    rules.bytes_max = 1000;
    open(rules);
    kept(prepared(600));
    EXPECT_EQ(refusal(prepared(401)), ErrorKind::busy);
    kept(prepared(400));
    const auto full = preparations_->keep(prepared(0));
    ASSERT_FALSE(full.has_value());
    EXPECT_EQ(full.error().kind, ErrorKind::busy);
    EXPECT_GE(full.error().retry_after_s, 10) << "nothing goes within a second";

    const auto stock = *preparations_->stock();
    EXPECT_EQ(stock.documents, 2);
    EXPECT_EQ(stock.bytes, 1000);
    EXPECT_EQ(stock.open, 2);
}

TEST_F(PreparationsTest, OfOneClientLeaveRoomForTheOthers) {
    Rules rules;
    rules.client_documents_max = 2;
    rules.client_bytes_max = 1000;
    open(rules);
    kept(prepared(600));
    EXPECT_EQ(refusal(prepared(401)), ErrorKind::busy);
    kept(prepared(400));
    EXPECT_EQ(refusal(prepared(0)), ErrorKind::busy);

    EXPECT_TRUE(preparations_->keep(prepared(1000, "client-2")).has_value());
}

}  // namespace
}  // namespace cloudsign::preparation
