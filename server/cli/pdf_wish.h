#pragma once

#include <CLI/CLI.hpp>

#include "cloudsign/document/pdf_signature.h"
#include "server/cli/failure.h"

namespace server::cli {

// What the command line says of a signature inside a PDF.
struct PdfOptions {
    std::string field;
    std::string reason;
    std::string location;
    bool certify = false;
    std::vector<std::string> fill;  // NAME=TEXT, of text fields
    std::string preset;
    std::string picture;
    std::vector<std::string> values;  // NAME=VALUE, of the preset
    std::vector<std::string> lines;
    std::size_t page = 1;
    std::vector<double> box;
    std::string above;
    std::size_t hit = 0;  // which of several; 0: there must be one
    std::string over;
};

void add_pdf_options(CLI::App& command, PdfOptions& options);

// What is to be signed of `pdf`, which `file` holds too. A usage failure in words.
Outcome<cloudsign::document::PdfSignature> pdf_wish(const PdfOptions& options,
                                                    const std::string& file,
                                                    hsm::ByteView pdf,
                                                    std::int64_t time_ms);

}  // namespace server::cli
