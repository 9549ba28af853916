#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloudsign/store/client_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/enclosure_table.h"
#include "cloudsign/store/preparation_table.h"
#include "cloudsign/store/session.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::store {
namespace {

using transaction::State;

class TablesTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(folder_.file("kyso.db"));
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        database_ = *std::move(opened);
    }

    // The value of a closure on one of the tables, which must not fail.
    template <class Table, class Work>
    auto with(Work work) {
        auto answer = database_->write([&](Session& session) {
            Table table(session);
            return work(table);
        });
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().detail);
        if constexpr (!std::is_void_v<typename decltype(answer)::value_type>) {
            return answer ? *std::move(answer) : typename decltype(answer)::value_type{};
        }
    }

    void sql(const std::string& statement) {
        ASSERT_TRUE(database_->write([&](Session& session) {
            return session.guarded([&]() -> Result<void> {
                session.sql() << statement;
                return {};
            });
        }));
    }

    ScratchFolder folder_;
    std::unique_ptr<Database> database_;
};

TEST_F(TablesTest, KnowsWhomAClientWasAllowed) {
    auto everybody = a_client("everybody");
    everybody.all_signers = true;
    with<ClientTable>([&](ClientTable& table) -> Result<void> {
        TRY(table.insert(a_client("named")));
        return table.insert(everybody);
    });
    with<SignerTable>([&](SignerTable& table) -> Result<void> {
        TRY(table.insert(a_signer("a")));
        return table.insert(a_signer("b"));
    });
    with<ClientTable>([](ClientTable& table) -> Result<void> {
        TRY(table.allow("named", "a"));
        return table.allow("named", "a");
    });
    const auto is_allowed = [&](const char* client, const char* signer) {
        return with<ClientTable>(
            [&](ClientTable& table) { return table.is_allowed(client, signer); });
    };

    EXPECT_TRUE(is_allowed("named", "a"));
    EXPECT_FALSE(is_allowed("named", "b"));
    EXPECT_FALSE(is_allowed("everybody", "b"));
    EXPECT_FALSE(is_allowed("nobody", "a"));

    EXPECT_TRUE(with<SignerTable>(
        [](SignerTable& table) { return table.set_status("a", SignerStatus::frozen); }));
    EXPECT_TRUE(with<ClientTable>(
        [](ClientTable& table) { return table.set_status("everybody", ClientStatus::disabled); }));
    EXPECT_FALSE(with<ClientTable>(
        [](ClientTable& table) { return table.set_status("nobody", ClientStatus::disabled); }));
}

TEST_F(TablesTest, KeepsClientsAsTheyAre) {
    auto client = a_client("a");
    client.all_signers = true;
    with<ClientTable>([&](ClientTable& table) { return table.insert(client); });
    EXPECT_TRUE(with<ClientTable>(
        [](ClientTable& table) { return table.set_secret("a", "other", hsm::Digest{7}); }));

    const auto all = with<ClientTable>([](ClientTable& table) { return table.all(); });

    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].id, "a");
    EXPECT_EQ(all[0].name, "Cổng một cửa");
    EXPECT_EQ(all[0].secret_hash, "other");
    EXPECT_EQ(all[0].account_token_key, hsm::Digest{7});
    EXPECT_TRUE(all[0].all_signers);
    EXPECT_EQ(all[0].status, ClientStatus::active);
    EXPECT_EQ(all[0].created_at, client.created_at);
}

TEST_F(TablesTest, PagesThroughSigners) {
    with<SignerTable>([](SignerTable& table) -> Result<void> {
        for (const auto* id : {"c", "a", "b", "d"}) {
            TRY(table.insert(a_signer(id)));
        }
        return {};
    });

    const auto first = with<SignerTable>([](SignerTable& table) { return table.page("", 3); });
    const auto rest = with<SignerTable>([](SignerTable& table) { return table.page("c", 3); });

    ASSERT_EQ(first.size(), 3u);
    EXPECT_EQ(first[2].id, "c");
    EXPECT_EQ(first[0].name, "Nguyễn Văn A");
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].id, "d");
}

