#include "tests/hostile/bad_input/right_requests.h"

#include "firmware/keystore/group_statement.h"
#include "tests/support/group_change.h"
#include "tests/support/service_content.h"

namespace tests::hostile {

namespace wire = hsm::protocol;
using hsm::Digest;
using support::copy_of;
using support::encoded;
using support::Holder;
using support::Passkey;
using wire::Command;
using wire::Role;

namespace {

template <class T>
T must(hsm::Result<T> result) {
    CHECK(result.has_value());
    return *std::move(result);
}

class Story {
public:
    Story(support::BareModule& module, const support::People& people)
        : module_(module), people_(people), server_(module.as(Role::server)) {}

    std::vector<RightRequest> requests() {
        std::vector<RightRequest> all;
        const auto add = [&](const auto& request) {
            all.push_back({std::remove_cvref_t<decltype(request)>::command, encoded(request)});
        };
        const auto of_before = must(support::enrol(server_, people_)).blob;
        enter_second_epoch();
        const auto holder = must(support::enrol(server_, people_));
        const auto signed_before = sign_once(holder);
        const auto nonce = support::random_digest();
        add(wire::GetInfoRequest{});
        add(wire::OpenActivationRequest{
            holder.blob, wire::Purpose::sign, support::es256, 3, nonce, nonce, 60'000});
        add(wire::AttestKeyRequest{holder.blob, nonce});
        add(wire::AuditHeadRequest{nonce, 1000});
        add(wire::AuditExportRequest{1});
        add(wire::GetResultRequest{signed_before, 0});
        add(support::acknowledgement_of(signed_before, 0));
        add(wire::AuditReleaseRequest{1});
        add(wire::GenerateKeyRequest{
            wire::KeyKind::person, wire::KeyType::p256, holder.policy, 1000});
        all.push_back({Command::bind, bind()});
        all.push_back({Command::rebind_prepare, rebind_prepare()});
        all.push_back({Command::rebind_finish, rebind_finish()});
        all.push_back({Command::revoke, revoke()});
        all.push_back({Command::revoke_key, revoke_key()});
        // Three leaves: a path, and other leaves that stay.
        const auto signing = must(support::approved_signing(server_, people_, holder, 3));
        add(signing.request(1));
        add(wire::SelfTestRequest{});
        add_services(all);
        add_update(all, signing.assertions[0]);
        add(wire::ResealRequest{of_before});
        add(wire::TableExportRequest{module_.other_member(), nonce, 0});
        add_for_operator(all, wire::CloseEpochRequest{1000});
        add_members(all);
        return all;
    }

private:
    static void add_for_operator(std::vector<RightRequest>& all, const auto& request) {
        all.push_back(
            {std::remove_cvref_t<decltype(request)>::command, encoded(request), Role::operating});
    }

    // As a ceremony would end, without its shares.
    void enter_second_epoch() {
        auto& core = module_.core();
        firmware::engine::EpochSecret secret;
        CHECK(core.engine.random(secret.storage()).has_value());
        secret.resize(wire::epoch_secret_size);
        CHECK(
            core.engine.try_epoch(2, secret) && core.engine.keep_epoch(2) &&
            core.group.enter_epoch(core.store, 2, firmware::keystore::Group::Table::complete, 1) &&
            core.store.sync());
    }

    // The other member leaves; then this one does.
    void add_members(std::vector<RightRequest>& all) {
        const auto operating = module_.as(Role::operating);
        auto after = people_;
        ++after.revision;
        after.officers.emplace_back();
        const Digest alone[] = {support::module_id_of(operating)};
        auto change = support::change_of(operating, people_, after, alone);
        support::let_custodians_sign(change, people_);
        add_for_operator(all, change.request());
        wire::ZeroiseRequest zeroise;
        const auto by_officer = people_.officer_approves(support::zeroise_challenge(operating));
        CHECK(zeroise.assertions.push_back(by_officer));
        zeroise.host_time = 1000;
        add_for_operator(all, zeroise);
    }

    static void add_update(std::vector<RightRequest>& all, const Bytes& assertion) {
        const auto add = [&](const auto& request) {
            all.push_back({std::remove_cvref_t<decltype(request)>::command,
                           encoded(request),
                           Role::operating,
                           hsm::Status::not_supported});
        };
        const Bytes chunk(96, 0x5a);
        wire::UpdateBeginRequest begin;
        begin.head.fill(0x17);
        CHECK(begin.assertions.push_back(assertion));
        add(wire::UpdateStateRequest{});
        add(begin);
        add(wire::UpdateWriteRequest{64, chunk});
        add(wire::UpdateFinishRequest{1000});
    }

    void add_services(std::vector<RightRequest>& all) {
        const auto add = [&](const auto& request) {
            all.push_back({std::remove_cvref_t<decltype(request)>::command, encoded(request)});
        };
        const auto tsa =
            must(support::enrol(server_, people_, wire::KeyType::p256, wire::KeyKind::tsa));
        const auto issuer =
            must(support::enrol(server_, people_, wire::KeyType::p256, wire::KeyKind::issuer));
        const auto stamp = support::time_stamp(1'700'000'000'000);
        add(wire::SignServiceRequest{
            tsa.blob, support::es256, stamp.content, stamp.attributes, 1000});
        const auto list = support::some_list(3);
        add(wire::ListBeginRequest{static_cast<std::uint32_t>(list.size())});
        add(wire::ListWriteRequest{0, list});
        add(wire::ListFinishRequest{issuer.blob, support::es256, 1000});
    }

    Digest sign_once(const Holder& holder) {
        const auto signing = must(support::approved_signing(server_, people_, holder));
        CHECK(support::call(server_, signing.request()).has_value());
        return signing.activation.challenge;
    }

    Bytes bind() {
        const Passkey key;
        const auto policy = support::policy_of(people_, {{key}, support::random_digest()});
        const auto made = must(support::call(
            server_,
            wire::GenerateKeyRequest{wire::KeyKind::person, wire::KeyType::p256, policy, 0}));
        const auto blob = copy_of(made->blob);
        const auto opened = must(support::open_activation(
            server_, blob, wire::Purpose::bind, {}, 1, support::bind_root(blob)));
        const auto by_holder = key.assertion(people_.form(opened.challenge));
        const auto by_officer = people_.officer_approves(opened.challenge);
        wire::BindRequest request{blob, opened.preimage, opened.mac, {}, 1000};
        CHECK(request.assertions.push_back(by_holder));
        CHECK(request.assertions.push_back(by_officer));
        return encoded(request);
    }

    struct Rebinding {
        Bytes old_blob;
        Bytes policy;
        Bytes prepare;
    };
    Rebinding rebinding() {
        const auto holder = must(support::enrol(server_, people_));
        const Passkey new_key;
        auto policy = support::policy_of(people_, {{new_key}, holder.subject_hash});
        const auto opened =
            must(support::open_activation(server_,
                                          holder.blob,
                                          wire::Purpose::rebind,
                                          {},
                                          1,
                                          support::rebind_root(holder.blob, policy)));
        const auto form = people_.form(opened.challenge);
        const auto by_old = holder.keys[0].assertion(form);
        const auto by_new = new_key.assertion(form);
        wire::RebindPrepareRequest request{
            holder.blob, opened.preimage, opened.mac, {}, policy, 1000};
        CHECK(request.assertions.push_back(by_old));
        CHECK(request.assertions.push_back(by_new));
        return {holder.blob, policy, encoded(request)};
    }
    Bytes rebind_prepare() { return rebinding().prepare; }

    Bytes rebind_finish() {
        const auto prepared = rebinding();
        CHECK(support::status_of(server_(prepared.prepare)) == hsm::Status::ok);
        const auto header = must(wire::decode_blob(prepared.old_blob)).header;
        const auto acknowledgement =
            sealed(wire::RevokedStatement{header.key_id,
                                          header.version + 1,
                                          module_.other_member(),
                                          module_.core().group.configuration_hash()});
        wire::RebindFinishRequest request{prepared.old_blob, prepared.policy, {}, 1000};
        CHECK(request.acknowledgements.push_back(acknowledgement));
        return encoded(request);
    }

    Bytes revoke_key() {
        const auto holder = must(support::enrol(server_, people_));
        const auto opened = must(support::open_activation(
            server_, holder.blob, wire::Purpose::revoke, {}, 1, support::revoke_root(holder.blob)));
        const auto by_officer = people_.officer_approves(opened.challenge);
        wire::RevokeKeyRequest request{holder.blob, opened.preimage, opened.mac, {}, 1000};
        CHECK(request.assertions.push_back(by_officer));
        return encoded(request);
    }

    Bytes revoke() {
        const auto revocation =
            sealed(wire::RevocationStatement{support::random_digest(), 2, module_.other_member()});
        return encoded(wire::RevokeRequest{revocation, 1000});
    }

    // As the other member of the group would say it: it has the same epoch.
    template <class Statement>
    Bytes sealed(const Statement& statement) {
        auto& core = module_.core();
        Bytes buffer(wire::group_statement_size_max);
        return copy_of(must(firmware::keystore::seal_statement(
            core.engine, core.group.epoch(), statement, buffer)));
    }

    support::BareModule& module_;
    const support::People& people_;
    support::Target server_;
};

}  // namespace

std::vector<RightRequest> right_requests(support::BareModule& module,
                                         const support::People& people) {
    return Story(module, people).requests();
}

Bytes right_install_hosts() {
    wire::InstallHostsRequest hosts;
    CHECK(hosts.names.push_back("kyso-server"));
    CHECK(hosts.roles.push_back(static_cast<std::uint8_t>(Role::server)));
    CHECK(hosts.keys.push_back(support::random_digest()));
    return encoded(hosts);
}

Bytes right_table_import(support::BareModule& module) {
    auto& core = module.core();
    CHECK(core.group.enter_epoch(core.store,
                                 core.group.epoch(),
                                 firmware::keystore::Group::Table::awaited,
                                 core.group.previous_epoch()) &&
          core.store.sync());
    core.state = wire::State::provisioned;
    wire::TableStatement page;
    page.from_module = module.other_member();
    page.for_module = core.identity.module_id;
    page.nonce = core.provisioning_nonce;
    page.generation = 1;
    for (std::uint32_t version = 2; version < 5; ++version) {
        CHECK(page.key_ids.push_back(support::random_digest()) &&
              page.minimum_versions.push_back(version));
    }
    return encoded(wire::TableImportRequest{support::seal_page(module, page), 1000});
}

Bytes right_unlock() {
    return encoded(wire::UnlockRequest{hsm::view_of(support::BareModule::unlock_secret)});
}

Bytes right_provision(support::BareModule& module, const support::People& people) {
    Bytes provision_request;
    const auto ask = module.as(Role::operating);
    const Digest members[] = {support::module_id_of(ask), module.other_member()};
    const auto configuration =
        support::configuration_of(people, wire::AssuranceClass::software, members);
    // The ceremony's request, caught on its way.
    const support::Target catching = [&](hsm::ByteView request) -> Bytes {
        if (wire::decode_request_body<wire::GetInfoRequest>(request)) {
            return ask(request);
        }
        provision_request = copy_of(request);
        return {};
    };
    (void)support::provision(catching, people, configuration, wire::EpochMode::make);
    CHECK(!provision_request.empty());
    return provision_request;
}

}  // namespace tests::hostile
