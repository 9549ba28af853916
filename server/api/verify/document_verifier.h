#pragma once

#include <atomic>
#include <functional>

#include "cloudsign/clock.h"
#include "cloudsign/verify/verifier.h"

namespace server::api {

// Judges documents for portals. What it knows is of this house: its authority and those that the
// operator has named; nobody else is asked, so that no document sends this server anywhere. Blocks:
// from pool threads.
class DocumentVerifier {
public:
    struct Source {
        // Whom it believes, DER.
        std::function<std::vector<cloudsign::Bytes>()> anchors;
        // The status of our own certificates.
        cloudsign::evidence::Fetch status;
    };

    DocumentVerifier(Source source, const cloudsign::Clock& clock)
        : source_(std::move(source)), clock_(clock) {}

    // So that documents which take their time leave threads for the office.
    static constexpr unsigned at_once_max = 2;
    static constexpr std::chrono::seconds time_max{20};

    struct Question {
        hsm::ByteView document;
        hsm::ByteView signature;  // beside it; empty: the document is a PDF that has its own
        std::string name;
        std::set<std::string> of_organisation;
    };
    // `busy` while enough others are judged.
    cloudsign::Result<cloudsign::verify::Report> judge(const Question& question);

private:
    const Source source_;
    const cloudsign::Clock& clock_;
    std::atomic<unsigned> at_once_{0};
};

}  // namespace server::api
