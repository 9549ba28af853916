#include "server/cli/config_check.h"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/base/status.h"
#include "hsm/client/psk.h"
#include "hsm/client/session.h"
#include "hsm/openssl/pointers.h"
#include "server/net/tls_context.h"

namespace server::cli {
namespace {

namespace openssl = hsm::openssl;
using config::Config;
using Path = std::filesystem::path;
using Findings = std::vector<Finding>;

constexpr int renew_days = 30;
constexpr std::chrono::seconds module_patience{5};

void good(Findings& findings, std::string text) {
    findings.push_back({Verdict::good, std::move(text)});
}
void doubt(Findings& findings, std::string text) {
    findings.push_back({Verdict::doubtful, std::move(text)});
}
void wrong(Findings& findings, std::string text) {
    findings.push_back({Verdict::wrong, std::move(text)});
}

// Of a file that is there.
void check_secrecy(Findings& findings, const Path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        doubt(findings, file.string() + ": others may read it; chmod 600 it");
    }
}

void check_authorities(Findings& findings, const Path& file, const std::string& key) {
    if (file.empty()) {
        return;
    }
    const openssl::BioPtr in(::BIO_new_file(file.c_str(), "r"));
    const openssl::X509Ptr one(in ? ::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)
                                  : nullptr);
    if (one == nullptr) {
        wrong(findings, key + ": " + file.string() + " cannot be read as PEM certificates");
    } else {
        good(findings, key + ": " + file.string());
    }
}

void check_tls(Findings& findings, const Config& config) {
    const auto context =
        net::TlsContext::load(config.tls_certificate.string(), config.tls_key.string());
    if (!context) {
        wrong(findings, "tls: " + context.error());
        return;
    }
    const auto name = "tls: " + config.tls_certificate.string();
    const auto faults = (*context)->faults(config.hosts());
    for (const auto& fault : faults) {
        auto words = name;
        words += ": ";
        words += fault;
        wrong(findings, std::move(words));
    }
    const auto held = (*context)->current();
    int days = 0;
    int seconds = 0;
    if (faults.empty() &&
        ::ASN1_TIME_diff(&days,
                         &seconds,
                         nullptr,
                         ::X509_get0_notAfter(::SSL_CTX_get0_certificate(held.get()))) == 1) {
        const auto left = std::to_string(days) + " days";
        days < renew_days ? doubt(findings, name + ": expires in " + left)
                          : good(findings, name + ": good for " + left);
    }
    check_secrecy(findings, config.tls_key);
}

void check_module(Findings& findings, const Config::Module& module) {
    const auto name = "module " + hsm::client::text_of(module.endpoint) + ": ";
    const auto psk = hsm::client::load_psk(module.psk);
    if (!psk) {
        wrong(findings,
              name + module.psk.string() + ": no usable pre-shared key (" +
                  std::string(hsm::base::status_name(psk.error())) + ")");
        return;
    }
    check_secrecy(findings, module.psk);
    if (psk->role != hsm::protocol::Role::server) {
        wrong(findings, name + module.psk.string() + ": is not a server's (role=server)");
        return;
    }
    // On a serial line a second visitor would push out the first.
    if (!hsm::client::is_socket(module.endpoint)) {
        good(findings, name + "pre-shared key " + psk->identity + "; the line was left alone");
        return;
    }
    const auto session =
        hsm::client::Session::connect(module.endpoint, *psk, hsm::client::after(module_patience));
    if (session) {
        good(findings, name + "takes the pre-shared key " + psk->identity);
    } else if (session.error() == hsm::Status::handshake_failed) {
        wrong(findings,
              name + "does not take the pre-shared key " + psk->identity +
                  "; its own must be the same");
    } else {
        doubt(findings,
              name + "does not answer (" + std::string(hsm::base::status_name(session.error())) +
                  "); is it started?");
    }
}

void check_provider(Findings& findings, const Config::Provider& provider) {
    const auto name = "provider " + provider.name;
    std::ifstream in(provider.secret_file);
    std::string secret;
    if (!std::getline(in, secret) || secret.empty()) {
        wrong(findings, name + ": " + provider.secret_file.string() + " holds no secret");
    } else {
        good(findings, name + ": " + provider.url);
        check_secrecy(findings, provider.secret_file);
    }
    check_authorities(findings, provider.ca, name + ".ca");
}

void check_mail(Findings& findings, const Config::Mail& mail) {
    if (mail.server.empty()) {
        return;
    }
    const auto name = "mail: " + mail.server;
    std::ifstream in(mail.password_file);
    std::string password;
    if (!mail.user.empty() && (!std::getline(in, password) || password.empty())) {
        wrong(findings, "mail: " + mail.password_file.string() + " holds no password");
    } else if (!mail.user.empty() && mail.tls == Config::Mail::Tls::none &&
               mail.server.starts_with("smtp:")) {
        doubt(findings, name + ": the password is sent without TLS");
    } else {
        good(findings, name);
    }
    check_secrecy(findings, mail.password_file);
    check_authorities(findings, mail.ca, "mail.ca");
}

void check_external_ca(Findings& findings, const Config::ExternalCa& outside) {
    check_authorities(findings, outside.authorities, "external_ca.authorities");
    check_authorities(findings, outside.certificate, "external_ca.certificate");
    check_authorities(findings, outside.ca, "external_ca.ca");
    for (const auto& secret : {outside.secret_file, outside.key}) {
        if (secret.empty()) {
            continue;
        }
        if (std::ifstream in(secret); in.peek() == std::ifstream::traits_type::eof()) {
            wrong(findings, "external_ca: " + secret.string() + " cannot be read, or is empty");
        } else {
            good(findings, "external_ca: " + secret.string());
            check_secrecy(findings, secret);
        }
    }
}

}  // namespace

std::vector<Finding> check(const Config& config) {
    Findings findings;
    good(findings, (config.data / "kyso.toml").string());
    if (::access(config.data.c_str(), W_OK) != 0) {
        wrong(findings, config.data.string() + ": cannot be written to");
    }
    check_tls(findings, config);
    for (const auto& module : config.modules) {
        check_module(findings, module);
    }
    check_authorities(findings, config.webhook_ca, "webhook.ca");
    check_authorities(findings, config.push.ca, "push.ca");
    check_mail(findings, config.mail);
    check_authorities(findings, config.timestamp.authorities, "timestamp.authorities");
    check_authorities(findings, config.verify_authorities, "verify.authorities");
    check_external_ca(findings, config.external_ca);
    for (const auto& provider : config.providers) {
        check_provider(findings, provider);
    }
    return findings;
}

}  // namespace server::cli
