#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace cloudsign::document {

// What Poppler paints, 72 dots an inch: a pixel a point, the first row on top.
struct Painted {
    int width = 0;
    int height = 0;
    std::string rgb;

    // Of the pixels in [x0, x1) × [y0, y1), y upwards, those that `is` says so of.
    template <class Is>
    int count(int x0, int y0, int x1, int y1, const Is& is) const {
        int found = 0;
        for (int y = y0; y < y1; ++y) {
            for (int x = x0; x < x1; ++x) {
                const auto at = 3 * static_cast<std::size_t>((height - 1 - y) * width + x);
                found += is(static_cast<unsigned char>(rgb[at]),
                            static_cast<unsigned char>(rgb[at + 1]),
                            static_cast<unsigned char>(rgb[at + 2]));
            }
        }
        return found;
    }
};

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

    // What pdftotext reads on its pages.
    std::string text(const std::string& pdf);

    // The first page, by pdftoppm.
    Painted paint(const std::string& pdf);

    const std::filesystem::path& folder() const { return folder_.path(); }

private:
    tests::support::TemporaryFolder folder_;
};

}  // namespace cloudsign::document