TEST_F(TablesTest, FindsDevicesBySessionAndOwner) {
    Device phone;
    phone.id = "phone";
    phone.owner_id = "a";
    phone.name = "Điện thoại";
    phone.session_hash = sha256("session");
    phone.point.fill(4);
    phone.thumbprint = sha256("thumbprint");
    phone.backup_eligible = true;
    Device officer = phone;
    officer.id = "officer";
    officer.owner_kind = DeviceOwner::officer;
    officer.owner_id = "Bà Lan";
    officer.session_hash = sha256("other session");
    with<DeviceTable>([&](DeviceTable& table) -> Result<void> {
        TRY(table.insert(phone));
        return table.insert(officer);
    });

    const auto found = with<DeviceTable>(
        [](DeviceTable& table) { return table.by_session_hash(sha256("session")); });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->id, "phone");
    EXPECT_EQ(found->point, phone.point);
    EXPECT_EQ(found->thumbprint, phone.thumbprint);
    EXPECT_TRUE(found->backup_eligible);
    EXPECT_FALSE(with<DeviceTable>([](DeviceTable& table) {
                     return table.by_session_hash(sha256("no session"));
                 }).has_value());

    const auto officers = with<DeviceTable>([](DeviceTable& table) { return table.officers(); });
    ASSERT_EQ(officers.size(), 1u);
    EXPECT_EQ(officers[0].owner_id, "Bà Lan");

    EXPECT_TRUE(with<DeviceTable>(
        [](DeviceTable& table) { return table.set_status("phone", DeviceStatus::removed); }));
    EXPECT_TRUE(with<DeviceTable>([](DeviceTable& table) {
                    return table.of_owner(DeviceOwner::signer, "a");
                }).empty());
    EXPECT_TRUE(with<DeviceTable>([](DeviceTable& table) { return table.touch("officer", 99); }));
    const auto touched =
        with<DeviceTable>([](DeviceTable& table) { return table.by_id("officer"); });
    EXPECT_EQ(touched->last_used_at, 99);
}

TEST_F(TablesTest, MovesACredentialOnlyFromTheStatusThatItIsIn) {
    Credential credential;
    credential.id = "cred";
    credential.signer_id = "a";
    credential.key_type = hsm::protocol::KeyType::rsa3072;
    credential.description = "Ký từ xa";
    with<CredentialTable>([&](CredentialTable& table) { return table.insert(credential); });
    auto fresh = with<CredentialTable>([](CredentialTable& table) { return table.by_id("cred"); });
    ASSERT_TRUE(fresh.has_value());
    EXPECT_EQ(fresh->key_type, hsm::protocol::KeyType::rsa3072);
    EXPECT_FALSE(fresh->blob.has_value());
    EXPECT_FALSE(fresh->key_id.has_value());

    credential.status = CredentialStatus::binding;
    credential.blob = Bytes(1000, 0x83);
    credential.key_id = sha256("key");
    credential.version = 4'000'000'000u;
    credential.valid_to = 1'900'000'000'000;
    const auto update = [&] {
        return with<CredentialTable>([&](CredentialTable& table) {
            return table.update(credential, CredentialStatus::invited);
        });
    };
    EXPECT_TRUE(update());
    EXPECT_FALSE(update());

    const auto of_signer =
        with<CredentialTable>([](CredentialTable& table) { return table.of_signer("a"); });
    ASSERT_EQ(of_signer.size(), 1u);
    EXPECT_EQ(of_signer[0].status, CredentialStatus::binding);
    EXPECT_EQ(of_signer[0].blob, credential.blob);
    EXPECT_EQ(of_signer[0].key_id, credential.key_id);
    EXPECT_EQ(of_signer[0].version, 4'000'000'000u);
    EXPECT_EQ(of_signer[0].valid_to, credential.valid_to);
    EXPECT_FALSE(of_signer[0].valid_from.has_value());
    EXPECT_TRUE(with<CredentialTable>([](CredentialTable& table) {
                    return table.of_kind(cloudsign::store::CredentialOwner::issuer);
                }).empty());
}

TEST_F(TablesTest, TakesAnInvitationOnce) {
    Credential credential;
    credential.id = "cred";
    with<CredentialTable>([&](CredentialTable& table) -> Result<void> {
        TRY(table.insert(credential));
        TRY(table.insert_invitation({sha256("token"), "cred", 100, std::nullopt}));
        return table.insert_invitation({sha256("late"), "cred", 100, std::nullopt});
    });
    const auto use = [&](const char* token, std::int64_t now) {
        return with<CredentialTable>(
            [&](CredentialTable& table) { return table.use_invitation(sha256(token), now); });
    };

    EXPECT_FALSE(use("late", 100));
    EXPECT_FALSE(use("unknown", 1));
    EXPECT_TRUE(use("token", 99));
    EXPECT_FALSE(use("token", 99));
    const auto invitation = with<CredentialTable>(
        [](CredentialTable& table) { return table.invitation(sha256("token")); });
    ASSERT_TRUE(invitation.has_value());
    EXPECT_EQ(invitation->used_at, 99);
}

TEST_F(TablesTest, KeepsATransactionAsItIs) {
    const auto original = a_transaction("tx");
    with<TransactionTable>([&](TransactionTable& table) { return table.insert(original); });

    const auto read =
        with<TransactionTable>([](TransactionTable& table) { return table.by_id("tx"); });

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->purpose, original.purpose);
    EXPECT_EQ(read->state, State::notified);
    EXPECT_EQ(read->approver_kind, Approver::signer);
    EXPECT_EQ(read->client_id, original.client_id);
    EXPECT_EQ(read->request_hash, original.request_hash);
    EXPECT_EQ(read->documents, original.documents);
    EXPECT_EQ(read->algorithm, original.algorithm);
    EXPECT_EQ(read->purpose_text, original.purpose_text);
    EXPECT_EQ(read->preimage, original.preimage);
    EXPECT_EQ(read->challenge, original.challenge);
    EXPECT_EQ(read->approved_at, std::nullopt);
    EXPECT_EQ(read->sign_by, 3000);
}

