#include "server/cli/bringup/rehearsal.h"

#include <thread>

#include "cloudsign/audit/verifier.h"
#include "cloudsign/hex.h"
#include "cloudsign/random.h"
#include "hsm/cli/device_certificate.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/merkle_tree.h"
#include "hsm/protocol/statement.h"
#include "server/cli/board_hosts.h"
#include "server/cli/bringup/rehearsal_people.h"
#include "server/cli/ceremony_module.h"

namespace server::cli::bringup {
namespace {

namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Bytes;
using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;
using hsm::client::after;
using hsm::client::Psk;
using hsm::client::Session;
using std::chrono::steady_clock;
using wire::Role;

// A ceremony tests and seals; a slow core takes seconds for what is asked here.
constexpr auto patience = 60s;
constexpr std::string_view document = "kyso bring-up: a signature to be verified and thrown away";

constexpr std::string_view begin_again = "start the board again, erase it, run this again";

Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

Psk make_host(std::string identity, Role role) {
    Psk psk;
    psk.identity = std::move(identity);
    psk.role = role;
    CHECK(psk.secret.assign(cloudsign::random_32()));
    return psk;
}

template <class T>
Result<T> bare(hsm::custodian::Checked<T> checked) {
    return checked ? Result<T>(*std::move(checked)) : Result<T>(checked.error().status);
}

class Rehearsal {
public:
    Rehearsal(const Bench& bench, hsm::openssl::P256Key root)
        : bench_(bench), root_(std::move(root)) {}

    Result<std::string> tell_hosts();
    Result<std::string> unlock();
    Result<std::string> provision();
    Result<std::string> make_kek();
    Result<std::string> make_key();
    Result<std::string> bind_key();
    Result<std::string> sign();
    bool refuses_the_rest();
    bool survives_the_power();
    bool wipes_itself();

private:
    // On a serial line one host at a time.
    Result<Session*> as(Role role);
    void hang_up();
    // Waits for what get_info says, while the board may be starting.
    template <class Wanted>
    bool comes_to(Wanted wanted);

    template <class Request>
    Result<hsm::client::Reply<wire::ResponseOf<Request>>> ask(Role role, const Request& request) {
        TRY_ASSIGN(auto* session, as(role));
        return session->call(request, after(patience));
    }
    Result<void> give_share(std::size_t custodian,
                            const hsm::custodian::CeremonyPapers& papers,
                            ByteView outward);
    hsm::custodian::Expectation expectation() const;

    struct Activation {
        Bytes preimage;
        Digest mac{};
        Digest challenge{};
    };
    Result<Activation> open(ByteView blob,
                            wire::Purpose purpose,
                            const wire::Algorithm& algorithm,
                            const Digest& root);
    Result<void> approved();
    wire::SignRequest request() const;
    Step refused(std::string_view what, const wire::SignRequest& request, Status wanted);

