#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "tests/support/cloud_fixture.h"

// What portals, phones, clocks and crashes may do to the engine in any order, and what must hold
// whatever the order was.
namespace cloudsign::transaction {
namespace {

using Refusal = TransactionService::Refusal;
using tests::support::answer_ms;
using tests::support::Cloud;
using tests::support::count_signatures;
using tests::support::es256;
using tests::support::Person;
using tests::support::sign_ms;
using tests::support::spki_of;
using tests::support::verifies;

constexpr int steps_each = 12;

// One interleaving after the other on the same appliance, each from a seed of its own.
class Interleavings {
public:
    Interleavings() {
        cloud_.make_authority();
        for (const auto* id : {"an", "binh"}) {
            people_.push_back(cloud_.enrol(id));
        }
        log_before_ = count_signatures(cloud_.group.target());
    }

    void run(unsigned seed) {
        random_.seed(seed);
        asked_.clear();
        for (int step = 0; step < steps_each; ++step) {
            one_step();
            if (testing::Test::HasFatalFailure()) {
                return;
            }
        }
    }

    // The module's own log, which nothing of the server can change.
    void check_log() {
        const auto made = count_signatures(cloud_.group.target()) - log_before_;
        EXPECT_LE(made, authorised_);
        EXPECT_GE(made, signatures_.size());
    }

    std::size_t signatures() const { return signatures_.size(); }
    std::size_t restarts() const { return restarts_; }

private:
    struct Asked {
        store::Transaction transaction;
        std::size_t person = 0;
        bool approved = false;
    };

    std::size_t below(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
    }

    void one_step() {
        switch (asked_.empty() ? 0 : below(12)) {
            case 0:
            case 1:
                return ask();
            case 2:
            case 3:
                return approve();
            case 4:
                return approve_by_another();
            case 5:
                return refuse();
            case 6:
            case 7:
            case 8:
                return sign();
            case 9:
                return sign_what_is_not_in_it();
            case 10:
                return let_time_pass();
            default:
                return crash();
        }
    }

    Asked& any() { return asked_[below(asked_.size())]; }

    void ask() {
        const auto person = below(people_.size());
        auto request = cloud_.request_for(people_[person], 1 + below(3));
        request.client_id = below(2) == 0 ? "client-1" : "client-2";
        if (below(3) == 0) {
            request.documents.push_back(request.documents.front());  // authorised twice
        }
        if (below(4) == 0) {
            return ask_at_once(request, person);
        }
        const auto opened = cloud_->transactions.open(request);
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        asked_.push_back({*opened, person, false});
    }

    // From several connections: all of them are answered with one transaction.
    void ask_at_once(const SignatureRequest& request, std::size_t person) {
        constexpr std::size_t connections = 3;
        std::vector<std::optional<Result<store::Transaction>>> opened(connections);
        {
            std::vector<std::jthread> threads;
            for (auto& one : opened) {
                threads.emplace_back([&] { one = cloud_->transactions.open(request); });
            }
        }
        for (const auto& one : opened) {
            ASSERT_TRUE(one->has_value()) << one->error().detail;
            ASSERT_EQ((*one)->id, (*opened.front())->id) << "one request, two transactions";
        }
        asked_.push_back({**opened.front(), person, false});
    }

    void approve() {
        auto& asked = any();
        const auto approved = cloud_.approve(people_[asked.person], asked.transaction.id);
        if (approved && !asked.approved) {
            asked.approved = true;
            authorised_ += asked.transaction.documents.size();
        }
    }

    void approve_by_another() {
        const auto& asked = any();
        const auto& other = people_[(asked.person + 1) % people_.size()];
        ASSERT_FALSE(cloud_.approve(other, asked.transaction.id).has_value());
    }

    void refuse() {
        const auto& asked = any();
        static_cast<void>(
            cloud_->transactions.refuse(cloud_.stored(asked.transaction.id), Refusal::reject));
    }