TEST_F(TablesTest, FindsTheOpenTransactionOfARequest) {
    with<TransactionTable>([&](TransactionTable& table) -> Result<void> {
        TRY(table.insert(a_transaction("one")));
        auto two = a_transaction("two");
        two.client_id.reset();
        return table.insert(two);
    });

    const auto open = with<TransactionTable>([](TransactionTable& table) {
        return table.open_for("client-1", "cred-1", sha256("request of one"));
    });
    const auto of_nobody = with<TransactionTable>([](TransactionTable& table) {
        return table.open_for("client-1", "cred-1", sha256("request of two"));
    });

    ASSERT_TRUE(open.has_value());
    EXPECT_EQ(open->id, "one");
    EXPECT_FALSE(of_nobody.has_value());
}

TEST_F(TablesTest, ListsWhatWaitsForWhom) {
    const auto insert = [&](const std::string& id, Approver kind, State state, std::int64_t at) {
        auto row = a_transaction(id);
        row.approver_kind = kind;
        row.approver_id = kind == Approver::officer ? "" : "signer-1";
        row.state = state;
        row.created_at = at;
        with<TransactionTable>([&](TransactionTable& table) { return table.insert(row); });
    };
    insert("second", Approver::signer, State::seen, 2);
    insert("first", Approver::both, State::created, 1);
    insert("office", Approver::officer, State::notified, 3);
    insert("approved", Approver::signer, State::approved, 4);
    insert("ended", Approver::signer, State::signed_, 5);
    const auto ids = [](const std::vector<Transaction>& rows) {
        std::vector<std::string> names;
        for (const auto& row : rows) {
            names.push_back(row.id);
        }
        return names;
    };
    using Names = std::vector<std::string>;

    EXPECT_EQ(ids(with<TransactionTable>([](TransactionTable& table) {
                  return table.waiting_for_signer("signer-1", 10);
              })),
              (Names{"first", "second"}));
    EXPECT_EQ(ids(with<TransactionTable>(
                  [](TransactionTable& table) { return table.waiting_for_officers(10); })),
              (Names{"first", "office"}));
    EXPECT_THAT(with<TransactionTable>([](TransactionTable& table) { return table.unfinished(); }),
                testing::UnorderedElementsAre("approved", "first", "office", "second"));
    EXPECT_EQ(with<TransactionTable>([](TransactionTable& table) { return table.due(1999, 10); }),
              Names{});
    EXPECT_EQ(
        with<TransactionTable>([](TransactionTable& table) { return table.due(2000, 10); }).size(),
        3u);
    EXPECT_EQ(
        with<TransactionTable>([](TransactionTable& table) { return table.due(3000, 10); }).size(),
        4u);
    EXPECT_EQ(
        with<TransactionTable>([](TransactionTable& table) { return table.due(3000, 2); }).size(),
        2u);
}

