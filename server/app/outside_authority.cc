#include "server/app/outside_authority.h"

#include <fstream>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "cloudsign/external_ca/cmp_client.h"
#include "cloudsign/external_ca/est_client.h"
#include "cloudsign/pki/chain.h"
#include "hsm/openssl/der.h"
#include "server/app/part_settings.h"
#include "server/push/authority_fetch.h"
#include "server/push/est_transport.h"

namespace server::app {
namespace {

namespace external_ca = cloudsign::external_ca;
namespace openssl = hsm::openssl;

using Settings = config::Config::ExternalCa;
using Protection = std::variant<external_ca::CmpSecret, external_ca::CmpSignature>;
using Failure = std::string;

template <std::size_t capacity>
hsm::Result<void, Failure> read_secret(const std::filesystem::path& file,
                                       hsm::Secret<capacity>& secret) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line) || line.empty()) {
        return file.string() + ": holds no secret for the authority outside";
    }
    const bool fits = secret.assign(hsm::view_of(line));
    hsm::zeroize({reinterpret_cast<hsm::Byte*>(line.data()), line.size()});
    if (!fits) {
        return file.string() + ": a secret for the authority outside has at most " +
               std::to_string(capacity) + " bytes";
    }
    return {};
}

hsm::Result<external_ca::CmpSignature, Failure> read_signature(const Settings& settings) {
    external_ca::CmpSignature signature;
    const auto pem = text_of_file(settings.certificate);
    auto chain = cloudsign::pki::certificates_of_pem(pem.value_or(""));
    if (chain.empty()) {
        return settings.certificate.string() + ": holds no certificate in PEM";
    }
    signature.certificate = std::move(chain.front());
    signature.intermediates.assign(std::make_move_iterator(chain.begin() + 1),
                                   std::make_move_iterator(chain.end()));
    const openssl::BioPtr in(BIO_new_file(settings.key.c_str(), "r"));
    // Without a callback OpenSSL would ask the terminal for a password.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    signature.key.reset(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr)
                           : nullptr);
    const auto certificate = openssl::read_x509(signature.certificate);
    const bool fits = signature.key && certificate &&
                      X509_check_private_key(certificate.get(), signature.key.get()) == 1;
    ERR_clear_error();
    if (!signature.key) {
        return settings.key.string() + ": holds no private key in PEM without a password";
    }
    if (!fits) {
        return settings.key.string() + ": is not the key of " + settings.certificate.string();
    }
    return signature;
}

external_ca::CmpAsking asking_of(Settings::Asking asking) {
    switch (asking) {
        case Settings::Asking::p10cr:
            break;
        case Settings::Asking::ir:
            return external_ca::CmpAsking::ir;
        case Settings::Asking::cr:
            return external_ca::CmpAsking::cr;
    }
    return external_ca::CmpAsking::p10cr;
}

hsm::Result<Protection, Failure> read_protection(const Settings& settings) {
    if (!settings.secret_file.empty()) {
        external_ca::CmpSecret secret;
        secret.reference = settings.user;
        TRY(read_secret(settings.secret_file, secret.secret));
        return Protection(std::move(secret));
    }
    TRY_ASSIGN(auto signature, read_signature(settings));
    return Protection(std::move(signature));
}

}  // namespace

hsm::Result<std::unique_ptr<OutsideAuthority>, std::string> OutsideAuthority::open(
    const Settings& settings, const std::vector<cloudsign::Bytes>& anchors) {
    if (settings.protocol == Settings::Protocol::by_hand) {
        return std::unique_ptr<OutsideAuthority>();
    }
    std::unique_ptr<OutsideAuthority> outside(new OutsideAuthority);
    TRY(settings.protocol == Settings::Protocol::cmp ? outside->open_cmp(settings, anchors)
                                                     : outside->open_est(settings));
    return outside;
}

hsm::Result<void, std::string> OutsideAuthority::open_cmp(
    const Settings& settings, const std::vector<cloudsign::Bytes>& anchors) {
    TRY_ASSIGN(auto protection, read_protection(settings));
    external_ca::CmpSettings cmp;
    cmp.url = settings.url;
    cmp.protection = std::move(protection);
    cmp.anchors = anchors;
    cmp.recipient = settings.recipient;
    cmp.asking = asking_of(settings.request);
    external_ca::Waiting waiting;
    waiting.wait = [this](std::chrono::milliseconds time) { wait(time); };
    auto client = std::make_unique<external_ca::CmpClient>(
        std::move(cmp), push::authority_fetch(http_, settings.ca.string()), std::move(waiting));
    if (const auto checked = client->check_settings(); !checked) {
        return "[external_ca]: " + checked.error().detail;
    }
    connector_ = std::move(client);
    return {};
}

hsm::Result<void, std::string> OutsideAuthority::open_est(const Settings& settings) {
    external_ca::EstSettings est;
    est.url = settings.url;
    est.user = settings.user;
    if (!settings.secret_file.empty()) {
        TRY(read_secret(settings.secret_file, est.secret));
    }
    if (!settings.key.empty()) {
        TRY(read_signature(settings));  // so that what is wrong with it is said at the start
    }
    auto client = std::make_unique<external_ca::EstClient>(
        std::move(est),
        push::est_transport(
            http_, {settings.ca.string(), settings.certificate.string(), settings.key.string()}));
    if (const auto checked = client->check_settings(); !checked) {
        return "[external_ca]: " + checked.error().detail;
    }
    connector_ = std::move(client);
    return {};
}

void OutsideAuthority::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    stopping_changed_.wait_for(lock, time, [&] { return stopping_; });
}

void OutsideAuthority::stop() {
    http_.stop();
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stopping_changed_.notify_all();
}

}  // namespace server::app
