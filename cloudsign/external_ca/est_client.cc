#include "cloudsign/external_ca/est_client.h"

#include <algorithm>

#include <openssl/err.h>

#include "cloudsign/base64.h"
#include "cloudsign/fault_text.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/certificate_bundle.h"
#include "cloudsign/push/target.h"
#include "hsm/openssl/der.h"

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

using RequestPtr = std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>>;

constexpr std::size_t reply_size_max = 256ul * 1024;
constexpr std::size_t text_size_max = 400;

// §4.2.3 demands Retry-After beside 202; whoever leaves it out is asked again by and by.
constexpr std::int64_t default_wait_s = 5l * 60;
constexpr std::int64_t wait_max_s = 10l * 365 * 24 * 3600;

constexpr std::string_view est_path = "/.well-known/est";

Error unavailable(std::string detail) {
    return {ErrorKind::unavailable, std::move(detail)};
}

bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

// In lines: RFC 8951 §3.2.1 lets receivers expect none, but those from before it, libest's among
// them, read no base64 in longer ones.
std::string base64_in_lines(const Bytes& bytes) {
    constexpr std::size_t line_size = 64;
    const auto text = base64(bytes);
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += line_size) {
        lines += text.substr(at, line_size) + "\n";
    }
    return lines;
}

// The certificates of a certs-only answer (§4.1.3, §4.2.3), in base64 with any whitespace (RFC 8951
// §3.2.1), or without base64, as some send it.
Result<std::vector<Bytes>> certificates_in(std::string_view body) {
    std::string text(body);
    std::erase_if(text, is_space);
    if (const auto der = from_base64(text)) {
        return pki::read_bundle(*der);
    }
    return pki::read_bundle(hsm::view_of(body));
}

// SubjectPublicKeyInfo, DER.
Result<Bytes> key_of_request(const Bytes& pkcs10) {
    const auto request = openssl::from_der<RequestPtr>(pkcs10, d2i_X509_REQ);
    ERR_clear_error();
    if (!request) {
        return Error{ErrorKind::invalid, "the certification request cannot be read"};
    }
    return openssl::to_der(X509_REQ_get_X509_PUBKEY(request.get()), i2d_X509_PUBKEY);
}

std::string http(unsigned status) {
    return "HTTP " + std::to_string(status);
}