TEST_F(TablesTest, ListsWhatIsOverNewestFirst) {
    const auto insert = [&](const std::string& id, Approver kind, State state, std::int64_t at) {
        auto row = a_transaction(id);
        row.approver_kind = kind;
        row.approver_id = kind == Approver::officer ? "" : "signer-1";
        row.state = state;
        row.created_at = at;
        with<TransactionTable>([&](TransactionTable& table) { return table.insert(row); });
    };
    insert("signed", Approver::signer, State::signed_, 1);
    insert("bound", Approver::both, State::signed_, 2);
    insert("waiting", Approver::signer, State::seen, 3);
    insert("office", Approver::officer, State::signed_, 4);
    insert("rejected", Approver::signer, State::rejected, 5);
    const auto listed = [&](const char* signer, std::int64_t before, std::uint32_t limit) {
        std::string names;
        for (const auto& row : with<TransactionTable>([&](TransactionTable& table) {
                 return table.history_of_signer(signer, before, limit);
             })) {
            names += row.id + " ";
        }
        return names;
    };

    EXPECT_EQ(listed("signer-1", 100, 10), "rejected bound signed ");
    EXPECT_EQ(listed("signer-1", 5, 10), "bound signed ");
    EXPECT_EQ(listed("signer-1", 100, 1), "rejected ");
    EXPECT_EQ(listed("signer-2", 100, 10), "");
    EXPECT_EQ(listed("", 100, 10), "");
}

