#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace cloudsign::document {

// What others say of our PDFs: Poppler's pdfsig over NSS, qpdf, and OpenSSL's CMS over what the
// ByteRange covers.
class Judges {
public:
    // They believe `root` alone.
    explicit Judges(const Bytes& root);

    // pdfsig, for each signature of the file: whether it is valid, its certificate trusted, and
    // who.
    struct Signature {
        bool is_valid = false;
        bool is_trusted = false;
        bool covers_all = false;
        std::string signer;
        std::string type;
        std::string time;
    };
    std::vector<Signature> pdfsig(const std::string& pdf);

    // Empty when `qpdf --check` has nothing to say.
    std::string qpdf_complaint(const std::string& pdf);

    // openssl cms -verify of the last signature's /Contents; empty when it verifies.
    std::string openssl_complaint(const std::string& pdf);

    const std::filesystem::path& folder() const { return folder_.path(); }

private:
    tests::support::TemporaryFolder folder_;
};

}  // namespace cloudsign::document
