#include "tests/unit/cloudsign/document/judges.h"

#include <sstream>

#include "cloudsign/hex.h"
#include "cloudsign/pki/certificate.h"

namespace cloudsign::document {
namespace {

using tests::support::run_program;
using tests::support::write_file;

std::string behind(const std::string& line, const std::string& label) {
    const auto at = line.find(label);
    return at == std::string::npos ? "" : line.substr(at + label.size());
}

}  // namespace

Judges::Judges(const Bytes& root) {
    write_file(folder() / "root.pem", pki::to_pem(root));
    const auto store = "sql:" + folder().string();
    CHECK(
        run_program(folder(), "/usr/bin/certutil", {"-N", "-d", store, "--empty-password"}).code ==
        0);
    CHECK(run_program(folder(),
                      "/usr/bin/certutil",
                      {"-A",
                       "-d",
                       store,
                       "-n",
                       "root",
                       "-t",
                       "CT,C,C",
                       "-a",
                       "-i",
                       (folder() / "root.pem").string()})
              .code == 0);
}

std::vector<Judges::Signature> Judges::pdfsig(const std::string& pdf) {
    const auto file = folder() / "judged.pdf";
    write_file(file, pdf);
    const auto said = run_program(
        folder(), "/usr/bin/pdfsig", {"-nssdir", "sql:" + folder().string(), file.string()});
    std::vector<Signature> signatures;
    std::istringstream lines(said.out);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("Signature #")) {
            signatures.emplace_back();
        }
        if (signatures.empty()) {
            continue;
        }
        auto& last = signatures.back();
        last.is_valid |= behind(line, "Signature Validation: ") == "Signature is Valid.";
        last.is_trusted |= behind(line, "Certificate Validation: ") == "Certificate is Trusted.";
        last.covers_all |= line.find("Total document signed") != std::string::npos;
        for (auto [label, value] : {std::pair{"Signer Certificate Common Name: ", &last.signer},
                                    std::pair{"Signature Type: ", &last.type},
                                    std::pair{"Signing Time: ", &last.time}}) {
            const auto text = behind(line, label);
            *value = text.empty() ? *value : text;
        }
    }
    return signatures;
}

std::string Judges::qpdf_complaint(const std::string& pdf) {
    const auto file = folder() / "checked.pdf";
    write_file(file, pdf);
    const auto said = run_program(folder(), "/usr/bin/qpdf", {"--check", file.string()});
    return said.code == 0 ? "" : said.out + said.err;
}

std::string Judges::text(const std::string& pdf) {
    const auto file = folder_.path() / "read.pdf";
    tests::support::write_file(file, pdf);
    return tests::support::run_program(
               folder_.path(), "/usr/bin/pdftotext", {"-layout", file.string(), "-"})
        .out;
}

Painted Judges::paint(const std::string& pdf) {
    const auto file = folder() / "painted.pdf";
    write_file(file, pdf);
    const auto said = run_program(
        folder(), "/usr/bin/pdftoppm", {"-r", "72", "-l", "1", "-cropbox", file.string()});
    std::istringstream in(said.out);
    std::string magic;
    int depth = 0;
    Painted painted;
    in >> magic >> painted.width >> painted.height >> depth;
    in.get();
    painted.rgb.assign(std::istreambuf_iterator<char>(in), {});
    CHECK(painted.rgb.size() ==
          static_cast<std::size_t>(painted.width) * static_cast<std::size_t>(painted.height) * 3);
    return painted;
}

std::string Judges::openssl_complaint(const std::string& pdf) {
    const auto range_at = pdf.rfind("/ByteRange [");
    CHECK(range_at != std::string::npos);
    std::istringstream range(pdf.substr(range_at + 12, 60));
    std::size_t begin = 0;
    std::size_t size = 0;
    std::size_t rest = 0;
    std::size_t rest_size = 0;
    range >> begin >> size >> rest >> rest_size;
    auto contents = pdf.substr(begin + size + 1, rest - size - 2);
    // The DER says itself where it ends: the zeros behind are room.
    const auto der = from_hex(contents);
    CHECK(der);
    write_file(folder() / "cms.der", std::string(hsm::text_of(*der)));
    write_file(folder() / "covered", pdf.substr(begin, size) + pdf.substr(rest, rest_size));
    const auto said = run_program(folder(),
                                  "/usr/bin/openssl",
                                  {"cms",
                                   "-verify",
                                   "-cades",
                                   "-binary",
                                   "-inform",
                                   "DER",
                                   "-in",
                                   (folder() / "cms.der").string(),
                                   "-content",
                                   (folder() / "covered").string(),
                                   "-CAfile",
                                   (folder() / "root.pem").string(),
                                   "-purpose",
                                   "any",
                                   "-out",
                                   "/dev/null"});
    return said.code == 0 ? "" : said.err;
}

}  // namespace cloudsign::document