TEST_F(TablesTest, KeepsEnclosuresWhileTheirTransactionIsOpen) {
    with<TransactionTable>(
        [](TransactionTable& table) { return table.insert(a_transaction("a")); });
    with<TransactionTable>(
        [](TransactionTable& table) { return table.insert(a_transaction("b")); });
    const auto put = [&](const std::string& id, std::uint32_t position, Bytes attributes) {
        const Enclosure one{id, position, Bytes{1, 2, 3}, std::move(attributes)};
        with<EnclosureTable>([&](EnclosureTable& table) { return table.insert(one); });
    };
    put("a", 2, {4});
    put("a", 0, {});
    put("b", 0, {});
    const auto positions = [&](const std::string& id) {
        return with<EnclosureTable>([&](EnclosureTable& table) { return table.positions(id); });
    };
    using Positions = std::vector<std::uint32_t>;

    EXPECT_EQ(positions("a"), (Positions{0, 2}));
    const auto found =
        with<EnclosureTable>([](EnclosureTable& table) { return table.find("a", 2); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->document, (Bytes{1, 2, 3}));
    EXPECT_EQ(found->attributes, Bytes{4});
    EXPECT_FALSE(with<EnclosureTable>([](EnclosureTable& table) { return table.find("a", 1); }));

    with<TransactionTable>([](TransactionTable& table) {
        return table.set_state("a", State::notified, State::rejected, "");
    });
    with<EnclosureTable>([](EnclosureTable& table) { return table.erase_finished(); });
    EXPECT_EQ(positions("a"), Positions{});
    EXPECT_EQ(positions("b"), Positions{0});
}

TEST_F(TablesTest, EnclosesWhatIsPreparedAndNotFinished) {
    with<TransactionTable>(
        [](TransactionTable& table) { return table.insert(a_transaction("a")); });
    Preparation open;
    open.id = "prep_open";
    auto finished = open;
    finished.id = "prep_finished";
    finished.answer = "{}";
    for (const auto& one : {open, finished}) {
        with<PreparationTable>([&](PreparationTable& table) {
            return table.insert(one, {one.id, Bytes{1, 2, 3}, Bytes{4}, 0, Bytes{5}});
        });
    }

    std::uint32_t position = 0;
    for (const auto* id : {"prep_open", "prep_finished", "prep_none"}) {
        with<EnclosureTable>(
            [&](EnclosureTable& table) { return table.insert_prepared("a", position++, id); });
    }

    const auto positions =
        with<EnclosureTable>([](EnclosureTable& table) { return table.positions("a"); });
    EXPECT_EQ(positions, (std::vector<std::uint32_t>{0}));
    const auto found =
        with<EnclosureTable>([](EnclosureTable& table) { return table.find("a", 0); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->document, (Bytes{1, 2, 3}));
    EXPECT_EQ(found->attributes, Bytes{4});
}

TEST_F(TablesTest, ListsWhatIsUnfinishedThroughEveryMove) {
    const auto listed = [&] {
        return with<TransactionTable>([](TransactionTable& table) { return table.unfinished(); })
            .size();
    };
    const auto move = [&](State from, State to) {
        return with<TransactionTable>(
            [&](TransactionTable& table) { return table.set_state("tx", from, to, ""); });
    };
    auto row = a_transaction("tx");
    row.state = State::created;
    with<TransactionTable>([&](TransactionTable& table) { return table.insert(row); });

    EXPECT_EQ(listed(), 1u);
    EXPECT_TRUE(move(State::created, State::approved));
    EXPECT_FALSE(move(State::created, State::expired));
    EXPECT_EQ(listed(), 1u);
    EXPECT_TRUE(move(State::approved, State::signing));
    EXPECT_EQ(listed(), 1u);
    EXPECT_TRUE(move(State::signing, State::signed_));
    EXPECT_EQ(listed(), 0u);

    row.state = State::notified;
    EXPECT_TRUE(with<TransactionTable>(
        [&](TransactionTable& table) { return table.update(row, State::signed_); }));
    EXPECT_EQ(listed(), 1u);
    row.state = State::expired;
    EXPECT_TRUE(with<TransactionTable>(
        [&](TransactionTable& table) { return table.update(row, State::notified); }));
    EXPECT_EQ(listed(), 0u);
}

TEST_F(TablesTest, AnswersEachHotQuestionFromAnIndex) {
    const auto plan = [&](const std::string& question) {
        return *database_->write([&](Session& session) {
            return session.guarded([&]() -> Result<std::string> {
                std::string steps;
                const soci::rowset<soci::row> rows =
                    session.sql().prepare
                    << "EXPLAIN QUERY PLAN SELECT id FROM transactions WHERE " + question;
                for (const auto& row : rows) {
                    steps += row.get<std::string>("detail") + "; ";
                }
                return steps;
            });
        });
    };
    const std::pair<std::string, std::string> questions[] = {
        {"credential_id = 'x' AND request_hash = 'y' AND unfinished = 1", "transactions_open"},
        {"approver_kind IN ('signer', 'both') AND approver_id = 'x' AND unfinished = 1 "
         "AND state IN ('created', 'notified', 'seen') ORDER BY created_at, id LIMIT 9",
         "transactions_waiting"},
        {"approver_kind IN ('officer', 'both') AND unfinished = 1 "
         "AND state IN ('created', 'notified', 'seen') ORDER BY created_at, id LIMIT 9",
         "transactions_office"},
        {"approver_id = 'x' AND approver_kind IN ('signer', 'both') AND unfinished = 0 "
         "AND created_at < 9 ORDER BY created_at DESC, id DESC LIMIT 9",
         "transactions_history"},
        {"answer_by <= 5 AND unfinished = 1 AND state IN ('created', 'notified', 'seen') "
         "ORDER BY answer_by LIMIT 9",
         "transactions_due"},
        {"unfinished = 1", "USING INDEX transactions_"}};
    for (const auto& [question, index] : questions) {
        EXPECT_NE(plan(question).find(index), std::string::npos)
            << question << ": " << plan(question);
    }
}

TEST_F(TablesTest, LetsOneOfTwoRacingEventsWin) {
    with<TransactionTable>(
        [](TransactionTable& table) { return table.insert(a_transaction("tx")); });
    const auto move = [&](State to) {
        return with<TransactionTable>([&](TransactionTable& table) {
            return table.set_state("tx", State::notified, to, "why");
        });
    };

    EXPECT_TRUE(move(State::rejected));
    EXPECT_FALSE(move(State::approved));

    auto changed = a_transaction("tx");
    changed.state = State::approved;
    EXPECT_FALSE(with<TransactionTable>(
        [&](TransactionTable& table) { return table.update(changed, State::notified); }));
    changed.approved_at = 1500;
    changed.challenge = sha256("new challenge");
    EXPECT_TRUE(with<TransactionTable>(
        [&](TransactionTable& table) { return table.update(changed, State::rejected); }));
    const auto read =
        with<TransactionTable>([](TransactionTable& table) { return table.by_id("tx"); });
    EXPECT_EQ(read->state, State::approved);
    EXPECT_EQ(read->approved_at, 1500);
    EXPECT_EQ(read->challenge, sha256("new challenge"));
}

TEST_F(TablesTest, SignsAnOccurrenceAtMostOnce) {
    with<TransactionTable>([](TransactionTable& table) -> Result<void> {
        TRY(table.insert(a_transaction("tx")));
        TRY(table.insert_occurrence(an_occurrence("tx", 1)));
        TRY(table.insert_occurrence(an_occurrence("tx", 0)));
        return table.insert_occurrence(an_occurrence("tx", 2));
    });
    const auto consume = [&](std::uint32_t position, hsm::Byte fill) {
        return with<TransactionTable>([&](TransactionTable& table) {
            return table.consume("tx", position, Bytes(64, fill), Bytes(500, fill), 77);
        });
    };

    EXPECT_TRUE(consume(0, 1));
    EXPECT_FALSE(consume(0, 2));
    EXPECT_FALSE(consume(9, 2));
    EXPECT_TRUE(
        with<TransactionTable>([](TransactionTable& table) { return table.spend("tx", 2); }));
    EXPECT_FALSE(consume(2, 2));
    const auto twice = database_->write([](Session& session) {
        return TransactionTable(session).insert_occurrence(an_occurrence("tx", 0));
    });
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, ErrorKind::conflict);

    const auto rows =
        with<TransactionTable>([](TransactionTable& table) { return table.occurrences("tx"); });
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[1].state, OccurrenceState::authorised);
    EXPECT_EQ(rows[0].state, OccurrenceState::signed_);
    EXPECT_EQ(rows[0].signature, Bytes(64, 1));
    EXPECT_EQ(rows[0].receipt, Bytes(500, 1));
    EXPECT_EQ(rows[0].signed_at, 77);
    EXPECT_EQ(rows[1].state, OccurrenceState::authorised);
    EXPECT_EQ(rows[1].signature, std::nullopt);
    EXPECT_EQ(rows[2].state, OccurrenceState::spent);

    with<TransactionTable>([](TransactionTable& table) { return table.erase_authorised("tx"); });
    EXPECT_FALSE(with<TransactionTable>([](TransactionTable& table) {
                     return table.occurrence("tx", 1);
                 }).has_value());
    EXPECT_TRUE(with<TransactionTable>([](TransactionTable& table) {
                    return table.occurrence("tx", 0);
                }).has_value());
}

