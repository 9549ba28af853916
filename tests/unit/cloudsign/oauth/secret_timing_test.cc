#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>

#include "cloudsign/identity/application_logins.h"
#include "cloudsign/oauth/client_authentication.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::oauth {
namespace {

// What a guess costs must not tell why it was refused.
class SecretTimingTest : public identity::RegistryTest {
protected:
    static constexpr int rounds = 21;

    void SetUp() override {
        RegistryTest::SetUp();
        clients_ = std::make_unique<identity::ClientRegistry>(*database_, clock_);
        authenticator_ = std::make_unique<ClientAuthenticator>(
            *database_, clock_, *clients_, logins_, std::vector<std::string>{"https://api"});
        active_ = add();
        disabled_ = add();
        ASSERT_TRUE(clients_->set_status(disabled_, store::ClientStatus::disabled));
        by_certificate_ = add();
        ASSERT_TRUE(clients_->change_settings(by_certificate_,
                                              {{"oauth.certificate_sha256", std::string(64, 'a')},
                                               {"oauth.token_auth", "tls_client_auth"}}));
    }

    std::string add() {
        auto client = clients_->add_for_all("Portal");
        CHECK(client.has_value());
        return client->client_id;
    }

    // Of this thread: who else computes on the machine does not count.
    static double cpu_us() {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
    }

    void guess(const std::string& client_id) {
        ClientCredentials credentials;
        credentials.client_id = client_id;
        credentials.client_secret = "wrong";
        credentials.peer = "192.0.2." + std::to_string(++guesses_);  // nobody is paused
        ASSERT_FALSE(authenticator_->authenticate(credentials).has_value());
    }

    // Medians over interleaved rounds, each against that of the first.
    static std::vector<double> ratios(const std::vector<std::function<void()>>& ways) {
        std::vector<std::vector<double>> costs(ways.size());
        for (int round = 0; round < rounds; ++round) {
            for (std::size_t i = 0; i < ways.size(); ++i) {
                const auto begun = cpu_us();
                ways[i]();
                costs[i].push_back(cpu_us() - begun);
            }
        }
        std::vector<double> medians;
        for (auto& of_way : costs) {
            std::ranges::sort(of_way);
            medians.push_back(of_way[rounds / 2] / costs.front()[rounds / 2]);
        }
        return medians;
    }

    // Another process that shares caches can shift a median once; what a way costs more, it costs
    // every time.
    static void expect_equal(const std::vector<std::function<void()>>& ways) {
        constexpr int measurements = 4;
        constexpr double most = 0.1;
        std::vector<double> measured;
        for (int i = 0; i < measurements; ++i) {
            measured = ratios(ways);
            if (std::ranges::all_of(measured,
                                    [](double ratio) { return std::abs(ratio - 1) <= most; })) {
                return;
            }
        }
        ADD_FAILURE() << "costs against the first way's: " << testing::PrintToString(measured);
    }

    std::unique_ptr<identity::ClientRegistry> clients_;
    identity::LoginGuard logins_{clock_};
    std::unique_ptr<ClientAuthenticator> authenticator_;
    std::string active_;
    std::string disabled_;
    std::string by_certificate_;
    int guesses_ = 0;
};

TEST_F(SecretTimingTest, OfAClientsSecret) {
    int unknown = 0;
    expect_equal({[&] { guess(active_); },
                  [&] { guess("client_" + std::to_string(++unknown)); },
                  [&] { guess(disabled_); },
                  [&] { guess(by_certificate_); }});
}

TEST_F(SecretTimingTest, OfAPersonsPassword) {
    identity::SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("an", "An", "CN=An", "vi").has_value());
    identity::ApplicationLogins persons(*database_, clock_, logins_);
    const auto login = persons.renew(active_, "an");
    ASSERT_TRUE(login.has_value());
    const auto try_name = [&](const std::string& name) {
        const auto peer = "192.0.2." + std::to_string(++guesses_);
        ASSERT_FALSE(persons.authenticate(name, "wrong", peer).has_value());
    };
    int unknown = 0;
    expect_equal({[&] { try_name(login->name); },
                  [&] {
                      try_name(std::string(identity::ApplicationLogins::prefix) +
                               std::to_string(++unknown));
                  }});
}

}  // namespace
}  // namespace cloudsign::oauth