// On one line.
std::string words_of(const EstReply& reply) {
    std::string text;
    for (const char character : reply.body) {
        if (!is_space(character)) {
            text += character;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    if (text.ends_with(' ')) {
        text.pop_back();
    }
    const auto shown = fault_text(text, text_size_max);
    return http(reply.status) + (shown.empty() ? ", and does not say why" : ": " + shown);
}

AskLater later(const EstReply& reply) {
    const auto wished_s = reply.retry_after_s > 0 ? reply.retry_after_s : default_wait_s;
    return {std::min(wished_s, wait_max_s) * 1000, {}};
}

// An answer to /simpleenroll that has no certificate.
Result<CaAnswer> decision(const EstReply& reply) {
    switch (reply.status) {
        case 202:
            return CaAnswer(later(reply));
        case 401:
        case 403:
            return unavailable(
                "the authority does not accept our credentials (" + http(reply.status) +
                "): compare user and secret_file, or certificate and key, in kyso.toml's "
                "[external_ca] with what it knows");
        case 404:
            return unavailable("the authority has no EST at this url (" + http(reply.status) +
                               "): compare its host and its label with what the authority says");
        // No decision, but a wish to be asked again.
        case 408:
        case 425:
        case 429:
            return unavailable("the authority wants to be asked later: " + words_of(reply));
        default:
            break;
    }
    if (reply.status >= 400 && reply.status < 500) {
        return CaAnswer(Refused{words_of(reply)});
    }
    if (reply.status >= 300 && reply.status < 400) {
        return unavailable("the authority points to another url (" + http(reply.status) +
                           "), which is not followed: have it say which, and configure that");
    }
    return unavailable("the authority does not work at the moment: " + words_of(reply));
}

// `path`: of the URL, from its first '/'.
Result<void> check_path(std::string_view path) {
    const auto label = path.starts_with(est_path) ? path.substr(est_path.size()) : "?";
    if ((!label.empty() && !label.starts_with('/')) || label.find('?') != std::string::npos) {
        return Error{ErrorKind::invalid,
                     "the url of EST must be https://HOST/.well-known/est or end in "
                     "/.well-known/est/LABEL"};
    }
    for (const auto* operation : {"/simpleenroll", "/simplereenroll", "/cacerts", "/csrattrs"}) {
        if (label.ends_with(operation)) {
            return Error{ErrorKind::invalid,
                         "the url of EST must end before " + std::string(operation)};
        }
    }
    return {};
}

EstSettings without_last_slash(EstSettings settings) {
    if (settings.url.ends_with('/')) {
        settings.url.pop_back();
    }
    return settings;
}

}  // namespace

EstClient::EstClient(EstSettings settings, EstTransport transport)
    : settings_(without_last_slash(std::move(settings))), transport_(std::move(transport)) {}

Result<void> EstClient::check_settings() const {
    constexpr std::string_view scheme = "https://";
    if (const auto target = push::read_target(settings_.url, push::Scheme::https); !target) {
        return Error{ErrorKind::invalid, "the url of EST " + target.error().detail};
    }
    const auto path = std::min(settings_.url.find('/', scheme.size()), settings_.url.size());
    TRY(check_path(std::string_view(settings_.url).substr(path)));
    if (settings_.user.empty() != (settings_.secret.size() == 0)) {
        return Error{ErrorKind::invalid, "EST needs both a user and a secret, or neither"};
    }
    if (settings_.user.find(':') != std::string::npos) {
        return Error{ErrorKind::invalid, "a user of EST has no colon (RFC 7617)"};
    }
    return {};
}

EstCall EstClient::call_of(const char* operation) const {
    EstCall call;
    call.url = settings_.url + operation;
    call.reply_max = reply_size_max;
    call.deadline = settings_.deadline;
    if (!settings_.user.empty()) {
        auto credentials = bytes_of(hsm::view_of(settings_.user + ":"));
        const auto secret = settings_.secret.reveal();
        credentials.insert(credentials.end(), secret.begin(), secret.end());
        call.authorization = "Basic " + base64(credentials);
    }
    return call;
}

Result<EstReply> EstClient::ask(const EstCall& call) const {
    auto reply = transport_(call);
    if (!reply) {
        return unavailable("the authority cannot be asked: " +
                           fault_text(reply.error().detail, text_size_max));
    }
    if (reply->body.size() > reply_size_max) {
        return unavailable("the authority's answer is too long");
    }
    return reply;
}

// Whatever goes wrong: there may be no need for these, and the check says what is missing.
std::vector<Bytes> EstClient::ca_certificates() const {
    constexpr unsigned ok = 200;
    const auto reply = ask(call_of("/cacerts"));
    if (!reply || reply->status != ok) {
        return {};
    }
    auto certificates = certificates_in(reply->body);
    return certificates ? *std::move(certificates) : std::vector<Bytes>{};
}

Result<Issued> EstClient::issued_in(const std::string& body, const Bytes& spki) const {
    auto certificates = certificates_in(body);
    if (!certificates) {
        return unavailable(
            "the authority's answer is no certificate (PKCS #7 in base64, RFC 7030 §4.2.3): look "
            "whether this url is EST's");
    }
    const auto found = std::ranges::find_if(*certificates, [&](const Bytes& certificate) {
        const auto facts = pki::read_certificate(certificate);
        return facts && facts->spki == spki;
    });
    if (found == certificates->end()) {
        return Error{ErrorKind::conflict,
                     "the authority's certificate is for another key than was asked for"};
    }
    Issued issued;
    issued.certificate = std::move(*found);
    certificates->erase(found);
    issued.others = certificates->empty() ? ca_certificates() : *std::move(certificates);
    return issued;
}

Result<CaAnswer> EstClient::request(const CertificateQuestion& question, const Check& check) {
    constexpr unsigned ok = 200;
    TRY(check_settings());
    TRY_ASSIGN(const auto spki, key_of_request(question.pkcs10));
    auto call = call_of("/simpleenroll");
    call.content_type = "application/pkcs10";
    call.body = base64_in_lines(question.pkcs10);
    TRY_ASSIGN(const auto reply, ask(call));
    if (reply.status != ok) {
        return decision(reply);
    }
    TRY_ASSIGN(auto issued, issued_in(reply.body, spki));
    TRY(check(issued));
    return CaAnswer(std::move(issued));
}

Result<void> EstClient::revoke(const Bytes& certificate, pki::RevocationReason /*reason*/) {
    const auto facts = pki::read_certificate(certificate);
    if (!facts) {
        return Error{ErrorKind::invalid, "the certificate to revoke cannot be read"};
    }
    return Error{
        ErrorKind::conflict,
        "EST has no way to revoke: tell the authority by its own way, then kyso credential "
        "revocations --told " +
            facts->serial_number};
}

}  // namespace cloudsign::external_ca