TEST_F(TablesTest, KeepsOneAssertionOfEachApprover) {
    const AssertionRow row{"tx", sha256("thumbprint"), Bytes(400, 9), "phone", 5};
    with<TransactionTable>([&](TransactionTable& table) -> Result<void> {
        TRY(table.insert(a_transaction("tx")));
        return table.insert_assertion(row);
    });

    const auto again = database_->write(
        [&](Session& session) { return TransactionTable(session).insert_assertion(row); });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::conflict);
    const auto rows =
        with<TransactionTable>([](TransactionTable& table) { return table.assertions("tx"); });
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].assertion, row.assertion);
    EXPECT_EQ(rows[0].device_id, "phone");
    with<TransactionTable>([](TransactionTable& table) { return table.erase_assertions("tx"); });
    EXPECT_TRUE(with<TransactionTable>([](TransactionTable& table) {
                    return table.assertions("tx");
                }).empty());
}

TEST_F(TablesTest, NamesTheColumnThatDoesNotDecode) {
    with<TransactionTable>(
        [](TransactionTable& table) { return table.insert(a_transaction("tx")); });
    const std::pair<const char*, const char*> spoilt[] = {
        {"state", "'sgined'"},
        {"purpose", "0"},
        {"purpose", "6"},
        {"scheme", "4"},
        {"salt_length", "256"},
        {"salt_length", "-1"},
        {"mac", "'AAAA'"},
        {"preimage", "'not base64url!'"},
        {"documents", "'[{}]'"},
        {"documents", "'[{\"hash\":1,\"label\":\"x\"}]'"},
        {"documents", "'{'"},
        {"approver_kind", "'Signer'"},
        {"challenge", "''"}};
    for (const auto& [column, value] : spoilt) {
        sql("CREATE TEMPORARY TABLE kept AS SELECT * FROM transactions");
        sql(std::string("UPDATE transactions SET ") + column + " = " + value);

        const auto read =
            database_->read([](Session& session) { return TransactionTable(session).by_id("tx"); });

        ASSERT_FALSE(read) << column << " " << value;
        EXPECT_EQ(read.error().kind, ErrorKind::internal);
        EXPECT_NE(read.error().detail.find(column), std::string::npos) << read.error().detail;
        sql("DELETE FROM transactions");
        sql("INSERT INTO transactions SELECT * FROM kept");
        sql("DROP TABLE kept");
    }
}

}  // namespace
}  // namespace cloudsign::store
