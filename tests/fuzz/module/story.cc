#include "tests/fuzz/module/story.h"

#include <openssl/x509.h>

#include "firmware/keystore/group_statement.h"
#include "hsm/protocol/occurrence.h"

namespace fuzz {

namespace wire = hsm::protocol;
namespace support = tests::support;
using hsm::ByteView;
using hsm::Digest;
using hsm::Status;
using support::copy_of;
using support::encoded;
using support::status_of;
using wire::Command;
using wire::Role;
using wire::State;

namespace {

template <class T>
T must(hsm::Result<T> result) {
    CHECK(result.has_value());
    return *std::move(result);
}

// Made once: a module with its people enrolled, to begin each story from.
struct World {
    support::People people;
    support::Holder signer;
    support::Holder other;
    support::Passkey new_phone;    // of the signer
    support::Passkey bound_phone;  // of the key that is not bound yet
    Bytes unbound;
    std::optional<BareModule::Image> image;

    World() {
        BareModule module;
        module.set_up(people);
        const auto server = module.as(Role::server);
        signer = must(support::enrol(server, people));
        other = must(support::enrol(server, people));
        const auto policy = support::policy_of(people, {{bound_phone}, support::random_digest()});
        unbound =
            copy_of(must(support::call(server,
                                       wire::GenerateKeyRequest{
                                           wire::KeyKind::person, wire::KeyType::p256, policy, 0}))
                        ->blob);
        image.emplace(module.image());
    }
};

const World& world() {
    static const World made;
    return made;
}

bool verifies(ByteView blob, ByteView hash, ByteView signature) {
    const auto spki = must(wire::decode_blob(blob)).header.spki;
    const auto* at = spki.data();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    return EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_verify(
               context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

void unlock_module(BareModule& module) {
    const wire::UnlockRequest request{hsm::view_of(BareModule::unlock_secret)};
    CHECK(status_of(module.send(encoded(request), Role::operating)) == Status::ok);
    CHECK(module.core().state == State::operational);
}

template <class Request>
Digest challenge_of(ByteView message) {
    return support::sha256_of(must(wire::decode_request_body<Request>(message)).preimage);
}

}  // namespace

std::unique_ptr<BareModule> Story::ready_;

std::unique_ptr<BareModule> Story::make_module() {
    if (ready_) {
        return std::move(ready_);
    }
    auto made = std::make_unique<BareModule>(*world().image);
    unlock_module(*made);
    return made;
}

Story::Story() : kept_(make_module()), module_(*kept_), boot_counter_(module_.core().boot_counter) {
    // What the story before has opened is over.
    module_.let_pass(std::uint64_t{4} * 60 * 60 * 1000);
    prepare();
    last_index_ = module_.core().log.last_index();
}

Story::~Story() {
    constexpr std::uint64_t records_max = 500;
    if (!lasting_ && module_.core().log.last_index() < records_max) {
        ready_ = std::move(kept_);
    }
}

void Story::unlock() {
    unlock_module(module_);
    CHECK(module_.core().boot_counter > boot_counter_);
    boot_counter_ = module_.core().boot_counter;
}

void Story::prepare() {
    const auto& signer = world().signer;
    const auto nonce = support::random_digest();
    const auto add = [&](const auto& request) { requests_.push_back(encoded(request)); };
    prepare_signatures();
    prepare_bind();
    prepare_rebind();
    add(wire::GetInfoRequest{});
    add(wire::OpenActivationRequest{
        signer.blob, wire::Purpose::sign, support::es256, 3, nonce, nonce, 60'000});
    add(wire::AttestKeyRequest{signer.blob, nonce});
    add(wire::AuditHeadRequest{nonce, 1000});
    add(wire::AuditExportRequest{1});
    add(wire::AuditReleaseRequest{module_.core().log.last_index()});
    add(wire::GenerateKeyRequest{wire::KeyKind::person, wire::KeyType::p256, signer.policy, 1000});
    add(wire::UnlockRequest{hsm::view_of(BareModule::unlock_secret)});
}

void Story::prepare_signatures() {
    const auto server = module_.as(Role::server);
    const auto& [people, signer, other, new_phone, bound_phone, unbound, image] = world();
    for (const std::size_t leaves : {1, 3}) {
        const auto signing = must(support::approved_signing(server, people, signer, leaves));
        for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
            approved_[{signing.activation.challenge, leaf}] = signing.hashes[leaf].hash;
            requests_.push_back(encoded(signing.request(leaf)));
        }
        requests_.push_back(encoded(wire::GetResultRequest{signing.activation.challenge, 0}));
        requests_.push_back(encoded(support::acknowledgement_of(signing.activation.challenge, 0)));
    }
    // Opened, and approved by somebody else, or for something else.
    auto foreign = must(support::approved_signing(server, people, other));
    foreign.assertions = {signer.keys[0].assertion(people.form(foreign.activation.challenge))};
    requests_.push_back(encoded(foreign.request()));
    auto unasked = must(support::approved_signing(server, people, signer));
    unasked.assertions = {signer.keys[0].assertion(people.form(support::random_digest()))};
    requests_.push_back(encoded(unasked.request()));
    auto by_officer = must(support::approved_signing(server, people, signer));
    by_officer.assertions = {people.officer_approves(by_officer.activation.challenge)};
    requests_.push_back(encoded(by_officer.request()));
}

void Story::prepare_bind() {
    const auto& people = world().people;
    const auto& unbound = world().unbound;
    const auto opened = must(support::open_activation(module_.as(Role::server),
                                                      unbound,
                                                      wire::Purpose::bind,
                                                      {},
                                                      1,
                                                      support::bind_root(unbound)));
    const auto by_holder = world().bound_phone.assertion(people.form(opened.challenge));
    const auto by_officer = people.officer_approves(opened.challenge);
    wire::BindRequest request{unbound, opened.preimage, opened.mac, {}, 1000};
    CHECK(request.assertions.push_back(by_holder));
    CHECK(request.assertions.push_back(by_officer));
    bind_approved_.insert(opened.challenge);
    requests_.push_back(encoded(request));
}

void Story::prepare_rebind() {
    const auto& people = world().people;
    const auto& signer = world().signer;
    const auto policy = support::policy_of(people, {{world().new_phone}, signer.subject_hash});
    const auto opened = must(support::open_activation(module_.as(Role::server),
                                                      signer.blob,
                                                      wire::Purpose::rebind,
                                                      {},
                                                      1,
                                                      support::rebind_root(signer.blob, policy)));
    const auto form = people.form(opened.challenge);
    const auto by_old = signer.keys[0].assertion(form);
    const auto by_new = world().new_phone.assertion(form);
    wire::RebindPrepareRequest prepare{signer.blob, opened.preimage, opened.mac, {}, policy, 0};
    CHECK(prepare.assertions.push_back(by_old));
    CHECK(prepare.assertions.push_back(by_new));
    rebind_approved_.insert(opened.challenge);
    requests_.push_back(encoded(prepare));

    // The other member has acknowledged it in advance, as a server may well make it do.
    const auto header = must(wire::decode_blob(signer.blob)).header;
    auto& core = module_.core();
    Bytes buffer(wire::group_statement_size_max);
    const auto acknowledgement = must(firmware::keystore::seal_statement(
        core.engine,
        core.group.epoch(),
        wire::RevokedStatement{header.key_id, header.version + 1, module_.other_member()},
        buffer));
    wire::RebindFinishRequest finish{signer.blob, policy, {}, 1000};
    CHECK(finish.acknowledgements.push_back(acknowledgement));
    requests_.push_back(encoded(finish));
}

void Story::send(ByteView request, Role role) {
    const auto before = module_.core().state;
    const auto operations = module_.flash_operations();
    const auto response = module_.send(request, role);
    if (module_.flash().off()) {
        const auto head = wire::decode_request_head(request);
        const auto command = head ? static_cast<Command>(head->command_code) : Command::get_info;
        rebind_perhaps_ = rebind_perhaps_ || command == Command::rebind_prepare;
        // An answer that waits for a sync which does not come has not left.
        if (command == Command::acknowledge) {
            note_acknowledged(request);
        }
        restart();
        return;
    }
    check_state(before);
    check_answer(request, response, module_.flash_operations() != operations);
}

// Nothing that a host sends makes a module fail, and nothing but `unlock` makes it go on.
void Story::check_state(State before) {
    const auto now = module_.core().state;
    CHECK(now == before || (before == State::locked && now == State::operational));
    CHECK(module_.flash().violations() == 0);
}

void Story::check_answer(ByteView request, ByteView response, bool flash_used) {
    const auto head = wire::decode_request_head(request);
    const auto answered = wire::decode_response_head(response);
    CHECK(answered.has_value() && response.size() <= wire::message_size_max);
    CHECK(answered->request_id == (head ? head->request_id : 0));
    if (answered->status != Status::ok) {
        CHECK(!flash_used);
        CHECK(module_.core().log.last_index() == last_index_);
        return;
    }
    CHECK(head.has_value() && wire::find_rule(head->command_code) != nullptr);
    CHECK(module_.core().log.last_index() >= last_index_);
    last_index_ = module_.core().log.last_index();
    switch (static_cast<Command>(head->command_code)) {
        case Command::sign:
            return check_sign(request, response);
        case Command::get_result:
            return check_result(request, response);
        case Command::acknowledge:
            return note_acknowledged(request);
        case Command::bind:
        case Command::rebind_prepare:
        case Command::rebind_finish:
            return check_change(static_cast<Command>(head->command_code), request);
        case Command::provision:
        case Command::revoke:  // nobody has made a revocation
            CHECK(false);
            return;
        default:
            return;
    }
}

void Story::check_sign(ByteView request, ByteView response) {
    const auto asked = must(wire::decode_request_body<wire::SignRequest>(request));
    const auto answer = must(wire::decode_response_body<wire::SignResponse>(response));
    const Occurrence occurrence{challenge_of<wire::SignRequest>(request), asked.leaf_index};
    const auto approval = approved_.find(occurrence);
    CHECK(approval != approved_.end());
    CHECK(hsm::equal(asked.hash, approval->second));
    CHECK(!made_.contains(occurrence));
    CHECK(!rebind_prepared_);
    CHECK(verifies(world().signer.blob, approval->second, answer.signature));
    made_[occurrence].signature = copy_of(answer.signature);
}

void Story::check_result(ByteView request, ByteView response) {
    const auto asked = must(wire::decode_request_body<wire::GetResultRequest>(request));
    const auto answer = must(wire::decode_response_body<wire::SignResponse>(response));
    const Occurrence occurrence{asked.challenge, asked.leaf_index};
    // One that power cut off may have been made; then it was approved.
    auto& known = made_[occurrence];
    CHECK(approved_.contains(occurrence) || !known.signature.empty());
    CHECK(known.signature.empty() || known.signature == copy_of(answer.signature));
    known.signature = copy_of(answer.signature);
}

void Story::note_acknowledged(ByteView request) {
    const auto asked = wire::decode_request_body<wire::AcknowledgeRequest>(request);
    if (!asked) {
        return;
    }
    for (const auto& bytes : asked->occurrences) {
        const auto occurrence = wire::occurrence_of(bytes);
        const auto found = made_.find({occurrence.challenge, occurrence.leaf_index});
        if (found != made_.end()) {
            found->second.acknowledged = true;
        }
    }
}

void Story::check_change(Command command, ByteView request) {
    lasting_ = true;
    if (command == Command::bind) {
        CHECK(bind_approved_.erase(challenge_of<wire::BindRequest>(request)) == 1);
        return;
    }
    if (command == Command::rebind_finish) {
        CHECK(rebind_prepared_ || rebind_perhaps_);
        return;
    }
    // Again, for the one that is prepared: the same answer, whatever the activation.
    const bool approved =
        rebind_approved_.erase(challenge_of<wire::RebindPrepareRequest>(request)) == 1;
    CHECK(approved || rebind_prepared_ || rebind_perhaps_);
    rebind_prepared_ = true;
}

void Story::restart() {
    lasting_ = true;
    module_.flash().power_on();
    CHECK(module_.start());
    CHECK(module_.core().state == State::locked);
    unlock();
    check_after_start();
    // What was signed and not answered can still be asked for, by its approved name.
    for (const auto& [occurrence, hash] : approved_) {
        const auto result = module_.send(
            encoded(wire::GetResultRequest{occurrence.challenge, occurrence.leaf}), Role::server);
        const auto answer = wire::decode_response_body<wire::SignResponse>(result);
        if (answer) {
            CHECK(verifies(world().signer.blob, hash, answer->signature));
            made_[occurrence].signature = copy_of(answer->signature);
        }
    }
    approved_.clear();
    bind_approved_.clear();
    rebind_approved_.clear();
    last_index_ = module_.core().log.last_index();
}

void Story::check_after_start() {
    CHECK(module_.core().log.last_index() >= last_index_);
    for (const auto& [occurrence, made] : made_) {
        const auto result = module_.send(
            encoded(wire::GetResultRequest{occurrence.challenge, occurrence.leaf}), Role::server);
        if (status_of(result) == Status::ok) {
            check_result(encoded(wire::GetResultRequest{occurrence.challenge, occurrence.leaf}),
                         result);
        } else {
            CHECK(made.acknowledged);
        }
    }
    if (rebind_prepared_) {
        const wire::OpenActivationRequest old{
            world().signer.blob, wire::Purpose::sign, support::es256, 1, {}, {}, 1000};
        CHECK(status_of(module_.send(encoded(old), Role::server)) == Status::blob_revoked);
    }
}

void Story::cut_after(std::uint32_t operations, support::Tear tear, std::uint32_t seed) {
    lasting_ = true;
    module_.flash().cut_at(operations + 1, tear, seed);
}

}  // namespace fuzz
