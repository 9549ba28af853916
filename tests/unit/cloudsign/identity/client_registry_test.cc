#include "cloudsign/identity/client_registry.h"

#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::identity {
namespace {

class ClientRegistryTest : public RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        clients_ = std::make_unique<ClientRegistry>(*database_, clock_);
        signers_ = std::make_unique<SignerRegistry>(*database_, clock_);
        ASSERT_TRUE(signers_->add("a", "A", "CN=A", "vi").has_value());
        ASSERT_TRUE(signers_->add("b", "B", "CN=B", "vi").has_value());
    }

    ErrorKind refusal(const std::string& id, std::string_view secret) {
        const auto answer = clients_->authenticate(id, secret);
        EXPECT_FALSE(answer.has_value());
        return answer ? ErrorKind::internal : answer.error().kind;
    }

    std::unique_ptr<ClientRegistry> clients_;
    std::unique_ptr<SignerRegistry> signers_;
};

TEST_F(ClientRegistryTest, KnowsAClientByItsSecret) {
    const auto created = clients_->add_for_all("Cổng");
    ASSERT_TRUE(created.has_value());

    const auto client = clients_->authenticate(created->client_id, created->client_secret);

    ASSERT_TRUE(client.has_value());
    EXPECT_EQ(client->name, "Cổng");
    EXPECT_EQ(client->secret_hash.find(created->client_secret), std::string::npos);
}

TEST_F(ClientRegistryTest, RefusesWrongUnknownAndDisabledAlike) {
    const auto created = clients_->add_for_all("Cổng");
    ASSERT_TRUE(created.has_value());
    const auto other = clients_->add_for_all("Khác");
    ASSERT_TRUE(other.has_value());

    EXPECT_EQ(refusal(created->client_id, "wrong"), ErrorKind::unauthenticated);
    EXPECT_EQ(refusal(created->client_id, ""), ErrorKind::unauthenticated);
    EXPECT_EQ(refusal(created->client_id, other->client_secret), ErrorKind::unauthenticated);
    EXPECT_EQ(refusal("client_unknown", created->client_secret), ErrorKind::unauthenticated);
    EXPECT_EQ(refusal("", ""), ErrorKind::unauthenticated);

    ASSERT_TRUE(clients_->set_status(created->client_id, store::ClientStatus::disabled));
    EXPECT_EQ(refusal(created->client_id, created->client_secret), ErrorKind::unauthenticated);
}

TEST_F(ClientRegistryTest, KeepsThePortalOfTheApplianceAsItIsConfigured) {
    const std::string id(portal_client_id);
    ASSERT_TRUE(clients_->keep_portal(""));
    EXPECT_EQ(clients_->find(id).error().kind, ErrorKind::not_found);
    ASSERT_TRUE(clients_->keep_portal("https://portal.localhost:8443/return"));
    const auto made = *clients_->find(id);
    EXPECT_EQ(made->settings.token_auth, store::TokenAuth::none);
    EXPECT_EQ(made->settings.redirect_uris,
              std::vector<std::string>{"https://portal.localhost:8443/return"});
    EXPECT_TRUE(clients_->check_may_ask(id, "a"));

    ASSERT_TRUE(clients_->set_status(id, store::ClientStatus::disabled));
    ASSERT_TRUE(clients_->change_settings(id, {{"portal.verified_as", "Sở Nội vụ"}}));
    for (const auto& [name, value] : {std::pair("oauth.token_auth", "client_secret"),
                                      {"oauth.redirect_uris", "https://b.vn/"}}) {
        const auto changed = clients_->change_settings(id, {{name, value}});
        ASSERT_FALSE(changed.has_value()) << name;
        EXPECT_NE(changed.error().detail.find("hosts.portal"), std::string::npos);
    }
    // What the table could not read again is not written.
    EXPECT_EQ(clients_->keep_portal("https://cổng.example.vn/return").error().kind,
              ErrorKind::invalid);
    ASSERT_TRUE(clients_->find(id).has_value());
    ASSERT_TRUE(clients_->keep_portal("https://ky.example.vn/return"));

    const auto kept = *clients_->find(id);
    EXPECT_EQ(kept->status, store::ClientStatus::disabled);
    EXPECT_EQ(kept->settings.verified_as, "Sở Nội vụ");
    EXPECT_EQ(kept->settings.redirect_uris,
              std::vector<std::string>{"https://ky.example.vn/return"});

    ASSERT_TRUE(clients_->keep_portal(""));
    EXPECT_TRUE((*clients_->find(id))->settings.redirect_uris.empty());
    EXPECT_EQ((*clients_->find(id))->settings.verified_as, "Sở Nội vụ");
}

TEST_F(ClientRegistryTest, WantsOfAPublicClientWhatStandsInForASecret) {
    const auto created = clients_->add_for_all("Cổng");
    ASSERT_TRUE(created.has_value());
    const auto refusal_of = [&](const std::vector<ClientRegistry::Change>& changes) {
        const auto done = clients_->change_settings(created->client_id, changes);
        return done ? "taken" : done.error().detail;
    };

    EXPECT_EQ(refusal_of({{"oauth.token_auth", "none"}}),
              "oauth.token_auth=none needs oauth.redirect_uris");
    EXPECT_EQ(refusal_of({{"oauth.redirect_uris", "https://a.example/"},
                          {"profile.pkce_optional", "on"},
                          {"oauth.token_auth", "none"}}),
              "oauth.token_auth=none needs profile.pkce_optional=off");
    EXPECT_EQ(
        refusal_of({{"oauth.redirect_uris", "https://a.example/"}, {"oauth.token_auth", "none"}}),
        "taken");
    EXPECT_EQ(refusal_of({{"profile.pkce_optional", "on"}}),
              "oauth.token_auth=none needs profile.pkce_optional=off");
    EXPECT_EQ(refusal_of({{"oauth.redirect_uris", ""}}),
              "oauth.token_auth=none needs oauth.redirect_uris");
}