    const Bench& bench_;
    hsm::openssl::P256Key root_;
    RehearsalPeople people_;
    Psk server_ = make_host("bringup-server", Role::server);
    Psk operator_ = make_host("bringup-operator", Role::operating);
    std::optional<Session> session_;
    Role role_ = Role::auditor;
    wire::AssuranceClass class_ = wire::AssuranceClass::emulated;
    Digest firmware_hash_{};
    Bytes certificate_;
    Bytes unbound_;
    Bytes blob_;
    Activation activation_;
    Bytes assertion_;
    hsm::Digest unlock_secret_ = cloudsign::random_32();
    Digest first_challenge_{};
    Bytes first_signature_;
    Digest hash_ = hsm::sha256(document);
    Digest label_hash_ = hsm::sha256(std::string_view("bring-up"));
};

Result<Session*> Rehearsal::as(Role role) {
    if (session_ && role_ == role) {
        return &*session_;
    }
    hang_up();
    TRY_ASSIGN(
        auto session,
        Session::connect(bench_.line, role == Role::server ? server_ : operator_, after(patience)));
    session_ = std::move(session);
    role_ = role;
    return &*session_;
}

void Rehearsal::hang_up() {
    if (session_) {
        session_->close();
        session_.reset();
    }
}

template <class Wanted>
bool Rehearsal::comes_to(Wanted wanted) {
    const auto until = steady_clock::now() + bench_.hands.patience();
    while (steady_clock::now() < until) {
        const auto info = ask(Role::operating, wire::GetInfoRequest{});
        if (info && wanted(**info)) {
            return true;
        }
        hang_up();
        std::this_thread::sleep_for(100ms);
    }
    return false;
}

Result<std::string> Rehearsal::tell_hosts() {
    const auto bring_up = bring_up_psk();
    TRY_ASSIGN(auto session, Session::connect(bench_.line, bring_up, after(patience)));
    const std::array<const Psk*, 2> hosts = {&server_, &operator_};
    TRY(install_hosts(session, hosts, after(patience)));
    session.close();
    return std::string("two hosts, and nobody else any more");
}

Result<std::string> Rehearsal::unlock() {
    TRY(ask(Role::operating, wire::UnlockRequest{unlock_secret_}));
    TRY_ASSIGN(const auto info, ask(Role::operating, wire::GetInfoRequest{}));
    if (info->state != wire::State::blank) {
        return Status::wrong_state;
    }
    class_ = info->assurance_class;
    firmware_hash_ = info->firmware_hash;
    bench_.report.set("module_id", cloudsign::hex(info->module_id));
    TRY_ASSIGN(certificate_,
               hsm::cli::issue_device_certificate(root_, info->identity_spki, class_));
    return "blank; module id " + cloudsign::hex(info->module_id);
}

Result<std::string> Rehearsal::provision() {
    TRY_ASSIGN(const auto info, ask(Role::operating, wire::GetInfoRequest{}));
    const auto group = people_.group(class_, info->module_id);
    const wire::ProvisionStatement statement{
        info->module_id, info->provisioning_nonce, hsm::sha256(ByteView(group))};
    std::array<hsm::Byte, 256> buffer;
    TRY_ASSIGN(const auto encoded, wire::encode_tagged(statement, buffer));
    std::vector<Bytes> signatures;
    for (const auto& custodian : people_.custodians()) {
        TRY_ASSIGN(auto signature,
                   bare(hsm::custodian::sign_provision(
                       custodian, {certificate_, group, copy_of(encoded)}, expectation())));
        signatures.push_back(std::move(signature));
    }
    const auto assertion = people_.approve(people_.officer(), hsm::sha256(encoded));
    wire::ProvisionRequest request;
    request.configuration = group;
    request.device_certificate = certificate_;
    for (const auto& signature : signatures) {
        CHECK(request.custodian_signatures.push_back(signature));
    }
    CHECK(request.assertions.push_back(assertion));
    request.mode = wire::EpochMode::ceremony;
    request.host_time = host_time_ms();
    TRY(ask(Role::operating, request));
    return std::string("a member of a group of one, by three custodians and an officer");
}

hsm::custodian::Expectation Rehearsal::expectation() const {
    return {{hsm::cli::make_test_root_certificate(root_)}, class_, {firmware_hash_}};
}

Result<void> Rehearsal::give_share(std::size_t custodian,
                                   const hsm::custodian::CeremonyPapers& papers,
                                   ByteView outward) {
    const auto& key = people_.custodians()[custodian];
    TRY_ASSIGN(const auto share,
               bare(hsm::custodian::open_outward_share(key, papers, outward, expectation())));
    TRY_ASSIGN(const auto inward,
               bare(hsm::custodian::seal_inward_share(
                   key, share, papers, wire::LiveMember::none, expectation())));
    TRY(ask(Role::operating, wire::CeremonyShareRequest{inward}));
    return {};
}

Result<std::string> Rehearsal::make_kek() {
    TRY_ASSIGN(const auto made, ask(Role::operating, wire::CeremonyMakeRequest{1}));
    const hsm::custodian::CeremonyPapers papers{
        certificate_, copy_of(made->ceremony), copy_of(made->share_set)};
    for (std::size_t i = 0; i < RehearsalPeople::custodians_needed; ++i) {
        TRY(give_share(i, papers, made->shares[i]));
    }
    TRY_ASSIGN(const auto finished,
               ask(Role::operating, wire::CeremonyFinishRequest{host_time_ms()}));
    if (finished->state != wire::State::operational) {
        return Status::wrong_state;
    }
    return std::string("a KEK in three shares, proven with two of them; operational");
}

Result<std::string> Rehearsal::make_key() {
    const auto policy = people_.policy();
    const auto until = steady_clock::now() + patience;
    for (;;) {
        const auto made =
            ask(Role::server,
                wire::GenerateKeyRequest{
                    wire::KeyKind::person, wire::KeyType::p256, policy, host_time_ms()});
        if (made) {
            unbound_ = copy_of((*made)->blob);
            return std::string("a P-256 pair made inside, sealed, unbound");
        }
        if (made.error() != Status::busy || steady_clock::now() > until) {
            return made.error();
        }
        std::this_thread::sleep_for(100ms);
    }
}

Result<Rehearsal::Activation> Rehearsal::open(ByteView blob,
                                              wire::Purpose purpose,
                                              const wire::Algorithm& algorithm,
                                              const Digest& root) {
    constexpr std::uint64_t lifetime_ms = 600'000;
    TRY_ASSIGN(const auto opened,
               ask(Role::server,
                   wire::OpenActivationRequest{
                       blob, purpose, algorithm, 1, root, cloudsign::random_32(), lifetime_ms}));
    return Activation{copy_of(opened->preimage), opened->mac, opened->challenge};
}

Result<std::string> Rehearsal::bind_key() {
    TRY_ASSIGN(const auto root, people_.bind_root(unbound_));
    TRY_ASSIGN(const auto activation, open(unbound_, wire::Purpose::bind, {}, root));
    const auto by_signer = people_.approve(people_.signer(), activation.challenge);
    const auto by_officer = people_.approve(people_.officer(), activation.challenge);
    wire::BindRequest request{unbound_, activation.preimage, activation.mac, {}, host_time_ms()};
    CHECK(request.assertions.push_back(by_signer));
    CHECK(request.assertions.push_back(by_officer));
    TRY_ASSIGN(const auto bound, ask(Role::server, request));
    blob_ = copy_of(bound->blob);
    return std::string("bound to the signer's phone, approved by it and by the officer");
}

// A challenge for the one hash, and the signer's approval of it.
Result<void> Rehearsal::approved() {
    constexpr wire::Algorithm es256{wire::Scheme::ecdsa, wire::DigestAlgorithm::sha256, 0};
    TRY_ASSIGN(const auto leaf, wire::leaf_hash(0, es256.digest, hash_, label_hash_, hsm::sha256));
    const Digest leaves[] = {leaf};
    TRY_ASSIGN(const auto root, wire::tree_root(leaves, hsm::sha256));
    TRY_ASSIGN(activation_, open(blob_, wire::Purpose::sign, es256, root));
    assertion_ = people_.approve(people_.signer(), activation_.challenge);
    return {};
}

wire::SignRequest Rehearsal::request() const {
    wire::SignRequest request;
    request.blob = blob_;
    request.preimage = activation_.preimage;
    request.mac = activation_.mac;
    CHECK(request.assertions.push_back(assertion_));
    request.hash = hash_;
    request.label_hash = label_hash_;
    request.host_time = host_time_ms();
    return request;
}

// Verified by OpenSSL on this side; the receipt under the certificate of this module.
Result<std::string> Rehearsal::sign() {
    TRY(approved());
    const auto begun = steady_clock::now();
    TRY_ASSIGN(const auto made, ask(Role::server, request()));
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun).count();
    TRY_ASSIGN(const auto blob, wire::decode_blob(blob_));
    if (!hsm::openssl::verify_es256(blob.header.spki, hsm::view_of(document), made->signature)) {
        return Status::signature_wrong;
    }
    const std::vector<Bytes> roots{hsm::cli::make_test_root_certificate(root_)};
    const auto receipt =
        cloudsign::audit::verify_receipt(copy_of(made->receipt), certificate_, roots);
    if (!receipt || !hsm::equal(receipt->details.signature, made->signature)) {
        return Status::signature_wrong;
    }
    first_challenge_ = activation_.challenge;
    first_signature_ = copy_of(made->signature);
    return "made in " + std::to_string(ms) +
           " ms, durable before it was given out; signature and receipt verify";
}

Step Rehearsal::refused(std::string_view what, const wire::SignRequest& request, Status wanted) {
    const auto answered = ask(Role::server, request);
    return refusal(what, answered ? Status::ok : answered.error(), wanted);
}

// What a hostile server would try. Nothing of it may cost the approved occurrence, which at the end
// is signed.
bool Rehearsal::refuses_the_rest() {
    auto& report = bench_.report;
    bool good = report.add(refused("the same again", request(), Status::activation_spent));
    if (const auto again = approved(); !again) {
        return report.add(failed("refuses.another hash",
                                 "no activation opens: " + text_of(again.error()),
                                 std::string(begin_again)));
    }
    auto other_hash = request();
    const auto hash = hsm::sha256(std::string_view("another document"));
    other_hash.hash = hash;
    good = report.add(refused("another hash", other_hash, Status::leaf_path_wrong)) && good;

    auto by_stranger = request();
    const auto strange = people_.approve(people_.stranger(), activation_.challenge);
    by_stranger.assertions = {};
    CHECK(by_stranger.assertions.push_back(strange));
    good =
        report.add(refused("another's phone", by_stranger, Status::assertion_key_unknown)) && good;

    auto unapproved = request();
    unapproved.assertions = {};
    good = report.add(refused("nobody's approval", unapproved, Status::assertion_missing)) && good;

    auto changed = blob_;
    changed.back() ^= 1;
    auto other_blob = request();
    other_blob.blob = changed;
    good = report.add(refused("a changed key blob", other_blob, Status::blob_mac_wrong)) && good;

    auto forged = request();
    forged.mac[0] ^= 1;
    good = report.add(refused("a forged activation", forged, Status::activation_mac_wrong)) && good;
    const auto signed_at_last = ask(Role::server, request());
    return report.add(signed_at_last ? passed("rehearsal.unspent",
                                              "none of these cost the approval: now it signs")
                                     : failed("rehearsal.unspent",
                                              "a refusal before has spent the approval: " +
                                                  text_of(signed_at_last.error()),
                                              std::string(begin_again))) &&
           good;
}

// The signature lies in the log, and nobody has acknowledged it.
bool Rehearsal::survives_the_power() {
    auto& report = bench_.report;
    constexpr std::string_view name = "rehearsal.power";
    if (!bench_.hands.present()) {
        report.add(skipped(name,
                           "nobody to take the power away and give it back",
                           "run it again with --hands, beside the board"));
        return true;
    }
    const std::string remedy =
        "the store loses what it called durable: flash.cc, the supply while "
        "it writes";
    const auto before = ask(Role::operating, wire::GetInfoRequest{});
    hang_up();
    const bool came_back = before && bench_.hands.act(Hands::Act::reset) &&
                           comes_to([&](const wire::GetInfoResponse& info) {
                               return info.boot_counter == (*before)->boot_counter + 1 &&
                                      info.state == wire::State::locked;
                           });
    if (!came_back) {
        return report.add(failed(name, "the board does not come back locked", remedy));
    }
    const auto unlocked = ask(Role::operating, wire::UnlockRequest{unlock_secret_});
    if (!unlocked) {
        return report.add(failed(name, "it does not unlock: " + text_of(unlocked.error()), remedy));
    }
    const auto kept = ask(Role::server, wire::GetResultRequest{first_challenge_, 0});
    return report.add(kept && hsm::equal((*kept)->signature, first_signature_)
                          ? passed(name, "after a power cut the same signature is still there")
                          : failed(name, "after a power cut the signature is lost", remedy));
}

// The last that is done to this board before it is erased.
bool Rehearsal::wipes_itself() {
    auto& report = bench_.report;
    constexpr std::string_view name = "rehearsal.tamper";
    if (!bench_.hands.act(Hands::Act::open_case)) {
        report.add(skipped(
            name, "nobody to open the case", "run it again with --hands, beside the board"));
        return true;
    }
    const bool wiped = comes_to(
        [](const wire::GetInfoResponse& info) { return info.state == wire::State::tampered; });
    const auto signing = ask(Role::server, request());
    static_cast<void>(bench_.hands.act(Hands::Act::close_case));
    return report.add(wiped && !signing && signing.error() == Status::wrong_state
                          ? passed(name, "its case open, it wipes its secret and signs no more")
                          : failed(name,
                                   "its case is open, and it goes on",
                                   "the switch is not seen: tamper.cc, board/<name>/README.md"));
}

struct Scene {
    std::string_view name;
    Result<std::string> (Rehearsal::*play)();
    std::string_view remedy;
};

constexpr Scene scenes[] = {
    {"rehearsal.hosts", &Rehearsal::tell_hosts, begin_again},
    {"rehearsal.unlock",
     &Rehearsal::unlock,
     "the flash secret's sector takes nothing, or the board was not blank: prove it with the port "
     "image, erase it"},
    {"rehearsal.provision", &Rehearsal::provision, begin_again},
    {"rehearsal.ceremony", &Rehearsal::make_kek, begin_again},
    {"rehearsal.key", &Rehearsal::make_key, begin_again},
    {"rehearsal.bind", &Rehearsal::bind_key, begin_again},
    {"rehearsal.signature",
     &Rehearsal::sign,
     "a signature that does not verify is the worst that a module can do: do not use this board"},
};

}  // namespace

bool rehearse(const Bench& bench) {
    Rehearsal rehearsal(bench, hsm::openssl::P256Key::temporary());
    for (const auto& scene : scenes) {
        auto played = (rehearsal.*scene.play)();
        if (!bench.report.add(
                played ? passed(scene.name, *std::move(played))
                       : failed(scene.name, text_of(played.error()), std::string(scene.remedy)))) {
            return false;
        }
    }
    bool good = rehearsal.refuses_the_rest();
    good = rehearsal.survives_the_power() && good;
    return rehearsal.wipes_itself() && good;
}

}  // namespace server::cli::bringup
