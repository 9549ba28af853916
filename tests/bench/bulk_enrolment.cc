#include "tests/bench/bulk_enrolment.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

#include "cloudsign/clock.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/signer_table.h"
#include "firmware/keystore/key_blob.h"
#include "hsm/softphone/phone_store.h"
#include "tests/bench/authority.h"
#include "tests/bench/engine_token.h"
#include "tests/bench/failure.h"
#include "tests/bench/usage.h"

namespace bench {
namespace {

namespace store = cloudsign::store;
using cloudsign::Bytes;
using hsm::protocol::KeyType;

constexpr std::uint64_t batch_size = 1000;
constexpr auto progress_every = std::chrono::seconds(30);

// `kyso up` and its processes hold this lock alone; those who fill share it.
void lock_stopped(const std::filesystem::path& data) {
    const auto path = data / "lock";
    const int lock = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (lock < 0) {
        fail(path.string() + ": " + std::strerror(errno) + " (is this an appliance's folder?)");
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (::flock(lock, LOCK_SH | LOCK_NB) != 0) {
        if (std::chrono::steady_clock::now() > deadline) {
            fail(data.string() + ": its appliance runs; stop it first");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    // Held until the process ends.
}

struct Person {
    store::Signer signer;
    store::Device device;
    store::Credential credential;
};

class Enroller {
public:
    explicit Enroller(const BulkOrder& order)
        : population_(order.population),
          now_ms_(cloudsign::SystemClock().now_ms()),
          engine_(open_engine(token_in(order.data))),
          officer_(
              need(hsm::softphone::PhoneStore::open(order.data / "ceremony" / "officer-phone.json"),
                   "officer")),
          authority_("CN=Kyso bench CA " + seven_digits(order.first) + ",O=Kyso,C=VN") {}

    store::Credential issuer() {
        store::Credential row;
        row.id = cloudsign::identity::new_id("ca");
        row.owner_kind = store::CredentialOwner::issuer;
        row.status = store::CredentialStatus::enabled;
        row.description = authority_.facts().subject;
        row.created_at = now_ms_;
        certify(row, {authority_.certificate(), authority_.facts().serial_number}, row.id);
        issuer_id_ = row.id;
        return row;
    }

    Person enrol(std::uint64_t number) {
        const auto subscriber = population_.at(number);
        const auto point = passkey_point(subscriber.passkey);
        Person person;
        person.signer = {subscriber.signer_id,
                         subscriber.name,
                         subscriber.subject,
                         "vi",
                         store::SignerStatus::active,
                         now_ms_};
        auto& device = person.device;
        device.id = subscriber.device_id;
        device.owner_id = subscriber.signer_id;
        device.name = subscriber.name;
        device.session_hash = cloudsign::sha256(subscriber.session);
        device.point = point;
        device.thumbprint = hsm::protocol::thumbprint(point, cloudsign::sha256);
        device.created_at = now_ms_;
        device.last_used_at = now_ms_;
        auto& credential = person.credential;
        credential.id = subscriber.credential_id;
        credential.signer_id = subscriber.signer_id;
        credential.status = store::CredentialStatus::enabled;
        credential.version = 1;
        credential.created_at = now_ms_;
        make_key(credential, subscriber, point);
        certify(credential, authority_.issue(seven_digits(number), sealed_.spki), issuer_id_);
        return person;
    }

private:
    // What the module's generate_key and bind leave, in one step.
    void make_key(store::Credential& credential,
                  const Subscriber& subscriber,
                  const hsm::protocol::Point& point) {
        need(engine_->generate_sealed(first_epoch, KeyType::p256, sealed_), "key");
        hsm::protocol::Policy policy;
        policy.rp_id = officer_.state().rp_id;
        policy.origin = officer_.state().origin;
        policy.backup = hsm::protocol::BackupPolicy::allowed;
        policy.subject_hash = cloudsign::sha256(subscriber.subject);
        CHECK(policy.points.push_back(point));
        CHECK(policy.backup_eligible.push_back(0));
        std::array<hsm::Byte, hsm::protocol::policy_size_max> policy_buffer;
        hsm::protocol::KeyHeader header;
        header.epoch = first_epoch;
        header.key_id = cloudsign::sha256(hsm::ByteView(sealed_.spki));
        header.version = credential.version;
        header.policy = need(hsm::protocol::encode(policy, policy_buffer), "policy");
        header.spki = sealed_.spki;
        header.officer = officer_.passkey().thumbprint();
        std::array<hsm::Byte, hsm::protocol::blob_size_max> blob_buffer;
        const auto blob = need(
            firmware::keystore::seal_blob(*engine_, header, sealed_.wrapped, blob_buffer), "seal");
        credential.key_type = KeyType::p256;
        credential.key_id = header.key_id;
        credential.blob = Bytes(blob.begin(), blob.end());
    }

    void certify(store::Credential& credential,
                 IssuedCertificate issued,
                 const std::string& issuer_id) const {
        credential.certificate = std::move(issued.der);
        credential.serial_number = std::move(issued.serial_number);
        credential.issuer_id = issuer_id;
        credential.valid_from = authority_.facts().valid_from_ms;
        credential.valid_to = authority_.facts().valid_to_ms;
    }

    const Population& population_;
    const std::int64_t now_ms_;
    std::unique_ptr<board::host::softhsm::SoftHsmEngine> engine_;
    hsm::softphone::PhoneStore officer_;
    Authority authority_;
    std::string issuer_id_;
    firmware::engine::SealedKey sealed_;
};

cloudsign::Result<void> insert(store::Session& session, const std::vector<Person>& people) {
    for (const auto& person : people) {
        TRY(store::SignerTable(session).insert(person.signer));
        TRY(store::DeviceTable(session).insert(person.device));
        TRY(store::CredentialTable(session).insert(person.credential));
    }
    return {};
}

}  // namespace

BulkRate enrol_in_bulk(const BulkOrder& order) {
    using Clock = std::chrono::steady_clock;
    lock_stopped(order.data);
    const auto start = Clock::now();
    const auto cpu_start = process_cpu_us();
    auto database = need(store::Database::open(order.data / "kyso.db"), "database");
    Enroller enroller(order);
    const auto issuer = enroller.issuer();
    need(database->write([&](store::Session& session) {
        return store::CredentialTable(session).insert(issuer);
    }),
         "issuer");
    std::vector<Person> people;
    auto next_report = start + progress_every;
    for (std::uint64_t done = 0; done < order.count; done += people.size()) {
        people.clear();
        while (people.size() < std::min(batch_size, order.count - done)) {
            people.push_back(enroller.enrol(order.first + done + people.size()));
        }
        need(database->write([&](store::Session& session) { return insert(session, people); }),
             "subscribers");
        if (Clock::now() > next_report) {
            next_report += progress_every;
            const auto line = "  subscribers from " + std::to_string(order.first) + ": " +
                              std::to_string(done + people.size()) + " of " +
                              std::to_string(order.count) + "\n";
            std::fputs(line.c_str(), stderr);
        }
    }
    database.reset();  // the write-ahead log goes into the file
    const auto cpu_us = static_cast<double>(process_cpu_us() - cpu_start);
    return {std::chrono::duration<double>(Clock::now() - start).count(),
            cpu_us / static_cast<double>(order.count)};
}

}  // namespace bench