    // Some of its hashes, in any order; as a portal, which knows only the ticket.
    void sign() {
        const auto& asked = any();
        std::vector<Bytes> hashes;
        for (std::size_t left = 1 + below(asked.transaction.documents.size()); left > 0; --left) {
            const auto& documents = asked.transaction.documents;
            hashes.push_back(documents[below(documents.size())].hash);
        }
        if (below(8) == 0) {
            cloud_.modules.answers_lost = 1;
        }
        const auto found =
            cloud_->transactions.find_by_sad(cloud_->transactions.sad_of(asked.transaction));
        ASSERT_TRUE(found.has_value());
        const auto made = cloud_->transactions.sign(*found, hashes);
        cloud_.modules.answers_lost = 0;
        if (!made) {
            return;
        }
        ASSERT_TRUE(asked.approved) << "signed what nobody approved";
        ASSERT_EQ(made->size(), hashes.size());
        std::set<std::uint32_t> positions;
        for (std::size_t i = 0; i < hashes.size(); ++i) {
            check_signature(asked, hashes[i], (*made)[i]);
            ASSERT_TRUE(positions.insert((*made)[i].position).second) << "one occurrence twice";
        }
    }

    void check_signature(const Asked& asked, const Bytes& hash, const SignedOccurrence& made) {
        ASSERT_LT(made.position, asked.transaction.documents.size());
        ASSERT_EQ(asked.transaction.documents[made.position].hash, hash) << "another order";
        const auto [known, is_new] =
            signatures_.try_emplace({asked.transaction.id, made.position}, made.signature);
        ASSERT_EQ(known->second, made.signature) << "one occurrence, two signatures";
        if (is_new) {
            const auto key = spki_of(people_[asked.person].credential);
            ASSERT_TRUE(verifies(key, es256, hash, made.signature)) << "another's key or hash";
        }
    }

    void sign_what_is_not_in_it() {
        const auto& asked = any();
        const auto foreign = cloud_.request_for(people_[asked.person]).documents.front().hash;
        ASSERT_FALSE(cloud_->transactions
                         .sign(cloud_.stored(asked.transaction.id),
                               {asked.transaction.documents.front().hash, foreign})
                         .has_value());
    }

    void let_time_pass() {
        const std::int64_t jumps[] = {1000, answer_ms / 2, answer_ms, answer_ms + sign_ms};
        cloud_.advance(jumps[below(std::size(jumps))]);
        ASSERT_TRUE(cloud_->transactions.sweep().has_value());
    }

    void crash() {
        ++restarts_;
        if (below(2) == 0) {
            cloud_.restart_server();
        } else {
            cloud_.restart_module();
        }
        if (below(4) != 0) {
            ASSERT_TRUE(cloud_.resume().has_value());
        }
    }

    Cloud cloud_;
    std::vector<Person> people_;
    std::mt19937 random_;
    std::vector<Asked> asked_;  // in this interleaving
    std::map<std::pair<std::string, std::uint32_t>, Bytes> signatures_;
    std::size_t log_before_ = 0;
    std::size_t authorised_ = 0;
    std::size_t restarts_ = 0;
};

// 1,000 seeded ones, 10,000 with KYSO_LONG=1. KYSO_SEED begins at another.
TEST(TransactionInterleavings, NeverSignTwiceNorOutOfOrderNorForAnother) {
    const unsigned count = std::getenv("KYSO_LONG") != nullptr ? 10'000 : 1'000;
    const char* chosen = std::getenv("KYSO_SEED");
    const unsigned first = chosen != nullptr ? static_cast<unsigned>(std::atoi(chosen)) : 1;
    Interleavings interleavings;
    for (unsigned seed = first; seed < first + count; ++seed) {
        interleavings.run(seed);
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << "KYSO_SEED=" << seed;
    }
    interleavings.check_log();

    std::cout << count << " interleavings: " << interleavings.signatures() << " signatures, "
              << interleavings.restarts() << " restarts\n";
    // Otherwise nothing was tried.
    EXPECT_GT(interleavings.signatures(), count / 4);
    EXPECT_GT(interleavings.restarts(), count / 4);
}

}  // namespace
}  // namespace cloudsign::transaction
