#pragma once

#include <algorithm>

#include <gtest/gtest.h>

#include "cloudsign/document/pdf_signatures.h"
#include "cloudsign/evidence/pdf_extender.h"
#include "tests/unit/cloudsign/document/judges.h"
#include "tests/unit/cloudsign/evidence/public_services.h"

namespace cloudsign::evidence {

// An authority with its services, two people of it, and judges of other makers.
struct Site {
    PublicServices services;
    document::Person an{services.authority, "Nguyễn Văn A", 2};
    document::Person binh{services.authority, "Trần Thị Bình", 3};
    document::Judges judges{services.authority.certificate()};

    PdfExtender extender() {
        const auto timestamper =
            std::make_shared<Timestamper>(std::vector{tsa_url, second_tsa_url},
                                          std::vector<Bytes>{services.authority.certificate()},
                                          services.fetch(),
                                          services.clock);
        return {[timestamper](auto digest, const Bytes& hash) {
                    return timestamper->stamp(digest, hash);
                },
                services.fetch(),
                {services.authority.certificate()},
                services.clock};
    }

    // `pdf` is what came of it.
    Raised raise(std::string& pdf, Level target) {
        return extender().raise(hsm::view_of(pdf), target, keep_in(pdf));
    }
    Raised renew(std::string& pdf) { return extender().renew(hsm::view_of(pdf), keep_in(pdf)); }
    Level level(const std::string& pdf) { return extender().look(hsm::view_of(pdf)).level; }

    static PdfExtender::Keep keep_in(std::string& pdf) {
        return [&pdf](const PdfChange& change) -> Result<hsm::ByteView> {
            std::string whole;
            for (const auto part : change.applied_to(hsm::view_of(pdf))) {
                whole += part;
            }
            pdf = std::move(whole);
            return hsm::view_of(pdf);
        };
    }
};

inline Site& site() {
    static Site made;
    return made;
}

// Puts everything in order again, whatever a test has broken.
class WithSite : public testing::Test {
protected:
    ~WithSite() override {
        auto& services = site().services;
        services.down.clear();
        services.revoked.clear();
        services.tampered.clear();
        services.asked.clear();
        services.time_off_ms = 0;
    }

    PublicServices& services_ = site().services;
    document::Judges& judges_ = site().judges;
};

}  // namespace cloudsign::evidence
