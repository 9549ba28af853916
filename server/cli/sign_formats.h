#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cloudsign/document/xades_place.h"
#include "server/cli/commands.h"
#include "server/cli/output_place.h"
#include "server/cli/pdf_level.h"
#include "server/cli/pdf_wish.h"
#include "server/cli/portal.h"

namespace server::cli {

enum class SignFormat { cades, pades, jades, xades };

// What `kyso sign` was told.
struct SignOptions {
    std::string file;
    std::string data;
    std::string url;
    std::string ca_file;
    std::string client_id;
    std::string secret_file;
    std::string credential_id;
    std::string out;
    std::optional<OutputPlace> place;  // `out`, before anybody was asked
    std::string description;
    unsigned wait_seconds = 600;
    SignFormat format = SignFormat::cades;
    PdfOptions pdf;
    cloudsign::document::XmlWish xml;
    bool is_detached = false;  // XAdES
    LevelOptions level;
    Form form = Form::text;
};

// How far it is to be raised: without a wish a PDF to B-LTA, others not.
Level target_of(const SignOptions& options);

// Prepares the file as `options` say, asks the signer, and keeps what comes of it at
// `options.place`; answers where. A file that cannot be signed so is a usage failure, before
// anybody is asked.
Outcome<std::filesystem::path> sign_file(Portal& portal,
                                         const PortalCredential& credential,
                                         const SignOptions& options);

}  // namespace server::cli
