#pragma once

#include <map>
#include <set>

#include "cloudsign/clock.h"
#include "cloudsign/evidence/fetch.h"
#include "cloudsign/pki/ocsp.h"
#include "cloudsign/pki/timestamp_answer.h"
#include "tests/unit/cloudsign/document/people.h"
#include "tests/unit/cloudsign/pki/test_signer.h"

namespace cloudsign::evidence {

// Where nobody listens: judges of other makers may try, and are told at once.
inline const std::string ocsp_url = "http://127.0.0.1:1/ocsp";
inline const std::string list_url = "http://127.0.0.1:1/ca.crl";
inline const std::string tsa_url = "http://127.0.0.1:1/tsa";
inline const std::string second_tsa_url = "http://127.0.0.1:2/tsa";

inline const hsm::protocol::Algorithm test_algorithm =
    pki::default_algorithm(hsm::protocol::KeyType::p256);

// What an authority offers to everybody, as its own code makes it, with keys of a test's: asked in
// the process instead of over HTTP, each address for itself down or answering something else.
class PublicServices {
public:
    PublicServices()
        : authority({"http://127.0.0.1:1/ca.cer", ocsp_url, list_url}),
          context_(*pki::SigningContext::create()) {
        responder_ = authority.issue(responder_key_, "CN=OCSP,C=VN", 200, pki::Profile::ocsp);
        makers_.emplace(tsa_url, make_tsa(201));
        makers_.emplace(second_tsa_url, make_tsa(202));
    }

    Fetch fetch() {
        return [this](const FetchRequest& request) { return answer(request); };
    }

    const document::Authority authority;
    SystemClock clock;
    std::set<std::string> down;
    std::set<std::string> revoked;                                // serial numbers
    std::map<std::string, std::function<Bytes(Bytes)>> tampered;  // what becomes of an answer
    std::vector<std::string> asked;
    std::int64_t time_off_ms = 0;  // of the time-stamping authorities' clock

private:
    struct Tsa {
        std::unique_ptr<pki::TestKey> key;
        std::unique_ptr<pki::TimestampMaker> maker;
    };

    Tsa make_tsa(hsm::Byte serial) {
        Tsa tsa;
        tsa.key = std::make_unique<pki::TestKey>(hsm::protocol::KeyType::p256);
        const auto certificate = authority.issue(
            *tsa.key, "CN=TSA " + std::to_string(serial) + ",C=VN", serial, pki::Profile::tsa);
        tsa.maker = *pki::TimestampMaker::create(
            *context_,
            {tsa.key->spki(), test_algorithm, certificate, authority.certificate(), "2.999.1"});
        return tsa;
    }

    Result<Bytes> answer(const FetchRequest& request) {
        asked.push_back(request.url);
        if (down.contains(request.url)) {
            return Error{ErrorKind::unavailable, "it is down"};
        }
        auto made = make(request);
        const auto tamper = tampered.find(request.url);
        return made && tamper != tampered.end() ? Result<Bytes>(tamper->second(*made)) : made;
    }

    Result<Bytes> make(const FetchRequest& request) {
        if (request.url == ocsp_url) {
            return status(request.body);
        }
        if (request.url == list_url) {
            return list();
        }
        const auto found = makers_.find(request.url);
        if (found == makers_.end()) {
            return Error{ErrorKind::unavailable, "nobody is there"};
        }
        auto& tsa = found->second;
        const auto sign = [&](const Bytes&, const Bytes& attributes) {
            return Result<Bytes>(tsa.key->sign(test_algorithm, attributes));
        };
        return tsa.maker->answer(request.body, document::now_ms() + time_off_ms, sign).response;
    }

    Result<Bytes> status(const Bytes& body) {
        TRY_ASSIGN(const auto asks, pki::read_ocsp_request(body, authority.certificate()));
        pki::OcspAnswers answers;
        answers.responder = responder_;
        answers.nonce = asks.nonce;
        answers.this_update_ms = document::now_ms();
        answers.next_update_ms = document::now_ms() + 3'600'000;
        for (const auto& question : asks.questions) {
            pki::StatusAnswer one;
            one.certificate_id = question.certificate_id;
            one.status = revoked.contains(question.serial_number) ? pki::CertificateStatus::revoked
                                                                  : pki::CertificateStatus::good;
            one.revoked_at_ms = document::now_ms() - 1000;
            answers.answers.push_back(one);
        }
        pki::TestSigner signer(responder_key_, test_algorithm);
        return pki::sign_ocsp_answers(*context_, signer, answers);
    }

    Result<Bytes> list() {
        pki::RevocationListRequest request;
        request.issuer = authority.certificate();
        request.this_update_ms = document::now_ms();
        request.next_update_ms = document::now_ms() + 3'600'000;
        for (const auto& serial : revoked) {
            request.revoked.push_back(
                {serial, document::now_ms() - 1000, pki::RevocationReason::key_compromise});
        }
        pki::TestSigner signer(authority.key(), test_algorithm);
        return pki::sign_revocation_list(*context_, signer, request);
    }

    const std::unique_ptr<pki::SigningContext> context_;
    const pki::TestKey responder_key_{hsm::protocol::KeyType::p256};
    Bytes responder_;
    std::map<std::string, Tsa> makers_;
};

}  // namespace cloudsign::evidence