TEST_F(ClientRegistryTest, ForgetsTheOldSecretWithTheNew) {
    const auto created = clients_->add_for_all("Cổng");
    ASSERT_TRUE(created.has_value());

    const auto renewed = clients_->renew_secret(created->client_id);

    ASSERT_TRUE(renewed.has_value());
    EXPECT_TRUE(clients_->authenticate(created->client_id, *renewed).has_value());
    EXPECT_EQ(refusal(created->client_id, created->client_secret), ErrorKind::unauthenticated);
    EXPECT_FALSE(clients_->renew_secret("client_unknown").has_value());
}

TEST_F(ClientRegistryTest, LimitsAClientToItsSigners) {
    const auto created = clients_->add_for("Cổng", {"a"});
    ASSERT_TRUE(created.has_value());

    EXPECT_TRUE(clients_->check_may_ask(created->client_id, "a"));
    const auto refused = clients_->check_may_ask(created->client_id, "b");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
}

TEST_F(ClientRegistryTest, LetsAnActiveClientAskActiveSignersAndNobodyElse) {
    const auto named = clients_->add_for("Cổng", {"a"});
    const auto everybody = clients_->add_for_all("Sở");
    ASSERT_TRUE(named.has_value() && everybody.has_value());
    const auto may_ask = [&](const std::string& client, const std::string& signer) {
        return clients_->check_may_ask(client, signer).has_value();
    };
    EXPECT_TRUE(may_ask(named->client_id, "a"));
    EXPECT_TRUE(may_ask(everybody->client_id, "b"));
    EXPECT_FALSE(may_ask(everybody->client_id, "nobody"));
    EXPECT_FALSE(may_ask("nobody", "a"));

    ASSERT_TRUE(signers_->set_status("a", store::SignerStatus::frozen));
    EXPECT_FALSE(may_ask(named->client_id, "a"));
    EXPECT_FALSE(may_ask(everybody->client_id, "a"));
    ASSERT_TRUE(clients_->set_status(everybody->client_id, store::ClientStatus::disabled));
    EXPECT_FALSE(may_ask(everybody->client_id, "b"));
}

TEST_F(ClientRegistryTest, AddsNothingWhenOneSignerIsUnknown) {
    const auto created = clients_->add_for("Cổng", {"a", "nobody"});

    ASSERT_FALSE(created.has_value());
    EXPECT_EQ(created.error().kind, ErrorKind::not_found);
}

TEST_F(ClientRegistryTest, RefusesNamesThatNobodyShouldRead) {
    for (const auto& name : {std::string(),
                             std::string(256, 'x'),
                             std::string("a\nb"),
                             std::string("\xff"),
                             std::string("Cổng\u200b"),
                             std::string("\u00a0\u3000 "),
                             std::string("a\0b", 3)}) {
        const auto created = clients_->add_for_all(name);
        ASSERT_FALSE(created.has_value());
        EXPECT_EQ(created.error().kind, ErrorKind::invalid);
    }
}

TEST_F(ClientRegistryTest, ChangesSettingsTogetherOrNotAtAll) {
    const auto created = clients_->add_for_all("Cổng");
    ASSERT_TRUE(created.has_value());

    const auto changed = clients_->change_settings(created->client_id,
                                                   {{"profile.v1_authorize", "deferred"},
                                                    {"profile.hold_seconds", "30"},
                                                    {"door.csc", "off"}});
    ASSERT_TRUE(changed.has_value());
    const auto wrong = clients_->change_settings(
        created->client_id, {{"door.rssp", "on"}, {"profile.hold_seconds", "301"}});
    const auto unknown = clients_->change_settings(created->client_id, {{"door.barn", "on"}});

    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().detail, "profile.hold_seconds must be a whole number from 0 to 300");
    EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
    EXPECT_EQ(clients_->change_settings("nobody", {}).error().kind, ErrorKind::not_found);
    const auto kept = clients_->find(created->client_id);
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ((*kept)->settings, *changed);
    EXPECT_EQ((*kept)->settings.v1_authorize, store::V1Authorize::deferred);
    EXPECT_EQ((*kept)->settings.hold_seconds, 30);
    EXPECT_FALSE((*kept)->settings.csc);
    EXPECT_FALSE((*kept)->settings.rssp);
}

// What is written must read back, or a client would be lost at the next start.
TEST(ClientSettings, EachSettingTakesWhatItAnswers) {
    for (const auto& setting : store::client_settings()) {
        store::ClientSettings settings;
        EXPECT_TRUE(setting.set(settings, setting.get({})).has_value()) << setting.name;
        EXPECT_EQ(settings, store::ClientSettings()) << setting.name;
        EXPECT_FALSE(setting.set(settings, "no such\nvalue").has_value()) << setting.name;
    }
}

}  // namespace
}  // namespace cloudsign::identity
